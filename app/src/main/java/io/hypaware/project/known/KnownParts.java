package io.hypaware.project.known;

import io.hypaware.home.Recent;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;

/// The parts of some sessions that have rows, each of which one message takes for itself. Of the thread that projects.
///
/// A part is the same where a name says so: the client's of a line, the provider's of an answer, a call's id. A text is
/// the same where it says the same in the same place, which is the answer that it stands after.
public final class KnownParts {

    /// One of a session's agents of which it is not told which one.
    public static final String SOME_AGENT = "*";

    /// Where parts are asked for that may be known.
    ///
    /// @param agent who speaks; empty for the session itself, or [#SOME_AGENT]
    public record Speaker(String session, String agent) {}

    /// What is looked for.
    ///
    /// @param response the provider's id of its answer; empty if it is of none, or that is not known
    /// @param after the last message of the assistant before it; empty at the beginning
    /// @param atMicros when it was said, or sent
    public record Wanted(Speaker speaker, String key, String response, String after, long atMicros) {}

    private record Place(Speaker speaker, String key) {}

    /// FNV-1a, http://www.isthe.com/chongo/tech/comp/fnv/
    private static final long FNV_BASIS = 0xcbf29ce484222325L;

    private static final long FNV_PRIME = 0x100000001b3L;

    /// A session may have any number of parts, and who reads goes on at its end.
    private static final int MOST_NAMED = 50_000;

    /// A call says a message within this time of when it was written down.
    private static final long AT_ONCE_MICROS = 60_000_000;

    /// Those that may be taken, each until it is.
    private final Map<Place, List<KnownPart>> free = new HashMap<>();

