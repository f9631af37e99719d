package io.hypaware.maintain;

import static io.hypaware.testing.RecordedCalls.message;
import static io.hypaware.testing.RecordedCalls.textBlock;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ArrayNode;
import io.hypaware.config.CacheConfig;
import io.hypaware.dataset.Hashes;
import io.hypaware.home.Cache;
import io.hypaware.testing.Configs;
import io.hypaware.testing.Queries;
import io.hypaware.testing.RecordedCalls;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Base64;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Payloads go when the last row that refers to them has gone, and not before.
class PayloadCollectionTest {

    private static final Instant THEN = Instant.parse("2026-03-01T10:00:00Z");

    @TempDir
    private Path cache;

    @Test
    void aPayloadGoesWithTheLastRowThatRefersToIt() throws Exception {
        RecordedCalls calls = new RecordedCalls(cache);
        String shared = "shared ".repeat(1_000);
        String alone = "alone ".repeat(1_000);
        record(calls, THEN, shared, alone);
        record(calls, THEN.plus(Duration.ofDays(60)), shared, "younger ".repeat(1_000));

        // Everything is young enough.
        Report early = tick(THEN.plus(Duration.ofDays(80)));
        assertThat(early.of(Event.Collected.class)).isEmpty();
        assertThat(payloadsWith("alone alone")).isPositive();

        Report report = tick(THEN.plus(Duration.ofDays(100)));
        assertThat(report.failed()).isEmpty();
        assertThat(report.of(Event.Collected.class)).hasSize(1);
        assertThat(payloadsWith("alone alone")).isZero();
        assertThat(payloadsWith("shared shared")).isPositive();
        assertThat(Queries.values(cache, "select sha256(system_text) from ai_gateway_messages"))
                .hasSize(2)
                .containsOnly(Hashes.sha256(shared.getBytes(StandardCharsets.UTF_8)));
        assertThat(Queries.values(cache, "select contains(decode(request_body), 'younger') from exchanges"))
                .containsExactly("true");
        assertThat(CacheCheck.run(new Cache(cache), false).findings()).isEmpty();

        // Once a day is enough, and then there is nothing left.
        assertThat(tick(THEN.plus(Duration.ofDays(100))).of(Event.Collected.class))
                .isEmpty();
        assertThat(tick(THEN.plus(Duration.ofDays(101))).of(Event.Collected.class))
                .isEmpty();
    }

    @Test
    void whatWasDroppedIsStoredAgainWhenItIsSaidAgain() throws Exception {
        RecordedCalls calls = new RecordedCalls(cache);
        String text = "again ".repeat(1_000);
        record(calls, THEN, text, "first ".repeat(300));
        record(calls, THEN.plus(Duration.ofDays(60)), "another ".repeat(1_000), "second ".repeat(300));
        tick(THEN.plus(Duration.ofDays(100)));
        assertThat(payloadsWith("again again")).isZero();

        record(calls, THEN.plus(Duration.ofDays(100)), text, "third ".repeat(300));
        tick(THEN.plus(Duration.ofDays(101)));
        assertThat(Queries.values(cache, "select count(*) from ai_gateway_messages where system_text like 'again%'"))
                .containsExactly("2");
        assertThat(Queries.values(cache, "select hash from payloads")).doesNotHaveDuplicates();
        assertThat(CacheCheck.run(new Cache(cache), false).findings()).isEmpty();
    }

    /// A file is not written again for a few rows, unless somebody says so.
    @Tag("slow")
    @Test
    void littleGarbageGoesWhenForced() throws Exception {
        RecordedCalls calls = new RecordedCalls(cache);
        systemOf(calls, THEN, 0, 120);
        systemOf(calls, THEN.plus(Duration.ofDays(60)), 1, 120);
        Instant later = THEN.plus(Duration.ofDays(100));
        assertThat(tick(later).of(Event.Collected.class)).isEmpty();
        assertThat(payloadsWith("block 0 ")).isPositive();

        CacheConfig config = Configs.defaults().query().cache();
        Report forced = Ticks.run(cache, config, Clock.fixed(later, ZoneOffset.UTC), Ticks.FORCED);

        assertThat(forced.of(Event.Collected.class)).hasSize(1);
        assertThat(payloadsWith("block 0 ")).isZero();
        assertThat(payloadsWith("block 1 ")).isPositive();
        assertThat(CacheCheck.run(new Cache(cache), false).findings()).isEmpty();
    }

