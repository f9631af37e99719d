package io.hypaware.secret;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.exc.StreamConstraintsException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.regex.Pattern;

/// The texts of a streamed answer, of which each event has a piece: a secret may be in several of them, and in none.
/// What belongs together is known by where it stands in its event, whatever the provider: under the same name, with the
/// same numbers (`index`, `output_index`) and `item_id` around it.
///
/// First all lines are looked at, then the same ones are rewritten.
final class Deltas {

    private static final ObjectMapper MAPPER = JsonMapper.builder(com.fasterxml.jackson.core.JsonFactory.builder()
                    .streamReadConstraints(
                            StreamReadConstraints.builder().maxNestingDepth(200).build())
                    .build())
            .build();

    /// Before the data of a server-sent event, on each of its lines.
    static final String DATA = "data:";

    /// Behind the end of a line.
    private static final Pattern LINE = Pattern.compile("(?<=\\n)|(?<=\\r)(?!\\n)");

    /// An answer has some hundreds.
    private static final int MOST_RUNS = 20_000;

    /// Of all that are looked at, so that memory is bounded.
    private static final int MOST_CHARACTERS = 4 << 20;

    /// A text is looked through when so much of it is known, and at its end.
    private static final int WINDOW = 1 << 17;

    private static final int MOST_SECRETS = 50_000;

    /// A shorter piece may be said twice in turn; a longer one that is the same is a name that each event has.
    private static final int LEAST_REPEATED = 8;

    private final Redactor redactor;

    private final Map<String, Run> runs = new LinkedHashMap<>();

    private long characters;
    private final Map<String, NavigableMap<Long, Found>> found = new HashMap<>();
    private int secrets;

    Deltas(Redactor redactor) {
        this.redactor = redactor;
    }

    private record Found(long end, String mark) {}

    private static final class Run {
        private final StringBuilder text = new StringBuilder();
        private long begin;
        private long done;
        private int pieces;
        private String last = "";
    }

    private static final class Written {
        private long at;
        private String last = "";
    }

    /// Whether any text has a secret.
    boolean any() {
        return !found.isEmpty();
    }

    /// @throws IOException if there are more secrets than an answer can have, or it is JSON beyond all bounds
    void look(String line) throws IOException {
        Optional<Event> event = Event.of(line);
        if (event.isPresent()) {
            for (Leaf leaf : leaves(event.get().json())) {
                take(leaf.key(), leaf.text());
            }
        }
    }

    private void take(String key, String text) throws IOException {
        Run run = runs.computeIfAbsent(key, _ -> new Run());
        if (runs.size() > MOST_RUNS) {
            throw new IOException("its answer is more than " + MOST_RUNS + " texts in pieces");
        }
        if (isName(text, run.last)) {
            return;
        }
        run.last = text;
        run.pieces++;
        run.text.append(text);
        characters += text.length();
        if (run.text.length() > WINDOW) {
            find(key, run, false);
        }
        if (characters > MOST_CHARACTERS) {
            findAll();
        }
    }

    private static boolean isName(String text, String last) {
        return text.length() >= LEAST_REPEATED && text.equals(last);
    }

    void end() throws IOException {
        findAll();
        runs.clear();
    }

    private void findAll() throws IOException {
        for (Map.Entry<String, Run> run : runs.entrySet()) {
            find(run.getKey(), run.getValue(), true);
        }
    }

    /// @param whole whether no more of it is waited for
    private void find(String key, Run run, boolean whole) throws IOException {
        int length = run.text.length();
        // What stands in one piece is found where that stands.
        if (run.pieces > 1) {
            int end = whole ? length : length - SecretRule.LONGEST;
            for (Finding finding : redactor.findings(run.text.toString())) {
                long begin = run.begin + finding.begin();
                if (begin >= run.done && finding.end() <= end) {
                    add(key, begin, new Found(run.begin + finding.end(), redactor.mark(finding)));
                    run.done = run.begin + finding.end();
                }
            }
        }
        int keep = whole ? 0 : Math.min(length, 2 * SecretRule.LONGEST);
        run.text.delete(0, length - keep);
        run.begin += length - keep;
        characters -= length - keep;
    }

    private void add(String key, long begin, Found one) throws IOException {
        if (++secrets > MOST_SECRETS) {
            throw new IOException("its answer has more than " + MOST_SECRETS + " texts that look like secrets");
        }
        found.computeIfAbsent(key, _ -> new TreeMap<>()).put(begin, one);
    }

    /// Rewrites the same lines from the first to the last.
    final class Rewriter {

        /// How far each text that has secrets was rewritten.
        private final Map<String, Written> written = new HashMap<>();

