package io.hypaware.project;

import static io.hypaware.testing.RecordedCalls.text;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.hypaware.journal.Journal;
import io.hypaware.testing.RecordedCalls;
import io.hypaware.testing.Tapes;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// Whatever one half of an exchange looks like, the other stands in the rows, and each exchange is one. `HYP_MUTATIONS`
/// sets how many, `HYP_SEED` which.
class MutatedExchangesTest {

    private static final ObjectMapper JSON = new ObjectMapper();

    @TempDir
    private Path folder;

    @ParameterizedTest
    @EnumSource
    void oneDamagedHalfNeverCostsTheOther(WireShape shape) {
        int count = Integer.parseInt(System.getenv().getOrDefault("HYP_MUTATIONS", "200"));
        long seed = Long.parseLong(System.getenv().getOrDefault("HYP_SEED", Long.toString(System.nanoTime())));
        System.out.println("seed " + seed);
        Random random = new Random(seed);
        RecordedCalls calls = new RecordedCalls(folder);
        Set<String> expected = new HashSet<>();
        for (int i = 0; i < count; i++) {
            String mark = "mark-" + i + ".";
            boolean ofRequest = random.nextBoolean();
            byte[] request = shape.request(mark);
            byte[] answer = random.nextInt(3) == 0 ? shape.document(mark) : shape.stream(mark);
            for (int n = random.nextInt(3); n >= 0; n--) {
                request = ofRequest ? mutated(request, random) : request;
                answer = ofRequest ? answer : mutated(answer, random);
            }
            expected.add(ofRequest ? "assistant " + mark : "user " + mark);
            calls.call()
                    .provider(shape.provider)
                    .path(shape.path)
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
            assertThat(journal.problems().newest(100))
                    .noneMatch(p -> p.message().contains("Exception"))
                    .noneMatch(p -> p.message().contains("could not be projected"));
        }
    }

    /// A connection whose bytes are damaged, in the frames or in the records that hold them, is one row all the same.
    @Test
    void aDamagedConnectionIsOneExchangeAndFailsNothing() throws IOException {
        int count = Integer.parseInt(System.getenv().getOrDefault("HYP_MUTATIONS", "200"));
        long seed = Long.parseLong(System.getenv().getOrDefault("HYP_SEED", Long.toString(System.nanoTime())));
        System.out.println("seed " + seed);
        Random random = new Random(seed);
        RecordedCalls calls = new RecordedCalls(folder);
        for (int i = 0; i < count; i++) {
            boolean compressed = random.nextBoolean();
            byte[] client = Tapes.client(
                    compressed,
                    WireShape.RESPONSES
                            .requestJson("m" + i)
                            .put("type", "response.create")
                            .toString());
            byte[] provider = Tapes.provider(
                    compressed, WireShape.RESPONSES.events("m" + i).toArray(new String[0]));
            boolean ofClient = random.nextBoolean();
            for (int n = random.nextInt(3); n >= 0; n--) {
                client = ofClient ? mutated(client, random) : client;
                provider = ofClient ? provider : mutated(provider, random);
            }
            calls.call()
                    .provider("openai")
                    .method("GET")
                    .path("/v1/responses")
                    .session("s")
                    .status(101)
                    .request(client)
                    .response("x", provider)
                    .record();
        }

        assertThat(calls.rows(ExchangeRow.DATASET).stream()
                        .filter(row -> text(row, "method").equals("GET")))
                .hasSize(count);
        try (Journal journal = Journal.open(calls.journal())) {
            assertThat(journal.stats().failed()).isZero();
            assertThat(journal.problems().newest(100))
                    .noneMatch(p -> p.message().contains("Exception"));
        }
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
