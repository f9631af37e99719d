package io.hypaware.client;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.json.JsonReadFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// A JSON text that knows where its values stand, so that one is added, replaced or taken out and all else keeps every
/// byte: order, indentation, line ends, comments. Immutable. A path is the names on the way from the root, a list's
/// places being numbers; of a name that comes twice, the last counts.
final class JsonDocument {

    private static final ObjectMapper JSON = JsonMapper.builder(JsonFactory.builder()
                    .enable(JsonReadFeature.ALLOW_JAVA_COMMENTS)
                    .enable(JsonReadFeature.ALLOW_TRAILING_COMMA)
                    .build())
            .build();

    private static final String DEFAULT_UNIT = "  ";

    /// Where a value stands.
    ///
    /// @param token what it begins with
    /// @param members of an object or a list
    private record Value(int start, int end, JsonToken token, List<Member> members) {

        boolean isStructure() {
            return token.isStructStart();
        }

        Optional<Member> member(String name) {
            return members.reversed().stream()
                    .filter(m -> m.name().equals(name))
                    .findFirst();
        }
    }

    /// @param start where its name stands, in a list its value
    private record Member(String name, int start, Value value) {}

    private final String text;
    private final Value root;

    private JsonDocument(String text, Value root) {
        this.text = text;
        this.root = root;
    }

    /// @throws IOException if it is no JSON; the message says where
    static JsonDocument parse(String text) throws IOException {
        try (JsonParser json = JSON.getFactory().createParser(text)) {
            json.nextToken();
            if (json.currentToken() == null) {
                throw new IOException("it is empty");
            }
            Value root = value(json);
            if (json.nextToken() != null) {
                throw new IOException("something follows the end of it");
            }
            return new JsonDocument(text, root);
        } catch (JsonProcessingException e) {
            String where = e.getLocation() == null
                    ? ""
                    : "line " + e.getLocation().getLineNr() + ", column "
                            + e.getLocation().getColumnNr() + ": ";
            throw new IOException(where + e.getOriginalMessage().replaceFirst(" \\(start marker at .*$", ""), e);
        }
    }

    private static Value value(JsonParser json) throws IOException {
        int start = Math.toIntExact(json.currentTokenLocation().getCharOffset());
        JsonToken token = json.currentToken();
        List<Member> members = new ArrayList<>();
        if (token == JsonToken.START_OBJECT) {
            while (json.nextToken() != JsonToken.END_OBJECT) {
                String name = json.currentName();
                int at = Math.toIntExact(json.currentTokenLocation().getCharOffset());
                json.nextToken();
                members.add(new Member(name, at, value(json)));
            }
        } else if (token == JsonToken.START_ARRAY) {
            while (json.nextToken() != JsonToken.END_ARRAY) {
                Value element = value(json);
                members.add(new Member(Integer.toString(members.size()), element.start(), element));
            }
        } else {
            json.finishToken();
        }
        int end = Math.toIntExact(json.currentLocation().getCharOffset());
        return new Value(start, end, token, List.copyOf(members));
    }

    String text() {
        return text;
    }

    /// A value as the text has it.
    Optional<String> raw(String... path) {
        return find(List.of(path)).map(value -> text.substring(value.start(), value.end()));
    }

    /// A value.
    Optional<JsonNode> value(String... path) {
        return raw(path).map(JsonDocument::read);
    }

    /// Whether an object or a list has nothing in it, comments aside.
    boolean isEmpty(String... path) {
        return find(List.of(path))
                .filter(v -> v.isStructure() && v.members().isEmpty())
                .isPresent();
    }

    /// The same, and no comment either.
    boolean isBlank(String... path) {
        return find(List.of(path))
                .filter(v -> v.isStructure()
                        && text.substring(v.start() + 1, v.end() - 1).isBlank())
                .isPresent();
    }

    /// Whether nothing is written but an empty object.
    boolean isNothing() {
        return isBlank() && (text.substring(0, root.start()) + text.substring(root.end())).isBlank();
    }

    boolean isObject(String... path) {
        return find(List.of(path))
                .filter(v -> v.token() == JsonToken.START_OBJECT)
                .isPresent();
    }

    private static JsonNode read(String raw) {
        try {
            return JSON.readTree(raw);
        } catch (JsonProcessingException e) {
            throw new UncheckedIOException(e);
        }
    }

    private Optional<Value> find(List<String> path) {
        Optional<Value> at = Optional.of(root);
        for (String name : path) {
            at = at.flatMap(value -> value.member(name)).map(Member::value);
        }
        return at;
    }

    /// With a value in the place of another one, or as the last one of an object or a list that is there.
    JsonDocument with(JsonNode value, String... path) {
        return put(
                path,
                (indent, compact) ->
                        compact ? JsonLines.compact(value) : JsonLines.of(value, indent, unit(), newline()));
    }

