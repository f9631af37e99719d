package io.hypaware.sink;

import static io.hypaware.testing.RecordedCalls.message;
import static org.assertj.core.api.Assertions.assertThat;

import io.hypaware.backfill.Backfill;
import io.hypaware.backfill.TranscriptFiles;
import io.hypaware.home.Cache;
import io.hypaware.home.Progress;
import io.hypaware.maintain.Maintenance;
import io.hypaware.maintain.Writing;
import io.hypaware.privacy.PrivacyList;
import io.hypaware.project.transcript.TranscriptFormat;
import io.hypaware.project.transcript.TranscriptFormats;
import io.hypaware.store.Destination;
import io.hypaware.store.LocalFolder;
import io.hypaware.store.S3Bucket;
import io.hypaware.testing.Configs;
import io.hypaware.testing.ExportedTables;
import io.hypaware.testing.OlderHome;
import io.hypaware.testing.Queries;
import io.hypaware.testing.RecordedCalls;
import io.hypaware.testing.S3Server;
import io.hypaware.testing.SinkEnvironments;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Rows of an older cache, which have no position of the journal, and rows of transcripts, which have one of today and
/// a time of long ago: through each writer they go once, and field by field.
@Tag("slow")
class AdoptedSinkTest {

    private static final Clock CLOCK = Clock.fixed(Instant.parse("2026-06-20T00:00:00Z"), ZoneOffset.UTC);

    private static final String FILES = "files";
    private static final String TABLES = "tables";
    private static final String BUCKET = "bucket";
    private static final Set<String> ALL = Set.of(FILES, TABLES, BUCKET);
    private static final Set<String> ONE = Set.of(TABLES);

    private static final String FIELDS =
            "md5(concat_ws('|', part_id, message_created_at, session_id, content_text, tools, attributes))";

    /// As somebody would be killed.
    private static final class Died extends Error {

        private static final long serialVersionUID = 1L;
    }

    @TempDir
    private Path home;

    private Cache cache;
    private Path out;
    private String bucket;

    @BeforeEach
    void open() throws Exception {
        S3Server.useCredentials();
        bucket = S3Server.get().bucket();
        cache = new Cache(OlderHome.copyTo(home, Instant.parse("2026-11-01T00:00:00Z"), OlderHome.Days.NINETEEN));
        out = home.resolve("exports");
        maintain();
        assertThat(values("select count(distinct _seq) from ai_gateway_messages where _seq < 0"))
                .isNotEqualTo(List.of("0"));
    }

    private void maintain() throws Exception {
        new Maintenance(cache, Configs.defaults().query().cache(), Writing.whole("gw"), CLOCK, Progress.NONE)
                .run(Maintenance.Options.background(Duration.ofMinutes(5)), Duration.ZERO);
    }

    private List<String> values(String sql) throws Exception {
        return Queries.values(cache.folder(), sql);
    }

    private List<String> recorded() throws Exception {
        return values("select " + FIELDS + " from ai_gateway_messages order by 1");
    }

    /// What the older program goes on with is adopted later, under a number of its own.
    private void goOnWithTheOlderProgram() throws Exception {
        Path spool = cache.folder().resolve("datasets/ai_gateway_messages/proxy_messages_v4/_hypaware_spool");
        String line = Files.readAllLines(spool.resolve("active.jsonl")).getFirst();
        Files.writeString(
                spool.resolve("flush-1.jsonl"),
                line.replace("\"r367\"", "\"later\"").replace("\"conv-6\"", "\"conv-7\"") + "\n");
        maintain();
    }

    private void backfill() throws Exception {
        Path file = home.resolve("user/.claude/projects/-p/long-ago.jsonl");
        Files.createDirectories(file.getParent());
        Files.writeString(file, """
                {"type":"user","uuid":"11111111-1111-4111-8111-111111111111","sessionId":"long-ago",\
                "timestamp":"2026-04-03T10:00:00Z","message":{"role":"user","content":"a question of long ago"}}
                {"type":"assistant","uuid":"22222222-2222-4222-8222-222222222222",\
                "parentUuid":"11111111-1111-4111-8111-111111111111","sessionId":"long-ago",\
                "timestamp":"2026-04-03T10:00:05Z","message":{"id":"msg_long_ago","role":"assistant",\
                "content":[{"type":"text","text":"an answer of long ago"}]}}
                """);
        TranscriptFormat claude = TranscriptFormats.all().getFirst();
        TranscriptFiles files = new TranscriptFiles(Map.of(), home.resolve("user"));
        assertThat(new Backfill(cache, Configs.defaults(), Writing.whole("gw"), CLOCK)
                        .run(claude, files.find(claude), Backfill.Options.ALL, Progress.NONE)
                        .counts()
                        .written())
                .isEqualTo(2);
    }

