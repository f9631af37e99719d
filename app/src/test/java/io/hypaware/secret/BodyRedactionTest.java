package io.hypaware.secret;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.hypaware.testing.PlantedSecrets;
import java.io.IOException;
import java.io.Reader;
import java.io.StringReader;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.BiFunction;
import org.junit.jupiter.api.Test;

/// A body loses its secrets and nothing else, in one piece or in many.
class BodyRedactionTest {

    private static final ObjectMapper JSON = new ObjectMapper();

    private final Redactor redactor =
            Secrets.of("a key".getBytes(StandardCharsets.UTF_8), List.of()).redactor();
    private final Random random = new Random(7);
    private final PlantedSecrets planted = new PlantedSecrets(11);

    private String redacted(String body, boolean mayBeStreamed) throws IOException {
        BodyRedaction redaction = new BodyRedaction(redactor, () -> new StringReader(body), mayBeStreamed);
        try (Reader in = redaction.open()) {
            StringWriter out = new StringWriter();
            in.transferTo(out);
            assertThat(redaction.isNeeded()).isEqualTo(!out.toString().equals(body));
            return out.toString();
        }
    }

    /// What follows a secret until it is no part of it.
    private static void isGone(String text, PlantedSecrets.Planted one) {
        int length = Math.min(20, one.secret().length());
        for (int at = 0; at + length <= one.secret().length(); at += length) {
            assertThat(text).as(one.rule()).doesNotContain(one.secret().substring(at, at + length));
        }
    }

    private static String request(String said) throws IOException {
        ObjectNode body = JSON.createObjectNode().put("model", "m");
        body.putArray("messages").addObject().put("role", "assistant").put("content", said);
        return JSON.writeValueAsString(body);
    }

    private String ofRequest(String said) throws IOException {
        return JSON.readTree(redacted(request(said), false))
                .at("/messages/0/content")
                .asText();
    }

    @Test
    void jsonStaysJson() throws Exception {
        for (int kind = 0; kind < planted.kinds(); kind++) {
            PlantedSecrets.Planted one = planted.of(kind);
            String said = "before\n" + one.text() + "\nafter";
            String rest = ofRequest(said);
            isGone(rest, one);
            assertThat(rest)
                    .as(one.rule())
                    .startsWith("before\n")
                    .endsWith("\nafter")
                    .contains("[redacted:");
        }
    }

    @Test
    void whatHasNoSecretStaysAsItIs() throws Exception {
        for (String body : List.of(
                "",
                "{}",
                request("a \"word\" \\ and \u00e4 \ud83d\ude00"),
                "{\"torn\": \"in the mid",
                "event: ping\r\ndata: {\"type\": \"ping\"}\r\n\r\n",
                "plain text, with: \"quotes\"",
                "data: [DONE]\n\n")) {
            assertThat(redacted(body, true)).isEqualTo(body);
        }
    }

    @Test
    void aSecretThatGoesOverSeveralStringsLeavesTheirQuotes() throws Exception {
        PlantedSecrets.Planted key = planted.of(planted.kinds() - 1);
        ObjectNode body = JSON.createObjectNode();
        key.text().lines().forEach(body.putArray("lines")::add);
        String pretty = JSON.writerWithDefaultPrettyPrinter().writeValueAsString(body);
        for (String text : List.of(body.toString(), pretty)) {
            String rest = redacted(text, false);
            isGone(rest, key);
            assertThat(JSON.readTree(rest).path("lines").size())
                    .isEqualTo(body.path("lines").size());
        }
    }

    @Test
    void plainTextLosesItWhole() throws Exception {
        PlantedSecrets.Planted one = planted.of(0);
        assertThat(redacted("[2026-01-01] token=" + one.secret() + "\n", true)).doesNotContain(one.secret());
        assertThat(redacted("form=1&key=" + one.secret(), true)).doesNotContain(one.secret());
    }

