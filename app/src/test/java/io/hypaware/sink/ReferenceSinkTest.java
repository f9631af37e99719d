package io.hypaware.sink;

import static io.hypaware.testing.RecordedCalls.message;
import static org.assertj.core.api.Assertions.assertThat;

import io.hypaware.home.Cache;
import io.hypaware.privacy.PrivacyList;
import io.hypaware.store.LocalFolder;
import io.hypaware.testing.Configs;
import io.hypaware.testing.ExportedTables;
import io.hypaware.testing.Queries;
import io.hypaware.testing.RecordedCalls;
import io.hypaware.testing.SinkEnvironments;
import io.hypaware.testing.Trees;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Sinks that tell large values by their hashes: the values go beside the rows, before them, each once, and none that
/// no leaving row refers to.
class ReferenceSinkTest {

    private static final Instant NOW = Instant.parse("2026-03-02T10:00:20Z");

    private static final String PARQUET = "parquet";
    private static final String ICEBERG = "iceberg";

    private static final String ALL_SESSIONS = "large text ".repeat(400);

    /// As somebody would be killed.
    private static final class Died extends Error {

        private static final long serialVersionUID = 1L;
    }

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
                    .system(("only of " + session + " ").repeat(400))
                    .messages(message("user", ALL_SESSIONS))
                    .answer("answer")
                    .record();
        }
        calls.settle();
    }

    private void run(String writer, Consumer<SinkStep> steps) throws Exception {
        List<Sinks.Ran> ran = new Sinks(
                        Configs.withSinks("""
                        {"out": {"writer": "@hypaware/format-%s", "destination": "@hypaware/local-fs",
                          "config": {"dir": "%s", "batch_rows": 4, "payloads": "reference"}}}""".formatted(writer, out)), SinkEnvironments.at(NOW, cache, steps))
                .force(Optional.empty());
        assertThat(ran).extracting(Sinks.Ran::error).containsExactly("");
    }

    private List<String> read(String writer, String dataset, String before, String after) throws Exception {
        return writer.equals(ICEBERG)
                ? ExportedTables.read(new LocalFolder(out, Clock.systemUTC()), dataset, home, before, after)
                : ExportedTables.rows("'" + out + "/" + dataset + "/date=*/*.parquet'", before, after);
    }

    private List<String> recorded(String sql) throws Exception {
        return Queries.values(cache.folder(), sql);
    }

    /// All rows once, each payload once, and none that is referred to missing.
    private void assertAllOnce(String writer) throws Exception {
        for (String dataset : List.of("ai_gateway_messages", "exchanges")) {
            String id = dataset.equals("exchanges") ? "exchange_id" : "part_id";
            assertThat(read(writer, dataset, "select " + id, "order by 1"))
                    .isEqualTo(recorded("select " + id + " from " + dataset + " order by 1"));
        }
        List<String> hashes = read(writer, "payloads", "select hash", "order by 1");
        assertThat(hashes).isNotEmpty().doesNotHaveDuplicates();
        assertThat(hashes).isEqualTo(recorded("select hash from payloads order by 1"));
        assertThat(read(writer, "ai_gateway_messages", "select distinct system_text", ""))
                .isNotEmpty()
                .allMatch(hashes::contains);
    }

    @ParameterizedTest
    @ValueSource(strings = {PARQUET, ICEBERG})
    void valuesGoOnceBesideTheRows(String writer) throws Exception {
        record("one", "two");
        run(writer, _ -> {});
        assertAllOnce(writer);
        assertThat(read(writer, "exchanges", "select distinct octet_length(request_body)", ""))
                .as("no large value stands in a row")
                .containsExactly("64");
        record("three");
        run(writer, _ -> {});
        assertAllOnce(writer);
        assertThat(read(writer, "payloads", "select count(*)", "where contains(text, '" + ALL_SESSIONS + "')"))
                .containsExactly("1");
        assertThat(Trees.files(cache.spill())).isEmpty();
    }

    @Test
    void onlyWhatALeavingRowRefersToLeaves() throws Exception {
        record("one", "mine");
        PrivacyList.update(cache.privacyList(), list -> list.withSession("mine", NOW));
        run(PARQUET, _ -> {});
        assertThat(read(PARQUET, "payloads", "select text", "where text is not null"))
                .anyMatch(text -> text.contains("only of one"))
                .noneMatch(text -> text.contains("only of mine"));
        PrivacyList.update(cache.privacyList(), list -> list.withoutSession("mine"));
        run(PARQUET, _ -> {});
        assertAllOnce(PARQUET);
    }

    /// Whichever step is the last one of a process. What a batch of payloads brought that is not written down is taken
    /// back, and does not go again if its session stays by then.
    @Tag("slow")
    @ParameterizedTest
    @ValueSource(strings = {PARQUET, ICEBERG})
    void dyingAnywhereLosesAndDoublesNothing(String writer) throws Exception {
        boolean isOver = false;
        int deaths = 0;
        for (int death = 1; !isOver; death++) {
            record("s" + death);
            int[] left = {death};
            try {
                run(writer, _ -> {
                    if (--left[0] == 0) {
                        throw new Died();
                    }
                });
                isOver = death > 12;
            } catch (Died _) {
                deaths++;
            }
            if (death % 6 == 0) {
                run(writer, _ -> {});
                assertAllOnce(writer);
            }
        }
        run(writer, _ -> {});
        assertAllOnce(writer);
        assertThat(deaths).isGreaterThan(12);
    }

    @Test
    void whatIsMarkedAfterAProcessDiedIsTakenBack() throws Exception {
        record("mine");
        try {
            run(PARQUET, step -> {
                if (step == SinkStep.DELIVERED) {
                    throw new Died();
                }
            });
        } catch (Died _) {
            // Its payloads are there, and nothing says so.
        }
        assertThat(read(PARQUET, "payloads", "select count(*) > 0", "")).containsExactly("true");
        PrivacyList.update(cache.privacyList(), list -> list.withSession("mine", NOW));
        record("ours");
        run(PARQUET, _ -> {});
        assertThat(read(PARQUET, "payloads", "select text", "where text is not null"))
                .noneMatch(text -> text.contains("only of mine"));
    }
}
