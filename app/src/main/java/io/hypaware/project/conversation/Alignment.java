package io.hypaware.project.conversation;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// Which messages of a request are known already: for each, its place in the known history, or [#NEW].
///
/// The order of evidence: a common prefix; then runs that stand in both histories once. What stands after the last
/// assistant message was said just now, however often it was said before, unless the whole request is sent again.
///
/// @param matches by message of the request, the entry it is, or [#NEW]
/// @param ambiguous new messages that look like a known one, but not beyond doubt
public record Alignment(int[] matches, boolean[] ambiguous) {

    public static final int NEW = -1;

    /// Nothing is known but one message.
    static Alignment onlyKnown(int size, int message, int place) {
        int[] matches = new int[size];
        Arrays.fill(matches, NEW);
        matches[message] = place;
        return new Alignment(matches, new boolean[size]);
    }

    /// Every message is known: the request is one that was sent before.
    static Alignment repeated(int size) {
        int[] matches = new int[size];
        Arrays.setAll(matches, i -> i);
        return new Alignment(matches, new boolean[size]);
    }

    static Alignment of(History known, List<MessagePrint> request) {
        return new Aligner(known, request).align();
    }

    /// The alignment of a request that was sent before the last answer of the history had ended: it is an attempt of
    /// before, and what it said last may have been said again already.
    static Alignment ofEarlier(History known, List<MessagePrint> request) {
        return new Aligner(known, request).alignEarlier();
    }

    /// The alignment of a request whose history was replaced: what the client keeps of it stands where it stood, though
    /// no answer may be among it. The last message was said just now all the same.
    static Alignment ofReplaced(History known, List<MessagePrint> request) {
        return new Aligner(known, request).alignReplaced();
    }

    /// How many messages of a request stand before what was said just now, which is all after its last answer.
    public static int settled(List<MessagePrint> request) {
        int last = request.size() - 1;
        while (last >= 0 && !request.get(last).isAssistant()) {
            last--;
        }
        return last + 1;
    }

    boolean isNew(int message) {
        return matches[message] == NEW;
    }

    long known() {
        return Arrays.stream(matches).filter(m -> m != NEW).count();
    }

    /// Whether every message is known, and by its name.
    boolean isKnownByNames(History history, List<MessagePrint> request) {
        for (int i = 0; i < matches.length; i++) {
            if (matches[i] == NEW || !history.entries().get(matches[i]).print().sameById(request.get(i))) {
                return false;
            }
        }
        return matches.length > 0;
    }

    /// How many of the known messages are answers, which bind a request to its conversation more than anything else.
    long knownAnswers(List<MessagePrint> request) {
        long count = 0;
        for (int i = 0; i < matches.length; i++) {
            if (matches[i] != NEW && request.get(i).isAssistant()) {
                count++;
            }
        }
        return count;
    }

    /// The work of one alignment.
    private static final class Aligner {

        private final List<MessagePrint> known;
        private final History history;
        private final List<MessagePrint> request;
        private final int[] matches;
        private final boolean[] ambiguous;

        /// Places of the known history that a message was matched with.
        private final boolean[] taken;

        /// How often each stands in the known history, and in the settled part of the request.
        private final Map<MessagePrint, Integer> knownTimes = new HashMap<>();

        private final Map<MessagePrint, Integer> sentTimes = new HashMap<>();

        /// Messages before this one may be matched by content; the others were said just now.
        private final int settled;

        Aligner(History history, List<MessagePrint> request) {
            this.history = history;
            this.known = history.entries().stream().map(History.Entry::print).toList();
            this.request = request;
            this.matches = new int[request.size()];
            this.ambiguous = new boolean[request.size()];
            Arrays.fill(matches, NEW);
            this.settled = settled(request);
            this.taken = new boolean[known.size()];
            known.forEach(print -> knownTimes.merge(print, 1, Integer::sum));
            request.subList(0, settled).forEach(print -> sentTimes.merge(print, 1, Integer::sum));
        }

        Alignment alignReplaced() {
            matchIds();
            matchPrefix(Math.max(settled, request.size() - 1));
            return align();
        }

