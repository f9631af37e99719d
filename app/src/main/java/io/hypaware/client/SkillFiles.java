package io.hypaware.client;

import io.hypaware.dataset.Hashes;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/// Our skills in an agent's folder of skills. A comment in each file says whose it is, and with a hash that it is as it
/// was written: with a word of the user's in it, it is the user's, and its whole skill stays.
final class SkillFiles {

    private static final String OURS = "# Written by hyp attach --skills; hyp detach takes it away.";
    private static final String MADE = " The folder of skills was not there.";
    private static final Pattern SIGNED =
            Pattern.compile(Pattern.quote(OURS) + "(?<made>" + Pattern.quote(MADE) + ")? (?<hash>[0-9a-f]{24})\\n");

    /// One of an agent's files for a skill.
    ///
    /// @param path within the skill's folder
    /// @param above lines that stand before the comment
    /// @param below and behind it
    record Content(String path, List<String> above, List<String> below) {

        String signed(boolean made) {
            String bare = text(made, "");
            return text(made, " " + Hashes.shortHash(bare));
        }

        private String text(boolean made, String hash) {
            return Stream.of(above, List.of(OURS + (made ? MADE : "") + hash), below)
                    .flatMap(List::stream)
                    .map(line -> line + "\n")
                    .reduce("", String::concat);
        }
    }

    /// How an agent says a skill.
    @FunctionalInterface
    interface Format {
        List<Content> files(Skill skill);
    }

    static SkillChange attach(Path folder, Format format) {
        boolean made =
                !Files.isDirectory(folder) || Stream.of(Skill.values()).anyMatch(skill -> madeFolder(folder, skill));
        List<Attachment> changes = new ArrayList<>();
        List<String> notes = new ArrayList<>();
        for (Skill skill : Skill.values()) {
            List<Content> wanted = format.files(skill);
            Optional<Path> theirs = theirs(folder, skill);
            if (theirs.isPresent()) {
                notes.add(
                        theirs.get() + " is not as we wrote it; it stays, and " + skill.folder() + " is what it says");
                continue;
            }
            for (Content content : wanted) {
                UserFile file = UserFile.read(folder.resolve(skill.folder()).resolve(content.path()));
                String text = content.signed(made);
                boolean changed = !file.exists() || !text.equals(file.text());
                changes.add(new Attachment(file, changed, Optional.of(text), Optional.empty(), List.of()));
            }
        }
        return new SkillChange(folder, changes, List.of(), notes);
    }

    static SkillChange detach(Path folder) {
        List<Attachment> changes = new ArrayList<>();
        List<Path> emptied = new ArrayList<>();
        List<String> notes = new ArrayList<>();
        boolean made = false;
        for (Skill skill : Skill.values()) {
            Optional<Path> theirs = theirs(folder, skill);
            if (theirs.isPresent()) {
                notes.add(theirs.get() + " is not as we wrote it; it stays");
                continue;
            }
            made |= madeFolder(folder, skill);
            for (UserFile file : present(folder, skill)) {
                changes.add(new Attachment(file, true, Optional.empty(), Optional.empty(), List.of()));
            }
            if (!present(folder, skill).isEmpty()) {
                emptied.add(folder.resolve(skill.folder()).resolve(CodexSkills.AGENTS));
                emptied.add(folder.resolve(skill.folder()));
            }
        }
        if (made) {
            emptied.add(folder);
        }
        return new SkillChange(folder, changes, emptied, notes);
    }

    private static List<UserFile> present(Path folder, Skill skill) {
        return Stream.of(Skill.FILE, CodexSkills.POLICY)
                .map(path -> UserFile.read(folder.resolve(skill.folder()).resolve(path)))
                .filter(UserFile::exists)
                .toList();
    }

    /// A file of a skill that is not as we wrote it.
    private static Optional<Path> theirs(Path folder, Skill skill) {
        return present(folder, skill).stream()
                .filter(file -> signature(file).isEmpty())
                .map(UserFile::path)
                .findFirst();
    }

    private static boolean madeFolder(Path folder, Skill skill) {
        return present(folder, skill).stream()
                .flatMap(file -> signature(file).stream())
                .anyMatch(found -> found.group("made") != null);
    }

    private static Optional<Matcher> signature(UserFile file) {
        String text = new String(file.bytes().orElse(new byte[0]), StandardCharsets.UTF_8);
        Matcher found = SIGNED.matcher(text);
        if (!found.find()) {
            return Optional.empty();
        }
        String bare = text.substring(0, found.start("hash") - 1) + text.substring(found.end("hash"));
        return Hashes.shortHash(bare).equals(found.group("hash")) ? Optional.of(found) : Optional.empty();
    }

    private SkillFiles() {}
}
