package io.hypaware.project;

import static io.hypaware.testing.RecordedCalls.message;
import static io.hypaware.testing.RecordedCalls.text;
import static io.hypaware.testing.RecordedCalls.textBlock;
import static io.hypaware.testing.RecordedCalls.thinking;
import static io.hypaware.testing.RecordedCalls.toolResult;
import static io.hypaware.testing.RecordedCalls.toolUse;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.hypaware.journal.Journal;
import io.hypaware.testing.RecordedCalls;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Whatever one half of an exchange looks like, the other stands in the rows, and each exchange is one. `HYP_MUTATIONS`
/// sets how many, `HYP_SEED` which.
class MutatedExchangesTest {

    private static final ObjectMapper JSON = new ObjectMapper();

    @TempDir
    private Path folder;

    @Test
    void oneDamagedHalfNeverCostsTheOther() {
        int count = Integer.parseInt(System.getenv().getOrDefault("HYP_MUTATIONS", "200"));
        long seed = Long.parseLong(System.getenv().getOrDefault("HYP_SEED", Long.toString(System.nanoTime())));
        System.out.println("seed " + seed);
        Random random = new Random(seed);
        RecordedCalls calls = new RecordedCalls(folder);
        Set<String> expected = new HashSet<>();
        for (int i = 0; i < count; i++) {
            String mark = "mark-" + i + ".";
            boolean ofRequest = random.nextBoolean();
            byte[] request = request(mark);
            byte[] answer = random.nextInt(3) == 0 ? document(mark) : stream(mark);
            for (int n = random.nextInt(3); n >= 0; n--) {
                request = ofRequest ? mutated(request, random) : request;
                answer = ofRequest ? answer : mutated(answer, random);
            }
            expected.add(ofRequest ? "assistant " + mark : "user " + mark);
            calls.call()
                    .session("s" + i % 7)
                    .request(request)
                    .response(random.nextInt(5) == 0 ? "text/plain" : "text/event-stream", answer)
                    .record();
        }

        Set<String> said = new HashSet<>();
        calls.messages().forEach(row -> said.add(text(row, "role") + " " + text(row, "content_text")));
        assertThat(said).containsAll(expected);
        assertThat(calls.rows(ExchangeRow.DATASET)).hasSize(count);
        try (Journal journal = Journal.open(calls.journal())) {
            assertThat(journal.stats().failed()).isZero();
            assertThat(journal.problems(100))
                    .noneMatch(p -> p.message().contains("Exception"))
                    .noneMatch(p -> p.message().contains("could not be projected"));
        }
    }

    private static byte[] request(String mark) {
        ObjectNode body = JSON.createObjectNode().put("model", "m").put("max_tokens", 10);
        body.putArray("tools").addObject().put("name", "Read").putObject("input_schema");
        body.putArray("system").add(textBlock("You work in cwd: /x"));
        body.putArray("messages")
                .add(message("user", textBlock("<reminder>" + mark), textBlock(mark)))
                .add(message("assistant", thinking("hm"), toolUse("t-" + mark, "Read")))
                .add(message("user", toolResult("t-" + mark, "read")));
        return body.toString().getBytes(StandardCharsets.UTF_8);
    }

    private static byte[] document(String mark) {
        ObjectNode body = JSON.createObjectNode().put("id", "msg").put("role", "assistant");
        body.putArray("content").add(textBlock(mark));
        body.putObject("usage").put("input_tokens", 1).put("output_tokens", 2);
        return body.toString().getBytes(StandardCharsets.UTF_8);
    }

    private static byte[] stream(String mark) {
        String[] events = {
            "{\"type\":\"message_start\",\"message\":{\"id\":\"msg\",\"usage\":{\"input_tokens\":3}}}",
            "{\"type\":\"content_block_start\",\"index\":0,\"content_block\":{\"type\":\"thinking\",\"thinking\":\"\"}}",
            "{\"type\":\"content_block_delta\",\"index\":0,\"delta\":{\"type\":\"thinking_delta\",\"thinking\":\"hm\"}}",
            "{\"type\":\"content_block_stop\",\"index\":0}",
            "{\"type\":\"content_block_start\",\"index\":1,\"content_block\":{\"type\":\"text\",\"text\":\"\"}}",
            "{\"type\":\"content_block_delta\",\"index\":1,\"delta\":{\"type\":\"text_delta\",\"text\":\"" + mark
                    + "\"}}",
            "{\"type\":\"content_block_stop\",\"index\":1}",
            "{\"type\":\"message_delta\",\"delta\":{\"stop_reason\":\"end_turn\"},\"usage\":{\"output_tokens\":7}}",
            "{\"type\":\"message_stop\"}"
        };
        StringBuilder out = new StringBuilder();
        for (String event : events) {
            out.append("event: x\ndata: ").append(event).append("\n\n");
        }
        return out.toString().getBytes(StandardCharsets.UTF_8);
    }

    private static byte[] mutated(byte[] bytes, Random random) {
        if (bytes.length == 0) {
            return bytes;
        }
        int at = random.nextInt(bytes.length);
        int to = Math.min(bytes.length, at + 1 + random.nextInt(40));
        byte[] copy = bytes.clone();
        switch (random.nextInt(7)) {
            case 0 -> copy[at] = (byte) random.nextInt(256);
            case 1 -> {
                return Arrays.copyOf(bytes, at);
            }
            case 2 -> {
                return joined(bytes, at, new byte[0], to);
            }
            case 3 -> {
                return joined(bytes, to, Arrays.copyOfRange(bytes, at, to), to);
            }
            case 4 -> {
                String[] words = {"null", "[]", "{}", "-1", "1e999", "\"\"", "[".repeat(2_000), "\u0000", "}}", "\\u"};
                byte[] word = words[random.nextInt(words.length)].getBytes(StandardCharsets.UTF_8);
                return joined(bytes, at, word, to);
            }
            case 5 -> Arrays.fill(copy, at, to, (byte) 0xff);
            default -> {
                for (int i = at, j = to - 1; i < j; i++, j--) {
                    byte kept = copy[i];
                    copy[i] = copy[j];
                    copy[j] = kept;
                }
            }
        }
        return copy;
    }

    private static byte[] joined(byte[] bytes, int until, byte[] middle, int from) {
        byte[] out = Arrays.copyOf(bytes, until + middle.length + bytes.length - from);
        System.arraycopy(middle, 0, out, until, middle.length);
        System.arraycopy(bytes, from, out, until + middle.length, bytes.length - from);
        return out;
    }
}
