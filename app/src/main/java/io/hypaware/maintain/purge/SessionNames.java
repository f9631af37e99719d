package io.hypaware.maintain.purge;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.IntPredicate;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Tells where sessions are named. A session may be called `s` or `test`: what only holds these letters somewhere is
/// not about it.
final class SessionNames {

    /// As sessions and exchanges are called.
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9_.:-]{3,}");

    /// A name of so many characters stands in no text by chance.
    private static final int UNMISTAKABLE = 16;

    /// What is called by such a name, in keys and headers.
    private static final Pattern KEY = Pattern.compile("(?i)session|conversation|thread");

    private static final int LONGEST_KEY = 64;

    /// Which lines of text name a session, as a word of its own.
    static Predicate<String> inLines(Collection<String> sessions) {
        Set<String> names = new HashSet<>(sessions);
        // A name with other characters in it is looked for as it is.
        List<String> odd =
                names.stream().filter(name -> !NAME.matcher(name).matches()).toList();
        return line -> {
            Matcher name = NAME.matcher(line);
            while (name.find()) {
                if (names.contains(name.group()) || names.contains(withoutStops(name.group()))) {
                    return true;
                }
            }
            return odd.stream().anyMatch(one -> stands(line, one, at -> isApart(line, one, at)));
        };
    }

    /// What is sent names a session by a value that is its name, in JSON or in protobuf.
    static Predicate<String> onTheWire(Collection<String> sessions) {
        List<String> names = List.copyOf(sessions);
        return sent -> names.stream()
                .anyMatch(name -> name.length() >= UNMISTAKABLE
                        ? sent.contains(name)
                        : stands(sent, name, at -> isValue(sent, name, at)));
    }

    /// Whether a text names a folder, or something below it; not one whose name only begins like it.
    static boolean isFolderIn(String text, Path folder) {
        String path = folder.toString();
        return stands(text, path, at -> !goesOn(text, at + path.length()));
    }

    private static boolean goesOn(String text, int after) {
        return isNamed(text, after) || (after < text.length() && text.charAt(after) == '.' && isNamed(text, after + 1));
    }

    private static boolean isNamed(String text, int at) {
        return at < text.length()
                && (Character.isLetterOrDigit(text.charAt(at)) || text.charAt(at) == '_' || text.charAt(at) == '-');
    }

    private static String withoutStops(String word) {
        int end = word.length();
        while (end > 0 && (word.charAt(end - 1) == '.' || word.charAt(end - 1) == ':')) {
            end--;
        }
        return word.substring(0, end);
    }

    private static boolean stands(String text, String name, IntPredicate rightly) {
        for (int at = text.indexOf(name); at >= 0; at = text.indexOf(name, at + 1)) {
            if (rightly.test(at)) {
                return true;
            }
        }
        return false;
    }

    private static boolean isApart(String text, String name, int at) {
        return (at == 0 || !isNamed(text, at - 1)) && !isNamed(text, at + name.length());
    }

    /// Values such as `user` stand everywhere: what stands before says that it is a session's name.
    private static boolean isValue(String sent, String name, int at) {
        if (at == 0
                || !KEY.matcher(sent).region(Math.max(0, at - LONGEST_KEY), at).find()) {
            return false;
        }
        char before = sent.charAt(at - 1);
        // Protobuf says how long a text is, then the text. JSON has quotes around it, with a backslash in JSON in JSON.
        if (before == name.getBytes(StandardCharsets.UTF_8).length) {
            return true;
        }
        int after = at + name.length();
        return !Character.isLetterOrDigit(before)
                && after < sent.length()
                && (sent.charAt(after) == '"' || sent.charAt(after) == '\\');
    }

    private SessionNames() {}
}
