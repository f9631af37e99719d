package io.hypaware.privacy;

import java.io.IOException;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// What applies to what is said in a folder, by an agent: the strictest of all that says something of it. As it stands
/// while this object is used; who decides later asks a new one.
public final class PrivacyRules {

    private static final int MOST_FOLDER = 4_096;

    private static final int MOST_REMEMBERED = 1_000;

    private final PrivacyList list;
    private final Optional<String> unreadable;
    private final Map<String, Optional<String>> ignored = new HashMap<>();

    private PrivacyRules(PrivacyList list, Optional<String> unreadable) {
        this.list = list;
        this.unreadable = unreadable;
    }

    /// What applies, and what says so.
    ///
    /// @param reasons the strictest first; none where nothing says anything
    public record Verdict(PrivacyClass is, List<Reason> reasons) {

        static final Verdict NOTHING_SAID = new Verdict(PrivacyClass.SYNC, List.of());

        public Verdict {
            reasons = List.copyOf(reasons);
        }

        public boolean isIgnored() {
            return is == PrivacyClass.IGNORE;
        }

        /// What decided it; empty where nothing did.
        public String why() {
            return reasons.isEmpty() ? "" : reasons.getFirst().text();
        }
    }

    /// One thing that says something of a folder or an agent.
    public record Reason(PrivacyClass is, String text) {}

    /// Reads what the user has said. What cannot be read forbids nothing to be recorded, and all to leave the machine.
    public static PrivacyRules of(Path list) {
        try {
            return new PrivacyRules(PrivacyList.read(list), Optional.empty());
        } catch (PrivacyListException e) {
            return new PrivacyRules(PrivacyList.EMPTY, Optional.of(String.valueOf(e.getMessage())));
        }
    }

    /// Why the list cannot be read, if it cannot.
    public Optional<String> unreadable() {
        return unreadable;
    }

    public PrivacyList list() {
        return list;
    }

    /// Whether the user has said of this session that it is not to be recorded.
    public boolean isOptedOut(String session) {
        return list.sessions().containsKey(session);
    }

    /// Whether to know the folder would make a difference, as far as the list says.
    public boolean asksForFolders() {
        return list.marks().stream().anyMatch(mark -> mark.folder().isPresent());
    }

    private boolean asksForAgents() {
        return list.marks().stream().anyMatch(mark -> mark.client().isPresent());
    }

    /// What applies to an agent's calls from a folder.
    ///
    /// @param folder as the agent says it; nothing if that is not known
    /// @param client as rows name it
    public Verdict of(Optional<String> folder, Optional<String> client) {
        List<Reason> reasons = new ArrayList<>();
        unreadable.ifPresent(why -> reasons.add(new Reason(PrivacyClass.LOCAL_ONLY, why)));
        if (client.isEmpty() && asksForAgents()) {
            reasons.add(new Reason(PrivacyClass.LOCAL_ONLY, "the agent is not known, and some are marked"));
        }
        List<Path> names = folder.map(PrivacyRules::names).orElse(List.of());
        if (names.isEmpty() && asksForFolders()) {
            reasons.add(new Reason(PrivacyClass.LOCAL_ONLY, "the folder is not known, and some are marked"));
        }
        for (Mark mark : list.marks()) {
            boolean isThere = mark.folder()
                    .map(marked -> names.stream().anyMatch(name -> name.startsWith(marked)))
                    .orElse(true);
            if (isThere && mark.isOfClient(client)) {
                reasons.add(new Reason(mark.is(), "marked " + mark.is().word() + ": " + mark.subject()));
            }
        }
        for (Path name : names) {
            ignoring(name).ifPresent(file -> reasons.add(new Reason(PrivacyClass.IGNORE, "ignored by " + file)));
        }
        return verdict(reasons.stream().distinct().toList());
    }

    private static Verdict verdict(List<Reason> reasons) {
        if (reasons.isEmpty()) {
            return Verdict.NOTHING_SAID;
        }
        return new Verdict(
                reasons.stream().map(Reason::is).reduce(PrivacyClass.SYNC, PrivacyClass::strictest),
                reasons.stream()
                        .sorted((one, other) -> other.is().compareTo(one.is()))
                        .toList());
    }

    private Optional<String> ignoring(Path folder) {
        if (ignored.size() > MOST_REMEMBERED) {
            ignored.clear();
        }
        return ignored.computeIfAbsent(folder.toString(), _ -> IgnoreFiles.ignoring(folder));
    }

    /// A folder as it was named and, where links lead elsewhere, as it is.
    private static List<Path> names(String folder) {
        if (folder.isBlank() || folder.length() > MOST_FOLDER) {
            return List.of();
        }
        try {
            Path named = Path.of(folder);
            if (!named.isAbsolute()) {
                return List.of();
            }
            Path normal = named.normalize();
            try {
                Path real = named.toRealPath();
                return real.equals(normal) ? List.of(normal) : List.of(normal, real);
            } catch (IOException e) {
                // It is gone, or on another machine: its name is all there is.
                return List.of(normal);
            }
        } catch (InvalidPathException e) {
            return List.of();
        }
    }
}
