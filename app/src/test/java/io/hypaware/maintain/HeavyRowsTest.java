package io.hypaware.maintain;

import static io.hypaware.testing.RecordedCalls.JSON;
import static io.hypaware.testing.RecordedCalls.message;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.hypaware.config.CacheConfig;
import io.hypaware.dataset.Hashes;
import io.hypaware.home.Cache;
import io.hypaware.testing.Configs;
import io.hypaware.testing.Processes;
import io.hypaware.testing.Queries;
import io.hypaware.testing.RecordedCalls;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Rows of every weight are flushed and compacted within the memory that the config gives by default: a batch
/// is bounded by bytes really held.
@Tag("slow")
class HeavyRowsTest {

    @TempDir
    private Path cache;

    /// Each of them is more than the engine may hold of such rows.
    private static final int FILES = Processes.EACH_DEATH ? 4 : 2;

    private final Random random = new Random(1);

    @Test
    void someKilobytesEach() throws Exception {
        RecordedCalls calls = new RecordedCalls(cache);
        for (int call = 0; call < FILES; call++) {
            List<ObjectNode> messages = new ArrayList<>();
            for (int i = 0; i < 4_001; i++) {
                messages.add(message(i % 2 == 0 ? "user" : "assistant", noise(3_000)));
            }
            calls.call().session("s" + call).messages(messages).answer("A").record();
            calls.settle();
            flush();
        }
        compacted();
        assertThat(Queries.values(cache, "select count(*), min(length(content_text)) from ai_gateway_messages"))
                .containsExactly(Integer.toString(FILES * 4_002));
    }

    @Test
    void imagesAmongSmallCalls() throws Exception {
        RecordedCalls calls = new RecordedCalls(cache);
        List<String> sent = new ArrayList<>();
        for (int call = 0; call < 2 * FILES; call++) {
            byte[] image = new byte[call % 2 == 0 ? 14_000_000 : 3_000];
            random.nextBytes(image);
            JsonNode block =
                    JSON.readTree("{\"type\":\"image\",\"source\":{\"type\":\"base64\",\"media_type\":\"image/png\","
                            + "\"data\":\"" + Base64.getEncoder().encodeToString(image) + "\"}}");
            byte[] request = JSON.createObjectNode()
                    .put("model", "m")
                    .set("messages", JSON.createArrayNode().add(message("user", block)))
                    .toString()
                    .getBytes(StandardCharsets.UTF_8);
            sent.add(Hashes.sha256(request));
            calls.call().session("s" + call).request(request).answer("A").record();
        }
        calls.settle();
        flush();
        compacted();
        assertThat(Queries.values(cache, "select sha256(request_body) from exchanges order by started_at"))
                .isEqualTo(sent);
        assertThat(CacheCheck.run(new Cache(cache), false).findings()).isEmpty();
    }

    private void flush() throws Exception {
        new Flush(new Cache(cache), config().maintenance(), _ -> {}).run();
    }

    private void compacted() throws Exception {
        Report report = Ticks.run(cache, config(), Clock.systemUTC(), Ticks.FORCED);
        assertThat(report.failed()).isEmpty();
        assertThat(report.of(Event.Compacted.class)).isNotEmpty();
    }

    private static CacheConfig config() {
        return Configs.withCache("{\"retention\": {\"default_days\": 0}}")
                .query()
                .cache();
    }

    private String noise(int length) {
        byte[] bytes = new byte[length * 3 / 4];
        random.nextBytes(bytes);
        return Base64.getEncoder().encodeToString(bytes);
    }
}