        /// The line without its share of the secrets; as it is if it has none.
        String line(String line) throws IOException {
            Optional<Event> event = found.isEmpty() ? Optional.empty() : Event.of(line);
            if (event.isEmpty()) {
                return line;
            }
            boolean isChanged = false;
            for (Leaf leaf : leaves(event.get().json())) {
                NavigableMap<Long, Found> secretsOfText = found.get(leaf.key());
                if (secretsOfText != null) {
                    isChanged |= rewrite(leaf, secretsOfText);
                }
            }
            return isChanged ? event.get().toString() : line;
        }

        private boolean rewrite(Leaf leaf, NavigableMap<Long, Found> secretsOfText) {
            Written one = written.computeIfAbsent(leaf.key(), _ -> new Written());
            String text = leaf.text();
            if (isName(text, one.last)) {
                return false;
            }
            one.last = text;
            long begin = one.at;
            long end = begin + text.length();
            one.at = end;
            StringBuilder out = new StringBuilder();
            long at = begin;
            Long first = secretsOfText.floorKey(begin);
            for (Map.Entry<Long, Found> secret :
                    secretsOfText.subMap(first == null ? begin : first, end).entrySet()) {
                if (secret.getValue().end() <= begin) {
                    continue;
                }
                if (secret.getKey() >= begin) {
                    out.append(text, (int) (at - begin), (int) (secret.getKey() - begin))
                            .append(secret.getValue().mark());
                }
                at = Math.min(end, secret.getValue().end());
            }
            out.append(text, (int) (at - begin), text.length());
            if (out.toString().equals(text)) {
                return false;
            }
            leaf.put().accept(out.toString());
            return true;
        }
    }

    /// An event, and what stands around it in its lines.
    private record Event(String before, JsonNode json, String after) {

        static Optional<Event> of(String lines) throws IOException {
            int begin = lines.indexOf('{');
            if (begin < 0) {
                return Optional.empty();
            }
            String field = lines.substring(0, begin).strip();
            int end = lines.stripTrailing().length();
            StringBuilder json = new StringBuilder();
            StringBuilder after = new StringBuilder();
            if (field.equals(DATA)) {
                for (String line :
                        LINE.splitAsStream(lines.substring(begin, end)).toList()) {
                    // Between its lines may be other fields.
                    if (json.isEmpty()) {
                        json.append(line);
                    } else if (line.startsWith(DATA)) {
                        json.append(line, DATA.length(), line.length());
                    } else {
                        after.append(line);
                    }
                }
            } else if (field.isEmpty() || field.equals("[") || field.equals(",")) {
                json.append(lines, begin, end);
            } else {
                return Optional.empty();
            }
            return read(json.toString())
                    .map(event -> new Event(
                            lines.substring(0, begin),
                            event,
                            after.isEmpty() ? lines.substring(end) : "\n" + after + lines.substring(end)));
        }

        private static Optional<JsonNode> read(String json) throws IOException {
            try {
                return Optional.of(MAPPER.readTree(json)).filter(JsonNode::isObject);
            } catch (StreamConstraintsException e) {
                // Others could read it, and put its texts together.
                throw new IOException(
                        "an event of its answer is no JSON that anybody sends: " + e.getOriginalMessage(), e);
            } catch (JsonProcessingException e) {
                return Optional.empty();
            }
        }

        @Override
        public String toString() {
            return before + json + after;
        }
    }

    /// A text of an event.
    ///
    /// @param key what all pieces of it have
    /// @param put puts another in its place
    private record Leaf(String key, String text, Consumer<String> put) {}

    private static List<Leaf> leaves(JsonNode event) {
        List<Leaf> leaves = new ArrayList<>();
        collect("", event, leaves);
        return leaves;
    }

    /// @param numbers that stand beside the way to the node
    private static void collect(String numbers, JsonNode node, List<Leaf> leaves) {
        if (node instanceof ObjectNode object) {
            StringBuilder all = new StringBuilder(numbers);
            object.properties().forEach(field -> {
                if ((field.getKey().endsWith("index") && field.getValue().isIntegralNumber())
                        || field.getKey().equals("item_id")) {
                    all.append(' ').append(field.getKey()).append('=').append(field.getValue());
                }
            });
            object.properties().forEach(field -> {
                if (field.getValue().isTextual()) {
                    // Whatever stands around it: a text may begin in an event of another form than those that go on.
                    leaves.add(new Leaf(
                            all + "/" + field.getKey(),
                            field.getValue().textValue(),
                            text -> object.put(field.getKey(), text)));
                } else {
                    collect(all.toString(), field.getValue(), leaves);
                }
            });
        } else if (node instanceof ArrayNode array) {
            for (int i = 0; i < array.size(); i++) {
                // One that has a number of its own may stand at another place in each event.
                boolean isNumbered = array.get(i).path("index").isIntegralNumber();
                String within = isNumbered ? numbers : numbers + " " + i;
                int index = i;
                if (array.get(i).isTextual()) {
                    leaves.add(new Leaf(
                            within, array.get(i).textValue(), text -> array.set(index, TextNode.valueOf(text))));
                } else {
                    collect(within, array.get(i), leaves);
                }
            }
        }
    }
}
