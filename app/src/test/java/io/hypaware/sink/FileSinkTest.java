package io.hypaware.sink;

import static io.hypaware.testing.RecordedCalls.message;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.hypaware.home.Cache;
import io.hypaware.home.Folders;
import io.hypaware.maintain.Flush;
import io.hypaware.privacy.PrivacyList;
import io.hypaware.testing.Configs;
import io.hypaware.testing.RecordedCalls;
import io.hypaware.testing.SinkEnvironments;
import io.hypaware.testing.Trees;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Rows as files: what is recorded, once, with payloads in place, and nothing of sessions that stay.
class FileSinkTest {

    private static final Instant NOW = Instant.parse("2026-03-02T10:00:20Z");

    /// Far over what stays in a row.
    private static final String LARGE = "large text ".repeat(400);

    @TempDir
    private Path home;

    private Cache cache;
    private RecordedCalls calls;
    private Path out;

    @BeforeEach
    void open() {
        cache = new Cache(home.resolve("hypaware/cache"));
        calls = new RecordedCalls(cache.folder());
        out = home.resolve("exports");
    }

    private void record(String... sessions) {
        for (String session : sessions) {
            calls.call()
                    .session(session)
                    .messages(message("user", "question " + session), message("user", LARGE + session))
                    .answer("answer")
                    .record();
        }
        calls.settle();
    }

    private List<Sinks.Ran> tried(String writer, String more) throws InterruptedException {
        return new Sinks(Configs.withSinks("""
                        {"files": {"writer": "%s", "destination": "@hypaware/local-fs", "config": {"dir": "%s"%s}}}""".formatted(writer, out, more)), SinkEnvironments.at(NOW, cache))
                .force(Optional.empty());
    }

    private String run(String writer, String more) throws InterruptedException {
        List<Sinks.Ran> ran = tried(writer, more);
        assertThat(ran).extracting(Sinks.Ran::error).containsExactly("");
        return ran.getFirst().outcome().orElseThrow().text();
    }

    private String parquet() throws InterruptedException {
        return run("@hypaware/format-parquet", ", \"datasets\": [\"ai_gateway_messages\"]");
    }

    private List<String> read(String sql) throws Exception {
        try (var engine = DriverManager.getConnection("jdbc:duckdb:");
                var statement = engine.createStatement();
                ResultSet row = statement.executeQuery(sql)) {
            List<String> found = new ArrayList<>();
            while (row.next()) {
                found.add(row.getString(1));
            }
            return found;
        }
    }

    private String messages() {
        return " from read_parquet('" + out + "/ai_gateway_messages/date=*/*.parquet')";
    }

    /// Positions are given again then, and names of files with them.
    @Tag("slow")
    @Test
    void aHomeThatWasPutBackReplacesNothing() throws Exception {
        for (String writer : List.of("parquet", "jsonl", "iceberg")) {
            Path mine = Files.createDirectories(home.resolve(writer));
            cache = new Cache(mine.resolve("hypaware/cache"));
            calls = new RecordedCalls(cache.folder());
            out = mine.resolve("exports");
            record("first");
            run("@hypaware/format-" + writer, "");
            Path backup = mine.resolve("backup");
            Trees.copy(mine.resolve("hypaware"), backup);
            record("second");
            run("@hypaware/format-" + writer, "");
            Map<String, Long> before = Trees.files(out);
            Folders.delete(mine.resolve("hypaware"));
            Trees.copy(backup, mine.resolve("hypaware"));
            calls = new RecordedCalls(cache.folder());
            record("third");
            assertThat(tried("@hypaware/format-" + writer, "").getFirst().error())
                    .as(writer)
                    .contains("put back from a backup");
            assertThat(Trees.files(out)).as(writer).isEqualTo(before);
        }
    }

    @Test
    void nothingIsWrittenWhereTheProgramKeepsWhatItRecords() throws Exception {
        record("one");
        out = cache.folder().resolve("tables");
        assertThat(tried("@hypaware/format-parquet", "").getFirst().error()).contains("name a place elsewhere");
        Files.createSymbolicLink(home.resolve("link"), cache.folder());
        out = home.resolve("link/new");
        assertThat(tried("@hypaware/format-parquet", "").getFirst().error()).contains("name a place elsewhere");
        assertThat(cache.folder().resolve("new")).doesNotExist();
    }