    /// An event of a text's piece.
    private static String anthropic(int index, String piece) {
        ObjectNode event =
                JSON.createObjectNode().put("type", "content_block_delta").put("index", index);
        event.putObject("delta").put("type", "text_delta").put("text", piece);
        return "event: content_block_delta\ndata: " + event + "\n\n";
    }

    private static String anthropicTool(int index, String piece) {
        ObjectNode event =
                JSON.createObjectNode().put("type", "content_block_delta").put("index", index);
        event.putObject("delta").put("type", "input_json_delta").put("partial_json", piece);
        return "event: content_block_delta\ndata: " + event + "\n\n";
    }

    private static String chat(int index, String piece) {
        ObjectNode event =
                JSON.createObjectNode().put("id", "chatcmpl-12345678").put("object", "chat.completion.chunk");
        ObjectNode choice = event.putArray("choices").addObject().put("index", 0);
        choice.putObject("delta")
                .putArray("tool_calls")
                .addObject()
                .put("index", index)
                .putObject("function")
                .put("arguments", piece);
        return "data: " + event + "\n\n";
    }

    private static String responses(int index, String piece) {
        return JSON.createObjectNode()
                        .put("type", "response.output_text.delta")
                        .put("item_id", "msg_" + index)
                        .put("output_index", index)
                        .put("delta", piece)
                + "\n";
    }

    private static String joined(String body, String pointer, String indexPointer, int index) throws IOException {
        StringBuilder text = new StringBuilder();
        for (String line : body.lines().toList()) {
            if (line.contains("{")) {
                JsonNode event = JSON.readTree(line.substring(line.indexOf('{')));
                if (event.at(indexPointer).asInt(-1) == index) {
                    text.append(event.at(pointer).asText());
                }
            }
        }
        return text.toString();
    }

    /// Two texts at a time, in pieces of a few characters.
    private String streamed(BiFunction<Integer, String, String> event, String first, String second) {
        StringBuilder body = new StringBuilder();
        int[] at = new int[2];
        List<String> texts = List.of(first, second);
        while (at[0] < first.length() || at[1] < second.length()) {
            int which = random.nextInt(2);
            String text = texts.get(which);
            int end = Math.min(text.length(), at[which] + 1 + random.nextInt(7));
            if (end > at[which]) {
                body.append(event.apply(which, text.substring(at[which], end)));
                at[which] = end;
            }
        }
        return body.toString();
    }

    private void isFoundInPieces(BiFunction<Integer, String, String> event, String pointer, String index)
            throws IOException {
        for (int kind = 0; kind < planted.kinds(); kind++) {
            PlantedSecrets.Planted one = planted.of(kind);
            String said = "before \n" + one.text() + "\n after";
            String other = "what is said beside it, \u00e4 \ud83d\ude00 and all";
            String body = streamed(event, said, other);
            String rest = redacted(body, true);
            assertThat(rest.lines().count()).isEqualTo(body.lines().count());
            assertThat(joined(rest, pointer, index, 1)).isEqualTo(other);
            String left = joined(rest, pointer, index, 0);
            isGone(left, one);
            // The next call says it in one piece, and means the same message.
            assertThat(left).as(one.rule()).isEqualTo(ofRequest(said));
        }
    }

    @Test
    void aSecretInPiecesIsInNoneOfThem() throws Exception {
        isFoundInPieces(BodyRedactionTest::anthropic, "/delta/text", "/index");
        isFoundInPieces(BodyRedactionTest::anthropicTool, "/delta/partial_json", "/index");
        isFoundInPieces(
                BodyRedactionTest::chat,
                "/choices/0/delta/tool_calls/0/function/arguments",
                "/choices/0/delta/tool_calls/0/index");
        isFoundInPieces(BodyRedactionTest::responses, "/delta", "/output_index");
    }

