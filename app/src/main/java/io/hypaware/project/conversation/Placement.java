package io.hypaware.project.conversation;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/// Where a call belongs: the conversation it extends or begins, and which of its messages are known there.
///
/// @param branch the history it was aligned with; empty if it begins a conversation
/// @param replaces whether it extends that history, rather than leaving it at an earlier point
public record Placement(Optional<Known> branch, Alignment alignment, boolean replaces) {

    /// A history that the call may belong to.
    ///
    /// @param id of the stored branch
    public record Known(long id, String conversation, History.Stored stored) {

        /// @param history as [History#toBytes] wrote it
        public Known(long id, String conversation, byte[] history) {
            this(id, conversation, History.Stored.of(history));
        }

        History history() {
            return stored.history();
        }
    }

    /// What the call says, as far as placing it needs.
    ///
    /// @param oneSpeaker whether the branches are of one speaker, who makes one call after the other
    /// @param agent who speaks, as the wire names one; the branches are of that one then
    /// @param setup fingerprint of tools and system text, which tells who speaks where the wire does not
    /// @param retry whether the client says that it sends the request again
    /// @param summary whether the first message says that it stands for an earlier history
    /// @param replaced whether the wire says that the history was replaced by a shorter one
    public record Request(
            List<MessagePrint> messages,
            boolean oneSpeaker,
            Optional<String> agent,
            long startedMicros,
            String setup,
            boolean retry,
            boolean summary,
            boolean replaced) {

        public Request {
            messages = List.copyOf(messages);
        }

        /// The same where the branches are of other sessions.
        Request amongOthers() {
            return new Request(messages, false, agent, startedMicros, setup, retry, summary, replaced);
        }

        /// Whether a history may be of the same speaker. One that the wire names may change its tools.
        private boolean isOf(History history) {
            return agent.isPresent() || history.setup().equals(setup);
        }
    }

    /// Finds the history that a call extends, among those known of its session, or of anyone if it names none.
    public static Placement of(Request call, List<Known> branches) {
        if (call.messages().isEmpty() && !branches.isEmpty()) {
            // Its request could not be read: the answer belongs to what its session was last at.
            return new Placement(Optional.of(branches.getFirst()), new Alignment(new int[0], new boolean[0]), false);
        }
        HistoryKeys.Request keys = new HistoryKeys.Request(call.messages());
        List<Candidate> candidates = new ArrayList<>();
        for (int i = 0; i < branches.size(); i++) {
            Known branch = branches.get(i);
            candidates.add(new Candidate(i, branch, keys.bound(branch.stored().keys())));
        }
        Optional<Known> repeated = candidates.stream()
                .filter(c -> c.bound().known() == call.messages().size())
                .map(Candidate::branch)
                .filter(b -> isRepeated(call, b))
                .findFirst();
        if (repeated.isPresent()) {
            return new Placement(repeated, Alignment.repeated(call.messages().size()), true);
        }
        Optional<Placement> extended = bestExtended(call, candidates);
        // A history that was replaced may have lost its answers: what else it kept tells where it comes from.
        if (extended.isPresent()
                && !(call.replaced() && extended.get().alignment().knownAnswers(call.messages()) == 0)) {
            return extended.get();
        }
        Alignment allNew = Alignment.of(new History(List.of(), 0, true, 0, "", 0), call.messages());
        Optional<Known> replaced = call.replaced() ? mostKnown(candidates) : Optional.empty();
        if (replaced.isPresent()) {
            Alignment kept = Alignment.ofReplaced(replaced.get().history(), call.messages());
            return new Placement(replaced, kept, true);
        }
        if (!call.summary()) {
            return new Placement(Optional.empty(), allNew, false);
        }
        return branches.stream()
                .map(branch -> afterSummary(call, branch))
                .flatMap(Optional::stream)
                .findFirst()
                .orElseGet(() -> new Placement(
                        branches.stream().filter(b -> call.isOf(b.history())).findFirst(), allNew, false));
    }

    /// A branch, its order among the branches, and the most that it can know of the call.
    private record Candidate(int order, Known branch, HistoryKeys.Bound bound) {}

