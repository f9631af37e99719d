package io.hypaware.backfill;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// Transcripts that have to do with one another: those of one session, and those that begin with the same message,
/// because one copies the other. Within a family the one that was begun first comes first.
final class Families {

    /// A transcript that is to be read.
    record Member(TranscriptFile file, Head head) {}

    /// @param sessions of the members, and of files read before that begin alike
    record Family(List<Member> members, Set<String> sessions) {

        long bytes() {
            return members.stream().mapToLong(member -> member.file().size()).sum();
        }
    }

    /// @param sessionsByRoot of transcripts that were read before
    static List<Family> of(List<Member> members, Map<String, Set<String>> sessionsByRoot) {
        Map<String, String> parent = new HashMap<>();
        for (Member member : members) {
            String session = "session " + member.head().session();
            if (!member.head().root().isEmpty()) {
                join(parent, session, "root " + member.head().root());
            }
            for (String other : sessionsByRoot.getOrDefault(member.head().root(), Set.of())) {
                join(parent, session, "session " + other);
            }
        }
        Map<String, List<Member>> byFamily = new HashMap<>();
        for (Member member : members) {
            String family = find(parent, "session " + member.head().session());
            byFamily.computeIfAbsent(family, _ -> new ArrayList<>()).add(member);
        }
        List<Family> families = new ArrayList<>();
        for (List<Member> family : byFamily.values()) {
            family.sort(
                    Comparator.comparingLong((Member member) -> member.head().firstMicros())
                            .thenComparingLong(member -> member.file().modifiedMicros())
                            .thenComparing(member -> member.file().key()));
            Set<String> sessions = new LinkedHashSet<>();
            for (Member member : family) {
                sessions.add(member.head().session());
                sessions.addAll(sessionsByRoot.getOrDefault(member.head().root(), Set.of()));
            }
            families.add(new Family(family, sessions));
        }
        families.sort(Comparator.comparingLong(
                family -> family.members().getFirst().head().firstMicros()));
        return families;
    }

    private static void join(Map<String, String> parent, String one, String other) {
        parent.put(find(parent, one), find(parent, other));
    }

    private static String find(Map<String, String> parent, String name) {
        String top = name;
        while (!parent.getOrDefault(top, top).equals(top)) {
            top = parent.getOrDefault(top, top);
        }
        parent.put(name, top);
        return top;
    }

    private Families() {}
}