    /// Calls of tools at once: an event has those that go on, wherever they stand in it.
    @Test
    void whereATextStandsInItsEventMayChange() throws Exception {
        PlantedSecrets.Planted one = planted.of(0);
        String said = "{\"c\":\"" + one.secret() + "\"}";
        int cut = said.length() / 2;
        StringBuilder body = new StringBuilder();
        for (String calls : List.of(
                "{\"index\":0,\"function\":{\"arguments\":\"{}\"}},{\"index\":1,\"function\":{\"arguments\":"
                        + JSON.writeValueAsString(said.substring(0, cut)) + "}}",
                "{\"index\":1,\"function\":{\"arguments\":" + JSON.writeValueAsString(said.substring(cut)) + "}}")) {
            body.append("data: {\"choices\":[{\"index\":0,\"delta\":{\"tool_calls\":[")
                    .append(calls)
                    .append("]}}]}\n\n");
        }
        assertThat(redacted(body.toString(), true))
                .contains("[redacted:")
                .doesNotContain(said.substring(cut, said.length() - 3));
    }

    /// The same event with a piece of its JSON on each line, as the protocol has it.
    private static String overLines(String event, String between, String end) {
        return event.replace("data: {", "data: {\ndata:")
                .replace(",\"", ",\n" + between + "data: \"")
                .replace("}\n\n", "\ndata:}\n\n")
                .replace("\n", end);
    }

    @Test
    void anEventMayGoOverSeveralLines() throws Exception {
        for (int kind = 0; kind < planted.kinds(); kind++) {
            PlantedSecrets.Planted one = planted.of(kind);
            String body = streamed(BodyRedactionTest::anthropic, "go " + one.text() + " on", "beside");
            String whole = redacted(body, true);
            for (String end : List.of("\n", "\r\n", "\r")) {
                for (String between : List.of("", "id: 7\n", ": ping\n")) {
                    String lines = body.lines()
                            .filter(line -> line.startsWith("data:"))
                            .map(line -> overLines(line + "\n\n", between, end))
                            .reduce("", String::concat);
                    String rest = redacted(lines, true);
                    assertThat(dataOf(rest, end)).as(one.rule()).isEqualTo(dataOf(whole, "\n"));
                    assertThat(rest.split("id: 7", -1)).hasSameSizeAs(lines.split("id: 7", -1));
                }
            }
        }
    }

    /// What a reader of server-sent events makes of a stream.
    private static List<JsonNode> dataOf(String stream, String end) throws IOException {
        List<JsonNode> events = new ArrayList<>();
        StringBuilder data = new StringBuilder();
        for (String line : stream.split(end, -1)) {
            if (line.startsWith("data:")) {
                data.append(line.substring("data:".length())).append('\n');
            } else if (line.isEmpty() && !data.isEmpty()) {
                events.add(JSON.readTree(data.toString()));
                data.setLength(0);
            }
        }
        return events;
    }

    @Test
    void anEventThatIsBeyondAllBoundsIsNotTakenForHarmless() {
        String deep = "{\"a\":".repeat(300) + "\"a piece\"" + "}".repeat(300);
        String digits = "{\"n\":" + "1".repeat(2_000) + ",\"text\":\"a piece\"}";
        for (String event : List.of(deep, digits)) {
            assertThatThrownBy(() -> redacted("data: " + event + "\n\n", true))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("an event of its answer");
        }
    }

    private static String element(int index, String piece) {
        ObjectNode event = JSON.createObjectNode();
        event.putArray("candidates")
                .addObject()
                .put("index", index)
                .putObject("content")
                .putArray("parts")
                .addObject()
                .put("text", piece);
        return event.toString();
    }

    @Test
    void elementsOfAnArrayAreEvents() throws Exception {
        for (int kind = 0; kind < planted.kinds(); kind++) {
            PlantedSecrets.Planted one = planted.of(kind);
            String body =
                    "[" + streamed((index, piece) -> element(index, piece) + "\n,\r\n", one.text(), "{[\"beside\"]}")
                            + element(2, "end") + "]";
            JsonNode pretty = JSON.readTree(body);
            for (String text :
                    List.of(body, JSON.writerWithDefaultPrettyPrinter().writeValueAsString(pretty))) {
                JsonNode rest = JSON.readTree(redacted(text, true));
                assertThat(rest.size()).isEqualTo(pretty.size());
                StringBuilder said = new StringBuilder();
                rest.forEach(event -> {
                    if (event.at("/candidates/0/index").asInt() == 0) {
                        said.append(
                                event.at("/candidates/0/content/parts/0/text").asText());
                    }
                });
                assertThat(said.toString()).as(one.rule()).contains("[redacted:");
                isGone(said.toString(), one);
            }
        }
    }