    private static void systemOf(RecordedCalls calls, Instant at, int from, int to) {
        ArrayNode system = RecordedCalls.JSON.createArrayNode();
        for (int i = from; i < to; i++) {
            system.add(textBlock(("block " + i + " ").repeat(200)));
        }
        calls.call()
                .startedAt(at)
                .session("s" + at.getEpochSecond())
                .set("system", system)
                .messages(message("user", "question " + at))
                .answer("A")
                .record();
        calls.settle();
    }

    @Test
    void imagesStayAsLongAsTheirMessage() throws Exception {
        byte[] image = new byte[20_000];
        new Random(4).nextBytes(image);
        String url = "data:image/png;base64," + Base64.getEncoder().encodeToString(image);
        RecordedCalls calls = new RecordedCalls(cache);
        calls.call()
                .startedAt(THEN)
                .session("s")
                .messages(message("user", textBlock("see " + url)), message("user", "and " + url))
                .answer("A")
                .record();
        calls.settle();
        // The bodies go, the messages stay.
        CacheConfig config = Configs.withCache(
                        "{\"retention\": {\"default_days\": 0, \"datasets\": {\"exchanges\": 1}}}")
                .query()
                .cache();
        Report report =
                Ticks.run(cache, config, Clock.fixed(THEN.plus(Duration.ofDays(9)), ZoneOffset.UTC), Ticks.WHOLE);
        assertThat(report.of(Event.Collected.class)).hasSize(1);
        assertThat(Queries.values(cache, "select count(*) from exchanges")).containsExactly("0");
        assertThat(Queries.values(cache, "select sha256(bytes) from payloads where bytes is not null"))
                .containsExactly(Hashes.sha256(image));
        assertThat(Queries.values(cache, "select raw_frame from ai_gateway_messages where role = 'user'"))
                .hasSize(2)
                .allMatch(frame -> frame.contains("<sha256:" + Hashes.sha256(image) + ">"));
    }

    @Test
    void aMissingPayloadIsFoundByTheCheck() throws Exception {
        RecordedCalls calls = new RecordedCalls(cache);
        record(calls, THEN, "text ".repeat(1_000), "question");
        try (var connection = java.sql.DriverManager.getConnection("jdbc:sqlite:" + calls.journal());
                var statement = connection.createStatement()) {
            statement.execute("DELETE FROM hot_row WHERE dataset = 'payloads' AND row_id = '"
                    + Hashes.sha256("text ".repeat(1_000).getBytes(StandardCharsets.UTF_8)) + "'");
        }
        assertThat(CacheCheck.run(new Cache(cache), false).findings())
                .anyMatch(f -> f.what().contains("ai_gateway_messages.system_text refers to it"));
    }

    private static void record(RecordedCalls calls, Instant at, String system, String question) {
        calls.call()
                .startedAt(at)
                .session("s" + at.getEpochSecond())
                .system(system)
                .messages(message("user", question))
                .answer("A")
                .record();
        calls.settle();
    }

    private Report tick(Instant at) throws Exception {
        return Ticks.run(cache, Configs.defaults().query().cache(), Clock.fixed(at, ZoneOffset.UTC), Ticks.WHOLE);
    }

    private long payloadsWith(String text) throws Exception {
        List<String> found = Queries.values(cache, "select count(*) from payloads where text like '%" + text + "%'");
        return Long.parseLong(found.getFirst());
    }
}
