package io.hypaware.payload;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.hypaware.dataset.Hashes;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Values stored as elements come back byte for byte, and what is sent again is not stored again.
class ValueBuilderTest {

    private static final ObjectMapper JSON = new ObjectMapper();

    private final Map<String, Payload> stored = new HashMap<>();
    private final Set<String> added = new HashSet<>();
    private final Random random = new Random(7);

    @Test
    void aRequestComesBackByteForByte() throws IOException {
        byte[] body = bytes(request(40, -1));
        String hash = keep(body);
        assertThat(hash).isEqualTo(Hashes.sha256(body));
        assertThat(rebuilt(hash)).isEqualTo(body);
    }

    @Test
    void anyBytesComeBack() throws IOException {
        for (int seed = 0; seed < 300; seed++) {
            Random any = new Random(seed);
            byte[] body = new byte[2_000 + any.nextInt(3_000)];
            any.nextBytes(body);
            assertThat(rebuilt(keep(body))).as("bytes of seed %d", seed).isEqualTo(body);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"messages\":[",
                "{\"messages\":[{\"role\":\"user\",\"content\":\"LONG\"},",
                "{\"messages\":[{\"role\":\"user\",\"content\":[{\"text\":\"LONG\" , \"x\":1},{\"text\":\"LONG\"\n}]}]} \n trailing",
                "{\"tools\":[1,{\"name\":\"LONG\"},[{\"a\":\"LONG\"}],{\"b\":2}],\"messages\":[]}",
                "{\"tools\":{\"a\":\"LONG\"},\"system\":\"LONG\"}",
                "{\"a\":\"LONG\"}{\"a\":\"LONG\"}",
                "[\"LONG\",\"LONG\"]",
                "\"LONG\"",
                "LONG",
                "{\"a\":\"LONG\\\"\\\\\",\"b\":\"\\u00e9LONG é € 😀\"}",
                "{\"input\":[{\"content\":[{\"text\":\"LONG\",\"cache_control\":{\"type\":\"ephemeral\"}}]}]}"
            })
    void whateverItsShapeItComesBack(String shape) throws IOException {
        byte[] body = shape.replace("LONG", "x".repeat(600)).getBytes(StandardCharsets.UTF_8);
        assertThat(rebuilt(keep(body))).isEqualTo(body);
    }

    @Test
    void aTextLargerThanAPieceIsCutBetweenCharacters() throws IOException {
        byte[] body = ("{\"system\":\"a" + "€".repeat(1_200_000) + "\"}").getBytes(StandardCharsets.UTF_8);
        assertThat(rebuilt(keep(body))).isEqualTo(body);
        assertThat(stored.values()).allMatch(p -> !(p.content() instanceof Payload.Content.Bytes));
        assertThat(stored.values().stream()
                        .filter(p -> p.content() instanceof Payload.Content.Text)
                        .mapToLong(Payload::size))
                .allMatch(size -> size <= Pieces.MOST_BYTES);
    }

    @Test
    void oneTurnMoreCostsItsOwnContentOnly() throws IOException {
        keep(bytes(request(300, -1)));
        added.clear();
        keep(bytes(request(301, -1)));
        // The new turn's texts, the last groups, and what stands for the whole.
        assertThat(bytesAdded()).isLessThan(12_000);
    }

    @Test
    void oneToolThatChangesCostsThatTool() throws IOException {
        keep(bytes(request(300, -1)));
        added.clear();
        keep(bytes(request(300, 11)));
        assertThat(bytesAdded()).isLessThan(20_000);
        assertThat(stored.values().stream().filter(p -> added.contains(p.hash())))
                .anyMatch(p -> p.content() instanceof Payload.Content.Text(String text)
                        && text.startsWith("{\"name\":\"tool11\""));
    }

    @Test
    void aMarkThatWandersFromBlockToBlockCostsNoText() throws IOException {
        ObjectNode first = request(50, -1);
        mark(first, 49);
        keep(bytes(first));
        added.clear();
        ObjectNode second = request(50, -1);
        mark(second, 47);
        keep(bytes(second));
        assertThat(stored.values().stream()
                        .filter(p -> added.contains(p.hash()))
                        .filter(p -> p.content() instanceof Payload.Content.Text))
                .isEmpty();
    }