    @Test
    void aTextMayBeginInAnEventOfAnotherForm() throws Exception {
        PlantedSecrets.Planted one = planted.of(0);
        String first = one.secret().substring(0, 10);
        ObjectNode start =
                JSON.createObjectNode().put("type", "content_block_start").put("index", 0);
        start.putObject("content_block").put("type", "text").put("text", "use " + first);
        String body = "data: " + start + "\n\n" + anthropic(0, one.secret().substring(10)) + anthropic(0, " now");
        String rest = redacted(body, true);
        isGone(joined(rest, "/content_block/text", "/index", 0) + joined(rest, "/delta/text", "/index", 0), one);
        for (String end : List.of("\r", "\r\n")) {
            String other = redacted(body.replace("\n", end), true);
            assertThat(other.replace(end, "\n")).isEqualTo(rest);
        }
    }

    @Test
    void argumentsAreTheSameInAnAnswerAndInTheNextCall() throws Exception {
        for (int kind = 0; kind < planted.kinds(); kind++) {
            PlantedSecrets.Planted one = planted.of(kind);
            ObjectNode arguments = JSON.createObjectNode().put("command", one.text());
            String left = joined(
                    redacted(streamed(BodyRedactionTest::anthropicTool, arguments.toString(), "{}"), true),
                    "/delta/partial_json",
                    "/index",
                    0);
            ObjectNode body = JSON.createObjectNode();
            body.putArray("messages").addObject().set("input", arguments);
            assertThat(JSON.readTree(left))
                    .as(one.rule())
                    .isEqualTo(JSON.readTree(redacted(body.toString(), false)).at("/messages/0/input"));
        }
    }

    @Test
    void whateverTheLength() throws Exception {
        List<PlantedSecrets.Planted> all = new ArrayList<>();
        StringBuilder said = new StringBuilder();
        for (int i = 0; i < 100; i++) {
            PlantedSecrets.Planted one = planted.of(i);
            all.add(one);
            for (int words = 0; words < 30; words++) {
                said.append(OrdinaryText.of(random)).append('\n');
            }
            said.append(one.text()).append('\n');
        }
        String rest = ofRequest(said.toString());
        String streamed = redacted(streamed(BodyRedactionTest::anthropic, said.toString(), "beside"), true);
        for (PlantedSecrets.Planted one : all) {
            isGone(rest, one);
        }
        assertThat(joined(streamed, "/delta/text", "/index", 0)).isEqualTo(rest);
    }

    @Test
    void whatNobodySendsDoesNoHarm() throws Exception {
        PlantedSecrets.Planted one = planted.of(0);
        String nested = "{\"a\":".repeat(5_000) + "\"" + one.secret() + "\"" + "}".repeat(5_000);
        isGone(redacted(nested + "\n" + nested, false), one);
        StringBuilder many = new StringBuilder();
        for (int i = 0; i < 5_000; i++) {
            many.append(anthropic(i, "piece " + i));
        }
        assertThat(redacted(many.toString(), true)).isEqualTo(many.toString());
        for (int i = 5_000; i < 12_000; i++) {
            many.append(anthropic(i, "piece " + i));
        }
        assertThatThrownBy(() -> redacted(many.toString(), true)).hasMessageContaining("texts in pieces");
        String huge = "data: " + JSON.createObjectNode().put("text", "x".repeat(5 << 20) + " " + one.secret()) + "\n";
        isGone(redacted(huge, true), one);
    }
}