    /// The same with a value as a text had it.
    JsonDocument withRaw(String raw, String... path) {
        return put(path, (_, _) -> raw);
    }

    /// Writes a value for where it is to stand.
    private interface Writer {
        String write(String indent, boolean compact);
    }

    private JsonDocument put(String[] path, Writer writer) {
        Optional<Value> there = find(List.of(path));
        if (there.isPresent()) {
            Value old = there.get();
            String indent = indentOfLine(old.start());
            return spliced(old.start(), old.end(), writer.write(indent, false));
        }
        String name = path[path.length - 1];
        Value parent = find(List.of(path).subList(0, path.length - 1)).orElseThrow();
        String key = parent.token() == JsonToken.START_ARRAY ? "" : JsonLines.quoted(name) + ": ";
        if (parent.members().isEmpty()) {
            String outer = indentOfLine(parent.start());
            String inner = outer + unit();
            String member = newline() + inner + key + writer.write(inner, false);
            String within = text.substring(parent.start() + 1, parent.end() - 1);
            return within.isBlank()
                    ? spliced(parent.start() + 1, parent.end() - 1, member + newline() + outer)
                    : spliced(parent.start() + 1, parent.start() + 1, member);
        }
        Member last = parent.members().getLast();
        Optional<String> indent = indentOf(parent.members().getFirst());
        String member = indent.isPresent()
                ? "," + newline() + indent.get() + key + writer.write(indent.get(), false)
                : ", " + key + writer.write("", true);
        return spliced(last.value().end(), last.value().end(), member);
    }

    /// Without a value, if it is there.
    JsonDocument without(String... path) {
        String name = path[path.length - 1];
        Optional<Value> parent = find(List.of(path).subList(0, path.length - 1));
        Optional<Member> gone = parent.flatMap(p -> p.member(name));
        if (gone.isEmpty()) {
            return this;
        }
        List<Member> all = parent.get().members();
        int index = all.lastIndexOf(gone.get());
        int end = gone.get().value().end();
        if (index > 0) {
            // With the comma before it; a comment between the two stays.
            int from = all.get(index - 1).value().end();
            int comma = comma(from);
            boolean apart = !text.substring(from, comma).isBlank()
                    || !text.substring(comma + 1, gone.get().start()).isBlank();
            return apart ? spliced(gone.get().start(), end, "").spliced(comma, comma + 1, "") : spliced(from, end, "");
        }
        if (all.size() > 1) {
            int next = all.get(1).start();
            int comma = comma(end);
            boolean apart = !text.substring(end, comma).isBlank()
                    || !text.substring(comma + 1, next).isBlank();
            return spliced(gone.get().start(), apart ? comma + 1 : next, "");
        }
        int from = parent.get().start() + 1;
        int start = text.substring(from, gone.get().start()).isBlank()
                ? from
                : gone.get().start();
        // A comma may stand after the last one.
        int comma = comma(end);
        return spliced(start, comma < parent.get().end() ? comma + 1 : end, "");
    }

    /// Where the next comma stands that is in no comment.
    private int comma(int from) {
        int at = from;
        while (at < text.length() && text.charAt(at) != ',') {
            if (text.startsWith("//", at)) {
                while (at < text.length() && text.charAt(at) != '\n' && text.charAt(at) != '\r') {
                    at++;
                }
            } else if (text.startsWith("/*", at)) {
                at = text.indexOf("*/", at) + 2;
            } else {
                at++;
            }
        }
        return at;
    }

    private JsonDocument spliced(int from, int to, String with) {
        String changed = text.substring(0, from) + with + text.substring(to);
        try {
            return parse(changed);
        } catch (IOException e) {
            throw new IllegalStateException("an edit broke the text at " + from, e);
        }
    }

    private String newline() {
        return text.contains("\r\n") ? "\r\n" : "\n";
    }

    private String unit() {
        return root.members().isEmpty()
                ? DEFAULT_UNIT
                : indentOf(root.members().getFirst()).filter(i -> !i.isEmpty()).orElse(DEFAULT_UNIT);
    }

    /// The white space before a member that begins a line; nothing, if it does not.
    private Optional<String> indentOf(Member member) {
        int lineStart = text.lastIndexOf('\n', member.start() - 1) + 1;
        String before = text.substring(lineStart, member.start());
        return lineStart > 0 && before.isBlank() ? Optional.of(before) : Optional.empty();
    }

    private String indentOfLine(int at) {
        int lineStart = text.lastIndexOf('\n', at - 1) + 1;
        int end = lineStart;
        while (end < at && (text.charAt(end) == ' ' || text.charAt(end) == '\t')) {
            end++;
        }
        return text.substring(lineStart, end);
    }
}