    @Test
    void smallPiecesAreOneText() {
        StringBuilder whole = new StringBuilder();
        ValueBuilder builder = new ValueBuilder((_, payload) -> put(payload.get()));
        for (int i = 0; i < 20; i++) {
            String piece = "piece " + i + ", ".repeat(10);
            whole.append(piece);
            builder.add(piece.getBytes(StandardCharsets.UTF_8));
        }
        String hash = builder.finish();
        assertThat(rebuilt(hash)).asString(StandardCharsets.UTF_8).isEqualTo(whole.toString());
    }

    @Test
    void partsAreReadAsTheyWereWritten() {
        List<Part> parts =
                List.of(new Part.Literal("#not a hash \"quoted\" \u2028"), new Part.Ref("ab"), new Part.Literal("="));
        assertThat(Part.ofJson(Part.toJson(parts))).isEqualTo(parts);
    }

    private static void mark(ObjectNode request, int message) {
        ArrayNode content = (ArrayNode) request.path("messages").get(message).path("content");
        ((ObjectNode) content.get(content.size() - 1))
                .putObject("cache_control")
                .put("type", "ephemeral");
    }

    private ObjectNode request(int messages, int changedTool) {
        random.setSeed(3);
        ObjectNode request = JSON.createObjectNode().put("model", "m").put("max_tokens", 100);
        ArrayNode tools = request.putArray("tools");
        for (int i = 0; i < 24; i++) {
            tools.addObject()
                    .put("name", "tool" + i)
                    .put("description", words(5_000) + (i == changedTool ? "changed" : ""));
        }
        request.putArray("system").addObject().put("type", "text").put("text", words(20_000));
        ArrayNode list = request.putArray("messages");
        for (int i = 0; i < messages; i++) {
            ObjectNode message = list.addObject().put("role", i % 2 == 0 ? "user" : "assistant");
            message.putArray("content").addObject().put("type", "text").put("text", words(i % 3 == 0 ? 3_000 : 200));
        }
        return request;
    }

    private String words(int length) {
        StringBuilder text = new StringBuilder();
        while (text.length() < length) {
            text.append(Integer.toString(random.nextInt(1_000_000), 36)).append(' ');
        }
        return text.toString();
    }

    private static byte[] bytes(ObjectNode json) throws IOException {
        return JSON.writeValueAsBytes(json);
    }

    private String keep(byte[] body) throws IOException {
        ValueBuilder builder = new ValueBuilder((_, payload) -> put(payload.get()));
        Pieces.read(new ByteArrayInputStream(body), Cuts.ofJson(new ByteArrayInputStream(body)), builder::add);
        return builder.finish();
    }

    private void put(Payload payload) {
        if (stored.putIfAbsent(payload.hash(), payload) == null) {
            added.add(payload.hash());
            if (payload.content() instanceof Payload.Content.Parts(List<Part> parts)) {
                for (Part part : parts) {
                    if (part instanceof Part.Ref(String hash)) {
                        assertThat(stored).as("elements come first").containsKey(hash);
                    }
                }
            }
        }
    }

    private long bytesAdded() {
        return stored.values().stream()
                .filter(p -> added.contains(p.hash()))
                .mapToLong(p -> switch (p.content()) {
                    case Payload.Content.Text(String text) -> text.length();
                    case Payload.Content.Bytes(byte[] bytes) -> bytes.length;
                    case Payload.Content.Parts(List<Part> parts) ->
                        Part.toJson(parts).length();
                })
                .sum();
    }

    private byte[] rebuilt(String hash) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        write(hash, out);
        byte[] bytes = out.toByteArray();
        assertThat(Hashes.sha256(bytes)).isEqualTo(hash);
        assertThat(stored.get(hash).size()).isEqualTo(bytes.length);
        return bytes;
    }

    private void write(String hash, ByteArrayOutputStream out) {
        switch (stored.get(hash).content()) {
            case Payload.Content.Text(String text) -> out.writeBytes(text.getBytes(StandardCharsets.UTF_8));
            case Payload.Content.Bytes(byte[] bytes) -> out.writeBytes(bytes);
            case Payload.Content.Parts(List<Part> parts) ->
                parts.forEach(part -> {
                    switch (part) {
                        case Part.Literal(String text) -> out.writeBytes(text.getBytes(StandardCharsets.UTF_8));
                        case Part.Ref(String inner) -> write(inner, out);
                    }
                });
        }
    }
}