    /// The branch that knows the most answers, then the most messages, then that ends there, then the
    /// last used. Branches are read in the order of what they can know at most, until none can be
    /// better.
    private static Optional<Placement> bestExtended(Request call, List<Candidate> candidates) {
        Comparator<HistoryKeys.Bound> order =
                Comparator.comparingInt(HistoryKeys.Bound::answers).thenComparingInt(HistoryKeys.Bound::known);
        List<Candidate> hopeful = candidates.stream()
                .filter(c -> c.bound().known() > 0)
                .sorted(Comparator.comparing(Candidate::bound, order.reversed()).thenComparingInt(Candidate::order))
                .toList();
        Optional<Placement> best = Optional.empty();
        HistoryKeys.Bound found = new HistoryKeys.Bound(-1, -1);
        int bestOrder = -1;
        for (Candidate candidate : hopeful) {
            int atMost = order.compare(candidate.bound(), found);
            if (atMost < 0) {
                break;
            }
            if (atMost == 0
                    && candidate.order() > bestOrder
                    && best.filter(Placement::replaces).isPresent()) {
                continue;
            }
            Optional<Placement> placement = extending(call, candidate.branch());
            if (placement.isEmpty()) {
                continue;
            }
            Alignment alignment = placement.get().alignment();
            HistoryKeys.Bound knows = new HistoryKeys.Bound(
                    Math.toIntExact(alignment.knownAnswers(call.messages())), Math.toIntExact(alignment.known()));
            int better = order.compare(knows, found);
            if (better == 0) {
                // Of two that know as much, the one that ends where the call goes on.
                better = Boolean.compare(
                        placement.get().replaces(),
                        best.filter(Placement::replaces).isPresent());
            }
            if (better > 0 || (better == 0 && candidate.order() < bestOrder)) {
                best = placement;
                found = knows;
                bestOrder = candidate.order();
            }
        }
        return best;
    }

    /// The branch that may know the most of a call whose history was replaced; the call that asked for the summary may
    /// have had other tools.
    private static Optional<Known> mostKnown(List<Candidate> candidates) {
        return candidates.stream()
                .filter(c -> c.bound().known() > 0)
                .max(Comparator.<Candidate>comparingInt(c -> c.bound().known())
                        .thenComparing(Comparator.comparingInt(Candidate::order).reversed()))
                .map(Candidate::branch);
    }

    /// A history that begins with a summary goes on with the last answer before it, where the client kept that.
    /// It is in the branch that was summarised, not in the one of the call that asked for the summary.
    private static Optional<Placement> afterSummary(Request call, Known branch) {
        int tip = branch.history().tip();
        boolean kept = call.messages().size() > 1
                && tip >= 0
                && call.messages().get(1).isAssistant()
                && call.messages()
                        .get(1)
                        .sameInPlace(branch.history().entries().get(tip).print());
        return kept
                ? Optional.of(new Placement(
                        Optional.of(branch), Alignment.onlyKnown(call.messages().size(), 1, tip), false))
                : Optional.empty();
    }

    private static Optional<Placement> extending(Request call, Known branch) {
        // Of one speaker it is an attempt of before; of several, another may just ask the same.
        boolean isEarlier =
                call.oneSpeaker() && call.startedMicros() < branch.history().endedMicros();
        Alignment alignment = isEarlier
                ? Alignment.ofEarlier(branch.history(), call.messages())
                : Alignment.of(branch.history(), call.messages());
        boolean knowsAnswer = alignment.knownAnswers(call.messages()) > 0;
        // A call that failed, or was answered with nothing to see, has no answer to be known by; what it asked is.
        boolean goesOnAfterFailure = !branch.history().endsWithAnswer()
                && call.isOf(branch.history())
                && alignment.known() > 0
                && alignment.known() >= branch.history().saidInRequest();
        // The first message with more in it, as when a client asks for a summary after one turn.
        boolean saysMore = call.isOf(branch.history())
                && alignment.known() == call.messages().size()
                && call.messages().size() == branch.history().requestSize();
        // All of it has names that are known, as when a client prepares a connection for what comes.
        boolean isNamed = alignment.isKnownByNames(branch.history(), call.messages());
        if (!knowsAnswer && !goesOnAfterFailure && !saysMore && !isNamed) {
            return Optional.empty();
        }
        return Optional.of(new Placement(Optional.of(branch), alignment, holdsTip(branch.history(), alignment)));
    }

    /// Whether the request is the one before, sent again: nothing in it is new, only its answer will be.
    private static boolean isRepeated(Request call, Known branch) {
        int size = call.messages().size();
        if (size == 0 || size != branch.stored().keys().requestSize()) {
            return false;
        }
        History history = branch.history();
        if (!call.isOf(history)) {
            return false;
        }
        for (int i = 0; i < size; i++) {
            if (!history.entries().get(i).print().equals(call.messages().get(i))) {
                return false;
            }
        }
        if (!history.answered() || call.retry()) {
            return true;
        }
        // Answered and asked again: of one speaker it is the same turn; of several, another may just ask the same.
        return call.oneSpeaker() && call.startedMicros() >= history.endedMicros();
    }

    /// Whether the newest known answer is among the matches; if not, the call leaves the history at an earlier point.
    private static boolean holdsTip(History history, Alignment alignment) {
        for (int i = history.entries().size() - 1; i >= 0; i--) {
            if (history.entries().get(i).print().isAssistant()) {
                for (int match : alignment.matches()) {
                    if (match == i) {
                        return true;
                    }
                }
                return false;
            }
        }
        return true;
    }
}
