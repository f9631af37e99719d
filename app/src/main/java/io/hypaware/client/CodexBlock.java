package io.hypaware.client;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Our block in Codex's config, line by line: what is ours in it, what the user's lines were that it displaced, and
/// what somebody has written into it since, which is not ours.
///
/// @param end one past its last character
/// @param others lines in it that are not ours, with their ends
record CodexBlock(int start, int end, Optional<Integer> port, boolean made, List<Kept> kept, List<String> others) {

    static final String BEGIN = "# BEGIN hypaware";
    static final String END = "# END hypaware";

    private static final Pattern WAS =
            Pattern.compile("# was on line (\\d{1,9}), ended by (LF|CRLF|nothing): (.*)", Pattern.DOTALL);
    private static final Pattern PORT = Pattern.compile("# port = (\\d{1,5})");
    private static final Pattern KEY = Pattern.compile("(?:openai_base_url|chatgpt_base_url) = \"([^\"]*)\"");

    /// A line of the user's that stood where our key stands.
    ///
    /// @param line from 0 on, in the text without the block
    record Kept(int line, String ended, String text) {

        String toComment() {
            return "# was on line " + line + ", ended by " + ended + ": " + text;
        }

        String whole() {
            return text
                    + switch (ended) {
                        case "LF" -> "\n";
                        case "CRLF" -> "\r\n";
                        default -> "";
                    };
        }
    }

    /// The block, if there is one: a beginning without what we write after it is somebody else's.
    static Optional<CodexBlock> find(String text) {
        for (int start = 0; start < text.length(); start = endOfLine(text, start)) {
            int next = endOfLine(text, start);
            if (text.substring(start, next).strip().equals(BEGIN)
                    && text.substring(next, endOfLine(text, next)).strip().startsWith("# attached_at = ")) {
                return Optional.of(read(text, start, next));
            }
        }
        return Optional.empty();
    }

    private static CodexBlock read(String text, int start, int first) {
        boolean hasEnd =
                text.substring(first).lines().anyMatch(line -> line.strip().equals(END));
        Optional<Integer> port = Optional.empty();
        boolean made = false;
        List<Kept> kept = new ArrayList<>();
        List<String> others = new ArrayList<>();
        int at = first;
        while (at < text.length()) {
            int next = endOfLine(text, at);
            String whole = text.substring(at, next);
            String line = whole.replaceFirst("\\r?\\n\\z", "");
            Matcher named = PORT.matcher(line.strip());
            Matcher was = WAS.matcher(line);
            if (line.strip().equals(END)) {
                at = next;
                break;
            }
            if (named.matches()) {
                port = Optional.of(Integer.valueOf(named.group(1)));
            } else if (was.matches()) {
                kept.add(new Kept(Integer.parseInt(was.group(1)), was.group(2), was.group(3)));
            } else if (line.strip().equals("# made = true")) {
                made = true;
            } else if (!isOurs(line.strip(), port)) {
                if (!hasEnd) {
                    // Its end is lost: what is not ours is not in it.
                    break;
                }
                others.add(whole);
            }
            at = next;
        }
        return new CodexBlock(start, at, port, made, List.copyOf(kept), List.copyOf(others));
    }

    private static boolean isOurs(String line, Optional<Integer> port) {
        Matcher key = KEY.matcher(line);
        return line.startsWith("# attached_at = ")
                || line.startsWith("# version = ")
                || (key.matches()
                        && port.isPresent()
                        && Address.localPort(key.group(1)).equals(port));
    }

    static int endOfLine(String text, int from) {
        int end = text.indexOf('\n', from);
        return end < 0 ? text.length() : end + 1;
    }
}
