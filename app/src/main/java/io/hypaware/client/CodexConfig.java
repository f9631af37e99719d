package io.hypaware.client;

import io.hypaware.client.ClientException.Kind;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.tomlj.Toml;
import org.tomlj.TomlParseResult;
import org.tomlj.TomlTable;

/// Codex's `config.toml`: a marked block at its top with the addresses of its own provider, so that login, history,
/// compaction and WebSockets stay what they are. A key of the user's that stood there is kept in the block, as a
/// comment, with the number of its line.
final class CodexConfig {

    private static final Pattern ATTACHED_AT = Pattern.compile("^# attached_at = [^\\n]*$", Pattern.MULTILINE);
    private static final Pattern NODE_PORT = Pattern.compile("^# port = (\\d{1,5})\\r?$", Pattern.MULTILINE);

    /// What HypAware for Node wrote: two blocks, the first of which says whose provider was displaced.
    private static final Pattern NODE_BLOCKS = Pattern.compile(
            "^# BEGIN hypaware codex (model_provider|provider)\\r?\\n(.*?)^# END hypaware codex \\1(?:\\r?\\n|\\z)",
            Pattern.DOTALL | Pattern.MULTILINE);

    private static final Pattern NODE_PREVIOUS =
            Pattern.compile("^# previous_model_provider = (.*?)\\r?$", Pattern.MULTILINE);

    private final Path path;
    private String text;
    private final List<String> notes = new ArrayList<>();

    private CodexConfig(UserFile file) {
        this.path = file.path();
        this.text = file.text();
        parsed();
    }

    static Attachment attach(UserFile file, Address address, CodexLogin login) {
        CodexConfig config = new CodexConfig(file);
        config.takeOut();
        Optional<String> previous = config.string("openai_base_url");
        config.putIn(address, login, !file.exists() || wasMade(file) || CodexMcp.wasMade(file));
        String before = ATTACHED_AT.matcher(file.text()).replaceAll("");
        String after = ATTACHED_AT.matcher(config.text).replaceAll("");
        boolean changed = !before.equals(after);
        return new Attachment(file, changed, Optional.of(changed ? config.text : file.text()), previous, config.notes);
    }

    static Attachment detach(UserFile file) {
        CodexConfig config = new CodexConfig(file);
        boolean made = wasMade(file);
        boolean changed = config.takeOut();
        config.string("openai_base_url")
                .flatMap(Address::localPort)
                .ifPresent(port -> config.notes.add("openai_base_url leads to port " + port
                        + " of this machine, and no mark says that we wrote it; it stays as it is"));
        Optional<String> text = changed && made && config.text.isEmpty() ? Optional.empty() : Optional.of(config.text);
        return new Attachment(file, changed, text, config.string("openai_base_url"), config.notes);
    }

    /// The port that the marked block names; empty if nobody is attached.
    static Optional<Integer> port(UserFile file) {
        Optional<CodexBlock> block = CodexBlock.find(file.text());
        if (block.isPresent()) {
            return block.get().port();
        }
        Matcher port = NODE_PORT.matcher(file.text());
        return NODE_BLOCKS.matcher(file.text()).find() && port.find()
                ? Optional.of(Integer.valueOf(port.group(1)))
                : Optional.empty();
    }

    static boolean wasMade(UserFile file) {
        return CodexBlock.find(file.text()).filter(CodexBlock::made).isPresent();
    }

    private TomlParseResult parsed() {
        TomlParseResult toml = Toml.parse(text);
        if (toml.hasErrors()) {
            throw new ClientException(
                    Kind.MALFORMED, path + " is no TOML: " + toml.errors().getFirst() + ". Mend it, then try again");
        }
        return toml;
    }

    private Optional<String> string(String key) {
        return Optional.ofNullable(parsed().get(List.of(key)) instanceof String value ? value : null);
    }

    private static Map<String, String> wanted(Address address, CodexLogin login) {
        Map<String, String> wanted = new LinkedHashMap<>();
        switch (login) {
            case API_KEY -> wanted.put("openai_base_url", address.url() + "/v1");
            case CHATGPT -> {
                wanted.put("openai_base_url", address.url() + "/backend-api/codex");
                wanted.put("chatgpt_base_url", address.url() + "/backend-api");
            }
        }
        return wanted;
    }

    private void putIn(Address address, CodexLogin login, boolean made) {
        String newline = newline();
        List<String> block = new ArrayList<>();
        block.add(CodexBlock.BEGIN);
        block.add("# attached_at = " + address.now());
        block.add("# version = " + address.version());
        block.add("# port = " + address.port());
        if (made) {
            block.add("# made = true");
        }
        List<String> lines = new ArrayList<>();
        for (Map.Entry<String, String> key : wanted(address, login).entrySet()) {
            cutLine(key.getKey(), address).ifPresent(kept -> block.add(kept.toComment()));
            lines.add(key.getKey() + " = \"" + key.getValue() + "\"");
        }
        block.addAll(lines);
        block.add(CodexBlock.END);
        text = String.join(newline, block) + newline + text;
        parsed();
    }