    private void record(String session) {
        RecordedCalls calls = new RecordedCalls(cache.folder());
        calls.call()
                .session(session)
                .messages(message("user", "question " + session))
                .answer("answer")
                .record();
        calls.settle();
    }

    private void run(Set<String> wanted, Consumer<SinkStep> steps) throws Exception {
        Map<String, String> sinks = Map.of(FILES, """
                "files": {"writer": "@hypaware/format-parquet", "destination": "@hypaware/local-fs",
                  "config": {"dir": "%s", "datasets": ["ai_gateway_messages"]}}""".formatted(out), TABLES, """
                "tables": {"writer": "@hypaware/format-iceberg", "destination": "@hypaware/local-fs",
                  "config": {"dir": "%s", "datasets": ["ai_gateway_messages"]}}""".formatted(out), BUCKET, """
                "bucket": {"writer": "@hypaware/format-iceberg", "destination": "@hypaware/s3",
                  "config": {"bucket": "%s", "endpoint_url": "http://127.0.0.1:%d", "force_path_style": true,
                    "datasets": ["ai_gateway_messages"]}}""".formatted(
                        bucket, S3Server.get().port()));
        List<Sinks.Ran> ran = new Sinks(
                        Configs.withSinks(wanted.stream().map(sinks::get).collect(Collectors.joining(",", "{", "}"))),
                        SinkEnvironments.at(CLOCK.instant(), cache, steps))
                .force(Optional.empty());
        assertThat(ran).extracting(Sinks.Ran::error).containsOnly("");
    }

    /// Dies at each place, one after the other, until nothing is left to send.
    private void runDying() throws Exception {
        boolean isOver = false;
        for (int death = 1; !isOver; death += 4) {
            int[] left = {death};
            try {
                run(ONE, _ -> {
                    if (--left[0] == 0) {
                        throw new Died();
                    }
                });
                isOver = true;
            } catch (Died _) {
                // The next run goes on.
            }
        }
    }

    private void assertAllOnce(Set<String> wanted) throws Exception {
        List<String> recorded = recorded();
        if (wanted.contains(TABLES)) {
            assertThat(exported(new LocalFolder(out, CLOCK))).isEqualTo(recorded);
        }
        if (wanted.contains(BUCKET)) {
            try (S3Bucket there =
                    S3Bucket.open(S3Server.config(bucket, "", S3Server.get().port()))) {
                assertThat(exported(there)).isEqualTo(recorded);
            }
        }
        if (wanted.contains(FILES)) {
            assertThat(ExportedTables.rows(
                            "'" + out + "/ai_gateway_messages/date=*/*.parquet'", "select " + FIELDS, "order by 1"))
                    .isEqualTo(recorded);
        }
    }

    private List<String> exported(Destination from) throws Exception {
        return ExportedTables.read(from, "ai_gateway_messages", home, "select " + FIELDS, "order by 1");
    }

    @Test
    void adoptedAndBackfilledRowsGoOnceWheneverTheyCome() throws Exception {
        run(ALL, _ -> {});
        assertAllOnce(ALL);
        record("today");
        goOnWithTheOlderProgram();
        backfill();
        run(ALL, _ -> {});
        assertAllOnce(ALL);
        assertThat(values("select count(*) from ai_gateway_messages where session_id in ('today', 'long-ago')"))
                .isEqualTo(List.of("4"));
    }

    @Test
    void whoDiesAmongThemLosesAndDoublesNone() throws Exception {
        backfill();
        runDying();
        assertAllOnce(ONE);
        goOnWithTheOlderProgram();
        runDying();
        assertAllOnce(ONE);
    }

    @Test
    void adoptedSessionsThatStayGoOnceTheyMay() throws Exception {
        String mine = values("select distinct conversation_id from ai_gateway_messages order by 1 limit 1")
                .getFirst();
        PrivacyList.update(cache.privacyList(), list -> list.withSession(mine, CLOCK.instant()));
        run(ONE, _ -> {});
        assertThat(ExportedTables.read(
                        new LocalFolder(out, CLOCK),
                        "ai_gateway_messages",
                        home,
                        "select count(*)",
                        "where conversation_id = '" + mine + "'"))
                .containsExactly("0");
        PrivacyList.update(cache.privacyList(), list -> list.withoutSession(mine));
        run(ONE, _ -> {});
        assertAllOnce(ONE);
    }
}