        Alignment alignEarlier() {
            // Who has no answer to be known by may be another one, who asks the same.
            return settled == 0 ? align() : align(request.size());
        }

        Alignment align() {
            return align(history.endsWithAnswer() ? settled : request.size());
        }

        private Alignment align(int mostPrefix) {
            matchIds();
            int prefix = matchPrefix(mostPrefix);
            int suffix = matchSuffix(prefix);
            matchUniqueRuns(prefix, known.size() - suffix, settled - suffix);
            matchGaps();
            matchNotesAdded(prefix);
            matchCallsSaidJustNow();
            markAmbiguous();
            return new Alignment(matches, ambiguous);
        }

        /// What has the same name and says the same, wherever it stands.
        private void matchIds() {
            Map<String, Integer> places = new HashMap<>();
            for (int place = 0; place < known.size(); place++) {
                if (!known.get(place).id().isEmpty()) {
                    places.put(known.get(place).id(), place);
                }
            }
            for (int i = 0; !places.isEmpty() && i < request.size(); i++) {
                Integer place = places.get(request.get(i).id());
                if (place != null
                        && !taken[place]
                        && matches[i] == NEW
                        && known.get(place).sameById(request.get(i))) {
                    match(i, place);
                }
            }
        }

        private int matchPrefix(int limit) {
            int i = 0;
            int place = 0;
            while (i < limit && place < known.size()) {
                if (mayStandAt(i, place) && known.get(place).sameInPlace(request.get(i))) {
                    match(i, place);
                    i++;
                } else if (!known.get(place).blocks().isEmpty()) {
                    break;
                }
                // Else an answer of thoughts alone, which the client has left out.
                place++;
            }
            return i;
        }

        /// Whether a message may be the one that stood at a place: neither is known to be another one.
        private boolean mayStandAt(int message, int place) {
            return matches[message] == place || (matches[message] == NEW && !taken[place]);
        }

        /// The end of the settled part against the end of the known history, if that run cannot be mistaken.
        private int matchSuffix(int prefix) {
            int length = 0;
            boolean certain = false;
            while (settled - length > prefix && known.size() - length > prefix) {
                MessagePrint old = known.get(known.size() - 1 - length);
                MessagePrint sent = request.get(settled - 1 - length);
                int at = settled - 1 - length;
                int place = known.size() - 1 - length;
                boolean free = matches[at] == place || (matches[at] == NEW && !taken[place]);
                if (!free || !old.sameInPlace(sent)) {
                    break;
                }
                certain |= isUnique(old) && (prefix > 0 || old.isDistinctive());
                length++;
            }
            if (!certain && length < 2) {
                return 0;
            }
            for (int i = 1; i <= length; i++) {
                match(settled - i, known.size() - i);
            }
            return length;
        }

        /// Messages that stand once on either side, in the same order, and their neighbours.
        private void matchUniqueRuns(int from, int knownEnd, int requestEnd) {
            Map<MessagePrint, Integer> places = new HashMap<>();
            for (int i = from; i < knownEnd; i++) {
                places.put(known.get(i), i);
            }
            List<int[]> anchors = new ArrayList<>();
            for (int i = from; i < requestEnd; i++) {
                Integer place = places.get(request.get(i));
                if (place != null && isUnique(request.get(i))) {
                    anchors.add(new int[] {i, place});
                }
            }
            List<int[]> ordered = longestIncreasing(anchors);
            if (from == 0
                    && ordered.size() == 1
                    && !request.get(ordered.getFirst()[0]).isDistinctive()) {
                return;
            }
            for (int[] anchor : ordered) {
                extend(anchor[0], anchor[1], from, knownEnd, requestEnd);
            }
        }

        private void extend(int at, int place, int from, int knownEnd, int requestEnd) {
            if (matches[at] != NEW || taken[place]) {
                return;
            }
            match(at, place);
            for (int i = 1; at - i >= from && place - i >= from && isFree(at - i, place - i); i++) {
                match(at - i, place - i);
            }
            for (int i = 1; at + i < requestEnd && place + i < knownEnd && isFree(at + i, place + i); i++) {
                match(at + i, place + i);
            }
        }