    /// Takes a key of the user's out, where it is at the root; returns what it was, unless it led to us.
    private Optional<CodexBlock.Kept> cutLine(String key, Address address) {
        TomlParseResult toml = parsed();
        if (!toml.contains(List.of(key))) {
            return Optional.empty();
        }
        int line = toml.inputPositionOf(List.of(key)).line() - 1;
        int start = startOfLine(line);
        int end = text.indexOf('\n', start);
        String whole = text.substring(start, end < 0 ? text.length() : end + 1);
        TomlParseResult alone = Toml.parse(whole);
        if (alone.hasErrors() || alone.keySet().size() != 1 || !alone.contains(List.of(key))) {
            throw new ClientException(
                    Kind.WRONG_TYPE,
                    path + " line " + (line + 1) + ": " + key
                            + " is not written in a line of its own. Write it in one, then try again");
        }
        text = text.substring(0, start) + text.substring(start + whole.length());
        String ended = whole.endsWith("\r\n") ? "CRLF" : whole.endsWith("\n") ? "LF" : "nothing";
        boolean isOurs = alone.get(List.of(key)) instanceof String url && address.isMeantBy(url);
        return isOurs
                ? Optional.empty()
                : Optional.of(new CodexBlock.Kept(line, ended, whole.replaceFirst("\\r?\\n\\z", "")));
    }

    private int startOfLine(int line) {
        int at = 0;
        for (int i = 0; i < line && at >= 0; i++) {
            at = text.indexOf('\n', at) + 1;
        }
        return at;
    }

    /// Takes our block out, and those of HypAware for Node; whether there were any.
    private boolean takeOut() {
        boolean found = takeOutNodes();
        Optional<CodexBlock> block = CodexBlock.find(text);
        if (block.isEmpty()) {
            return found;
        }
        List<String> others = block.get().others();
        text = text.substring(0, block.get().start())
                + String.join("", others)
                + text.substring(block.get().end());
        if (others.stream().anyMatch(line -> line.contains("base_url"))) {
            notes.add("an address in our block was changed since; it stays as it is");
        }
        // The last that was cut goes back first, so that each finds its line as it was.
        block.get().kept().reversed().forEach(kept -> putBack(kept, others.size()));
        parsed();
        return true;
    }

    private void putBack(CodexBlock.Kept kept, int moved) {
        TomlParseResult alone = Toml.parse(kept.text());
        if (alone.hasErrors() || alone.isEmpty()) {
            notes.add("a line that stood there before cannot be put back, because it was changed in our block: "
                    + kept.text());
            return;
        }
        String key = alone.keySet().iterator().next();
        if (parsed().contains(List.of(key))) {
            notes.add(key + " was set anew since; it stays as it is");
            return;
        }
        int at = Math.min(text.length(), startOfLine(kept.line() + moved));
        String there = text.substring(0, at) + kept.whole() + text.substring(at);
        TomlParseResult toml = Toml.parse(there);
        // Where lines were taken away since, it would be in a table or in a text.
        boolean isAtRoot = !toml.hasErrors() && toml.contains(List.of(key));
        text = isAtRoot ? there : kept.text() + newline() + text;
    }

    private String newline() {
        return text.contains("\r\n") ? "\r\n" : "\n";
    }

    private boolean takeOutNodes() {
        Matcher block = NODE_BLOCKS.matcher(text);
        Optional<String> previous = Optional.empty();
        boolean found = false;
        StringBuilder rest = new StringBuilder();
        int from = 0;
        while (block.find()) {
            found = true;
            Matcher named = NODE_PREVIOUS.matcher(block.group());
            previous = named.find() ? Optional.of(named.group(1)) : previous;
            rest.append(text, from, block.start());
            from = block.end();
        }
        if (!found) {
            return false;
        }
        text = rest.append(text.substring(from)).toString();
        if (previous.isPresent() && !parsed().contains(List.of("model_provider"))) {
            text = "model_provider = " + previous.get() + newline() + text;
        }
        parsed();
        return true;
    }

    /// Why calls go past the gateway all the same, if they do.
    static List<String> overrides(UserFile file) {
        return new CodexConfig(file).provider().stream().toList();
    }

    private Optional<String> provider() {
        return string("model_provider").filter(name -> !name.equals("openai")).map(name -> {
            TomlTable table = parsed().getTable(List.of("model_providers", name));
            String url = table == null ? null : table.getString("base_url");
            return "model_provider = \"" + name + "\" wins over openai_base_url: its calls go to "
                    + (url == null ? "where it says" : url)
                    + " and are not recorded. Let its base_url lead to the gateway, or take model_provider out";
        });
    }
}