    /// The last ones; of others it is known only that they were told.
    private final Map<String, List<KnownPart>> byUuid = new LinkedHashMap<>() {
        private static final long serialVersionUID = 1;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, List<KnownPart>> eldest) {
            boolean full = size() > MOST_NAMED;
            if (full) {
                eldest.getValue().stream()
                        .filter(KnownPart::told)
                        .forEach(part -> toldNow.add(hash(part.uuid(), part.key())));
            }
            return full;
        }
    };

    /// By message, the index of its next part.
    private final Map<String, Integer> parts = new Recent<>(MOST_NAMED);

    private final Map<Speaker, String> conversations = new HashMap<>();
    private final Predicate<KnownPart> mayBeTaken;

    /// Hashes of parts that got a row just now: there may be as many as a transcript has.
    private final Set<Long> toldNow = new HashSet<>();

    private long count;

    private KnownParts(Predicate<KnownPart> mayBeTaken) {
        this.mayBeTaken = mayBeTaken;
    }

    /// For a call, which asks for what no call has said.
    public static KnownParts toHear() {
        return new KnownParts(part -> !part.heard() && !part.local());
    }

    /// For a transcript, which asks for what no transcript has told.
    public static KnownParts toTell() {
        return new KnownParts(part -> !part.told());
    }

    /// Adds a part, after those that were said before it.
    public void add(KnownPart part) {
        count++;
        Speaker speaker = new Speaker(part.session(), part.agent());
        if (mayBeTaken.test(part)) {
            free.computeIfAbsent(new Place(speaker, part.key()), _ -> new ArrayList<>())
                    .add(part);
        }
        if (!part.uuid().isEmpty()) {
            byUuid.computeIfAbsent(part.uuid(), _ -> new ArrayList<>(1)).add(part);
        }
        parts.merge(part.messageId(), part.partIndex() + 1, Math::max);
        conversations.putIfAbsent(speaker, part.conversation());
    }

    /// A part of a transcript has got a row.
    ///
    /// @param uuid the line's own name
    public void told(Speaker speaker, String conversation, String uuid, String key) {
        toldNow.add(hash(uuid, key));
        conversations.putIfAbsent(speaker, conversation);
    }

    /// A part that has a row has got a name by a transcript; another transcript may have a copy of its line.
    public void named(KnownPart part, String uuid) {
        byUuid.computeIfAbsent(uuid, _ -> new ArrayList<>(1)).add(part.asTold(uuid));
    }

    /// Whether a part of a transcript has got a row by [#told].
    public boolean isTold(String uuid, String key) {
        return toldNow.contains(hash(uuid, key));
    }

    /// Of 64 bits: that two of a million parts have the same one is less likely than a broken disk.
    private static long hash(String uuid, String key) {
        String name = uuid + "\n" + key;
        long hash = FNV_BASIS;
        for (int i = 0; i < name.length(); i++) {
            hash = (hash ^ name.charAt(i)) * FNV_PRIME;
        }
        return hash;
    }

    /// How many there are.
    public long count() {
        return count;
    }

    /// The index that the next part of a message gets.
    public int nextPart(String messageId) {
        return parts.getOrDefault(messageId, 0);
    }

    /// The conversation in which a speaker is known to speak.
    public Optional<String> conversation(Speaker speaker) {
        return Optional.ofNullable(conversations.get(speaker));
    }

    /// The part that a call says now, if a transcript said it before.
    ///
    /// @param settled whether it stands in what the call repeats of the history, not in what was said just now
    public Optional<KnownPart> hear(Wanted wanted, boolean settled) {
        Optional<KnownPart> heard = hearFrom(wanted, settled);
        if (heard.isEmpty() && wanted.speaker().agent().equals(SOME_AGENT)) {
            for (Speaker agent : agents(wanted.speaker().session())) {
                heard = hearFrom(by(agent, wanted), settled);
                if (heard.isPresent()) {
                    break;
                }
            }
        }
        return heard.or(() -> unread(wanted));
    }

    /// The agents of a session that are known by name.
    private List<Speaker> agents(String session) {
        return free.keySet().stream()
                .map(Place::speaker)
                .filter(speaker ->
                        speaker.session().equals(session) && !speaker.agent().isEmpty())
                .distinct()
                .toList();
    }

    private static Wanted by(Speaker speaker, Wanted wanted) {
        return new Wanted(speaker, wanted.key(), wanted.response(), wanted.after(), wanted.atMicros());
    }

    /// A thought of the same answer, where only one way knows what it says.
    private Optional<KnownPart> unread(Wanted wanted) {
        if (!wanted.key().startsWith(PartKey.UNREAD) || wanted.response().isEmpty()) {
            return Optional.empty();
        }
        return free.values().stream()
                .flatMap(List::stream)
                .filter(part -> part.key().startsWith("thinking ")
                        && part.session().equals(wanted.speaker().session())
                        && part.response().equals(wanted.response()))
                .findFirst()
                .flatMap(part -> taken(
                        new Wanted(
                                new Speaker(part.session(), part.agent()),
                                part.key(),
                                part.response(),
                                part.after(),
                                part.createdMicros()),
                        Optional.of(part)));
    }

    private Optional<KnownPart> hearFrom(Wanted wanted, boolean settled) {
        List<KnownPart> candidates = free.getOrDefault(place(wanted), List.of());
        Optional<KnownPart> named = named(wanted, candidates);
        if (named.isPresent()) {
            return taken(wanted, named);
        }
        // What is said just now may have been said before, in another place and at another time.
        Optional<KnownPart> inPlace = candidates.stream()
                .filter(part -> mayBeOf(wanted, part) && part.after().equals(wanted.after()))
                .findFirst()
                .or(() -> candidates.stream()
                        .filter(part -> mayBeOf(wanted, part)
                                && Math.abs(part.createdMicros() - wanted.atMicros()) < AT_ONCE_MICROS)
                        .findFirst());
        return taken(
                wanted,
                inPlace.isPresent() || !settled
                        ? inPlace
                        : candidates.stream()
                                .filter(part -> mayBeOf(wanted, part))
                                .findFirst());
    }

    /// The part that a line of a transcript is, if it has a row.
    ///
    /// @param uuid the line's own name
    public Optional<KnownPart> tell(Wanted wanted, String uuid) {
        Optional<KnownPart> told = tellTo(wanted, uuid);
        if (told.isEmpty() && !wanted.speaker().agent().isEmpty()) {
            Speaker some = new Speaker(wanted.speaker().session(), SOME_AGENT);
            told = tellTo(by(some, wanted), uuid);
            told.ifPresent(part -> conversations.putIfAbsent(wanted.speaker(), part.conversation()));
        }
        return told;
    }

    private Optional<KnownPart> tellTo(Wanted wanted, String uuid) {
        List<KnownPart> sameLine = byUuid.getOrDefault(uuid, List.of());
        Optional<KnownPart> again = sameLine.stream()
                .filter(part -> part.key().equals(wanted.key()))
                .findFirst();
        if (again.isPresent()) {
            return taken(wanted, again);
        }
        List<KnownPart> candidates = free.getOrDefault(place(wanted), List.of());
        Optional<KnownPart> named = named(wanted, candidates);
        if (named.isPresent()) {
            return taken(wanted, named);
        }
        List<KnownPart> possible =
                candidates.stream().filter(part -> mayBeOf(wanted, part)).toList();
        Optional<KnownPart> inPlace = possible.stream()
                .filter(part -> part.after().equals(wanted.after()))
                .findFirst();
        return taken(wanted, inPlace.or(() -> nearest(possible, wanted.atMicros())));
    }

    private static Optional<KnownPart> nearest(List<KnownPart> parts, long atMicros) {
        return parts.stream()
                .min((a, b) ->
                        Long.compare(Math.abs(a.createdMicros() - atMicros), Math.abs(b.createdMicros() - atMicros)));
    }

    private static Place place(Wanted wanted) {
        return new Place(wanted.speaker(), wanted.key());
    }

    /// The first that is of the same answer, or the first at all where a call's id is the key.
    private static Optional<KnownPart> named(Wanted wanted, List<KnownPart> candidates) {
        boolean call = wanted.key().startsWith("call ") || wanted.key().startsWith("result ");
        return candidates.stream()
                .filter(part -> !wanted.response().isEmpty() && part.response().equals(wanted.response()))
                .findFirst()
                .or(() -> call ? candidates.stream().findFirst() : Optional.empty());
    }

    /// Whether nothing speaks against it: not the answer that either is of.
    private static boolean mayBeOf(Wanted wanted, KnownPart part) {
        return wanted.response().isEmpty() || part.response().isEmpty();
    }

    private Optional<KnownPart> taken(Wanted wanted, Optional<KnownPart> part) {
        part.ifPresent(one -> free.computeIfPresent(place(wanted), (_, parts) -> {
            parts.remove(one);
            return parts.isEmpty() ? null : parts;
        }));
        return part;
    }
}
