package io.hypaware.client;

import io.hypaware.client.ClientException.Kind;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.tomlj.Toml;
import org.tomlj.TomlParseResult;
import org.tomlj.TomlTable;

/// Our server in Codex's `config.toml`: a table behind all else, under a line that says whose it is. It has no line at
/// its end, as Codex, which writes tables of its own behind it, would move that one.
final class CodexMcp {

    private static final String TABLE = "mcp_servers." + HypCommand.NAME;
    private static final String OURS = "# Written by hyp attach --mcp; hyp detach takes it out.";
    private static final String ENDLESS = " The line before had no end.";
    private static final String MADE = " This file was not there.";

    private static final Pattern BLOCK = Pattern.compile(
            "(?<apart>(?:^|(?<=\\n))\\r?\\n)?^"
                    + Pattern.quote(OURS) + "(?<endless>" + Pattern.quote(ENDLESS) + ")?(?<made>" + Pattern.quote(MADE)
                    + ")?\\r?\\n\\[mcp_servers\\." + HypCommand.NAME
                    + "\\]\\r?\\ncommand = .*\\r?\\nargs = .*(?:\\r?\\nenv = .*)?(?:\\r?\\n|\\z)",
            Pattern.MULTILINE);

    private static final Set<String> KEYS = Set.of("command", "args", "env");

    static Attachment attach(UserFile file, HypCommand entry) {
        parsed(file, file.text());
        Optional<Matcher> block = block(file);
        String bare = block.map(found -> without(file.text(), found)).orElse(file.text());
        boolean made = !file.exists() || wasMade(file) || CodexConfig.wasMade(file);
        if (parsed(file, bare).contains(List.of("mcp_servers", HypCommand.NAME))) {
            throw new ClientException(
                    Kind.OVERRIDDEN,
                    file.path() + " has a [" + TABLE
                            + "] that we did not write, or that was changed since. Take it out," + " then try again");
        }
        String newline = bare.contains("\r\n") ? "\r\n" : "\n";
        boolean endless = !bare.isEmpty() && !bare.endsWith("\n");
        List<String> lines = new ArrayList<>();
        lines.add(OURS + (endless ? ENDLESS : "") + (made ? MADE : ""));
        lines.add("[" + TABLE + "]");
        lines.add("command = " + quoted(entry.command()));
        lines.add("args = [" + quoted(HypCommand.ARGUMENT) + "]");
        if (!entry.environment().isEmpty()) {
            List<String> values = new ArrayList<>();
            entry.environment().forEach((name, value) -> values.add(name + " = " + quoted(value)));
            lines.add("env = { " + String.join(", ", values) + " }");
        }
        String before = bare.isEmpty() ? "" : (endless ? newline : "") + newline;
        String text = bare + before + String.join(newline, lines) + newline;
        parsed(file, text);
        boolean changed = !isSame(file, entry, block);
        return new Attachment(file, changed, Optional.of(changed ? text : file.text()), Optional.empty(), List.of());
    }

    /// Whether the file was not there before us.
    static boolean wasMade(UserFile file) {
        return block(file).filter(found -> found.group("made") != null).isPresent();
    }

    static Attachment detach(UserFile file) {
        TomlParseResult toml = parsed(file, file.text());
        Optional<Matcher> block = block(file);
        if (block.isEmpty()) {
            List<String> notes = toml.contains(List.of("mcp_servers", HypCommand.NAME))
                    ? List.of("[" + TABLE + "] is there, and is not as we wrote it; it stays as it is")
                    : List.of();
            return new Attachment(file, false, Optional.of(file.text()), Optional.empty(), notes);
        }
        String bare = without(file.text(), block.get());
        parsed(file, bare);
        boolean gone = block.get().group("made") != null && bare.isEmpty();
        return new Attachment(file, true, gone ? Optional.empty() : Optional.of(bare), Optional.empty(), List.of());
    }

    /// Whether it says already what it is to say.
    private static boolean isSame(UserFile file, HypCommand entry, Optional<Matcher> block) {
        TomlTable table = parsed(file, file.text()).getTable(TABLE);
        if (block.isEmpty() || table == null) {
            return false;
        }
        TomlTable environment = table.getTable("env");
        return entry.command().equals(table.getString("command"))
                && entry.environment().equals(environment == null ? Map.of() : environment.toMap());
    }

    /// Our table, if it is as we wrote it: with a key of the user's in it, or a table within it, it is the user's.
    private static Optional<Matcher> block(UserFile file) {
        Matcher block = BLOCK.matcher(file.text());
        TomlTable table = parsed(file, file.text()).getTable(TABLE);
        return table != null && KEYS.containsAll(table.keySet()) && block.find()
                ? Optional.of(block)
                : Optional.empty();
    }

    private static String without(String text, Matcher block) {
        String before = text.substring(0, block.start());
        if (block.group("endless") != null) {
            before = before.replaceFirst("\\r?\\n\\z", "");
        }
        return before + text.substring(block.end());
    }

    private static TomlParseResult parsed(UserFile file, String text) {
        TomlParseResult toml = Toml.parse(text);
        if (toml.hasErrors()) {
            throw new ClientException(
                    Kind.MALFORMED,
                    file.path() + " is no TOML, or cannot take [" + TABLE + "]: "
                            + toml.errors().getFirst() + ". Mend it, then try again");
        }
        return toml;
    }

    /// As TOML takes a text on one line.
    private static String quoted(String text) {
        if (text.chars().anyMatch(Character::isISOControl)) {
            throw new ClientException(
                    Kind.UNSUPPORTED, "a control character stands in \"" + Toml.tomlEscape(text) + "\"; name another");
        }
        return "\"" + text.replace("\\", "\\\\").replace("\"", "\\\"") + "\"";
    }

    private CodexMcp() {}
}