    @Test
    void whatIsRecordedIsWrittenOnce() throws Exception {
        record("one", "two");
        parquet();
        assertThat(read("select distinct session_id" + messages() + " order by 1"))
                .containsExactly("one", "two");
        assertThat(read("select count(*) - count(distinct part_id)" + messages()))
                .containsExactly("0");
        Map<String, Long> before = Trees.files(out);
        assertThat(parquet()).startsWith("0 rows");
        assertThat(Trees.files(out)).isEqualTo(before);

        record("three");
        new Flush(cache, Configs.defaults().query().cache().maintenance(), _ -> {}).run();
        parquet();
        assertThat(read("select distinct session_id" + messages() + " order by 1"))
                .containsExactly("one", "three", "two");
        assertThat(read("select count(*) - count(distinct part_id)" + messages()))
                .containsExactly("0");
        assertThat(Trees.files(cache.spill())).isEmpty();
    }

    @Test
    void payloadsStandInTheirRows() throws Exception {
        record("one");
        run("@hypaware/format-parquet", "");
        assertThat(read("select content_text" + messages() + " where content_text like 'large%'"))
                .containsExactly(LARGE + "one");
        assertThat(read("select count(*) from read_parquet('" + out
                        + "/exchanges/date=*/*.parquet') where octet_length(request_body) > 4000"))
                .containsExactly("1");
    }

    @Test
    void aManifestSaysWhatABatchHolds() throws Exception {
        record("one");
        parquet();
        Path manifests = out.resolve("ai_gateway_messages/_batches");
        assertThat(Trees.files(manifests)).hasSize(1);
        JsonNode manifest = new ObjectMapper()
                .readTree(manifests.resolve(Trees.files(manifests).firstKey()).toFile());
        JsonNode file = manifest.at("/files/0");
        Path written = out.resolve(file.path("key").asText());
        assertThat(file.path("bytes").asLong()).isEqualTo(Files.size(written));
        assertThat(file.path("sha256").asText())
                .isEqualTo(HexFormat.of()
                        .formatHex(MessageDigest.getInstance("SHA-256").digest(Files.readAllBytes(written))));
        assertThat(manifest.path("rows").asText())
                .isEqualTo(read("select count(*)" + messages()).getFirst());
        assertThat(manifest.at("/schema/0/name").asText()).isEqualTo("gateway_id");
        assertThat(written.getParent().getFileName()).asString().startsWith("date=2026-");
    }

    @Test
    void sessionsThatStayAreLeftOutUntilTheyMayGo() throws Exception {
        record("one", "mine");
        PrivacyList.update(cache.privacyList(), list -> list.withSession("mine", NOW));
        assertThat(parquet()).endsWith("stay on this machine");
        assertThat(read("select distinct session_id" + messages())).containsExactly("one");
        assertThat(Trees.files(out).keySet()).noneMatch(file -> file.contains("limits"));

        PrivacyList.update(cache.privacyList(), list -> list.withoutSession("mine"));
        record("two");
        parquet();
        assertThat(read("select distinct session_id" + messages() + " order by 1"))
                .containsExactly("mine", "one", "two");
        assertThat(read("select count(*) - count(distinct part_id)" + messages()))
                .containsExactly("0");
        assertThat(Trees.files(out).keySet()).anyMatch(file -> file.contains("released-"));
    }

    @Test
    void linesOfJsonHoldTheSame() throws Exception {
        record("one");
        run("@hypaware/format-jsonl", ", \"compression\": \"zstd\", \"datasets\": [\"ai_gateway_messages\"]");
        String lines = " from read_json('" + out + "/ai_gateway_messages/date=*/*.jsonl.zst')";
        assertThat(read("select content_text" + lines + " where content_text like 'large%'"))
                .containsExactly(LARGE + "one");
        assertThat(read("select count(*) - count(distinct part_id)" + lines)).containsExactly("0");
    }

    @Test
    void batchesAreBounded() throws Exception {
        record("one", "two", "three");
        run("@hypaware/format-parquet", ", \"batch_rows\": 2, \"datasets\": [\"ai_gateway_messages\"]");
        assertThat(Trees.files(out.resolve("ai_gateway_messages/_batches"))).hasSizeGreaterThan(3);
        assertThat(read("select count(*) - count(distinct part_id)" + messages()))
                .containsExactly("0");
        assertThat(read("select distinct session_id" + messages() + " order by 1"))
                .containsExactly("one", "three", "two");
    }

    @Test
    void aDatasetThatIsNotThereIsNamed() throws Exception {
        record("one");
        List<Sinks.Ran> ran = new Sinks(Configs.withSinks("""
                        {"files": {"writer": "@hypaware/format-parquet", "destination": "@hypaware/local-fs",
                         "config": {"dir": "%s", "datasets": ["nothing"]}}}""".formatted(out)), SinkEnvironments.at(NOW, cache))
                .force(Optional.empty());
        assertThat(ran.getFirst().error()).startsWith("dataset_unknown");
    }
}