        private boolean isFree(int at, int place) {
            return matches[at] == NEW && !taken[place] && known.get(place).equals(request.get(at));
        }

        /// Between two known messages: those that stand in the same order and are one another with blocks added or
        /// with the same calls, as when a client puts a note into a turn, or takes it out.
        private void matchGaps() {
            for (int i = 1; i < settled; i++) {
                matchBeside(i, i - 1);
            }
            // A note may have been put before its turn.
            for (int i = settled - 2; i >= 0; i--) {
                matchBeside(i, i + 1);
            }
        }

        /// A message with the place that is beside that of its neighbour, if the neighbour is known.
        private void matchBeside(int message, int neighbour) {
            int place = matches[neighbour] + message - neighbour;
            if (matches[message] == NEW
                    && matches[neighbour] != NEW
                    && place >= 0
                    && place < known.size()
                    && !taken[place]
                    && known.get(place).sameInPlace(request.get(message))) {
                match(message, place);
            }
        }

        /// A client that asks for a summary leaves out the last answer and puts what it asks into the message
        /// before it: where all before is known, the known message with more in it is that message. The same
        /// without more may be somebody who went back and says it again.
        private void matchNotesAdded(int prefix) {
            if (prefix < settled) {
                return;
            }
            boolean grown = false;
            for (int i = settled; i < request.size(); i++) {
                if (i >= known.size() || !request.get(i).contains(known.get(i))) {
                    return;
                }
                grown |= !request.get(i).equals(known.get(i));
            }
            for (int i = settled; grown && i < request.size(); i++) {
                if (mayStandAt(i, i)) {
                    match(i, i);
                }
            }
        }

        /// A tool's result is the same one wherever it stands, unless it was said just now: then a client may have sent
        /// it before, or a provider may have given out the call's id again.
        private void matchCallsSaidJustNow() {
            Set<String> sought = new HashSet<>();
            for (int i = 0; i < request.size(); i++) {
                if (matches[i] == NEW) {
                    sought.addAll(request.get(i).callsOfRole());
                }
            }
            if (sought.isEmpty()) {
                return;
            }
            Map<String, List<Integer>> places = new HashMap<>();
            for (int place = 0; place < known.size(); place++) {
                for (String call : known.get(place).callsOfRole()) {
                    if (sought.contains(call)) {
                        places.computeIfAbsent(call, _ -> new ArrayList<>()).add(place);
                    }
                }
            }
            for (int i = 0; i < request.size(); i++) {
                MessagePrint message = request.get(i);
                for (String call : message.calls()) {
                    for (int place : places.getOrDefault(message.role() + " " + call, List.of())) {
                        boolean same = i < settled || (!taken[place] && message.saysSameOf(call, known.get(place)));
                        if (matches[i] == NEW && same) {
                            match(i, place);
                        }
                    }
                }
            }
        }

        private void markAmbiguous() {
            for (int i = 0; i < settled; i++) {
                ambiguous[i] = matches[i] == NEW && knownTimes.containsKey(request.get(i));
            }
        }

        private boolean isUnique(MessagePrint print) {
            return knownTimes.getOrDefault(print, 0) <= 1 && sentTimes.getOrDefault(print, 0) <= 1;
        }

        private void match(int message, int place) {
            matches[message] = place;
            taken[place] = true;
        }

        /// The longest subsequence whose places rise (quadratic; there are as many as messages that differ).
        private static List<int[]> longestIncreasing(List<int[]> anchors) {
            int[] length = new int[anchors.size()];
            int[] previous = new int[anchors.size()];
            int best = -1;
            for (int i = 0; i < anchors.size(); i++) {
                length[i] = 1;
                previous[i] = -1;
                for (int j = 0; j < i; j++) {
                    if (anchors.get(j)[1] < anchors.get(i)[1] && length[j] + 1 > length[i]) {
                        length[i] = length[j] + 1;
                        previous[i] = j;
                    }
                }
                best = best < 0 || length[i] > length[best] ? i : best;
            }
            List<int[]> ordered = new ArrayList<>();
            for (int i = best; i >= 0; i = previous[i]) {
                ordered.add(anchors.get(i));
            }
            return ordered.reversed();
        }
    }
}
