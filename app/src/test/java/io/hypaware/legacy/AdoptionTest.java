package io.hypaware.legacy;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.NullNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.hypaware.home.Cache;
import io.hypaware.home.Progress;
import io.hypaware.journal.Journal;
import io.hypaware.lake.Lake;
import io.hypaware.lake.Rewrite;
import io.hypaware.project.Messages;
import io.hypaware.testing.OlderHome;
import io.hypaware.testing.Processes;
import io.hypaware.testing.Queries;
import java.io.IOException;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What becomes of a cache that HypAware for Node wrote.
class AdoptionTest {

    private static final ObjectMapper JSON = new ObjectMapper();

    private static final int LONG_VALUES = 1_500;

    @TempDir
    private Path home;

    @Test
    void everyLiveRowIsThereOnceFieldByField() throws Exception {
        Path cache = OlderHome.copyTo(home, Instant.parse("2026-11-01T00:00:00Z"));

        adoptAll(cache);

        assertThat(OlderHome.storedRows(cache)).containsExactlyElementsOf(expected());
    }

    @Test
    void aSecondRunFindsNothingToDo() throws Exception {
        Path cache = OlderHome.copyTo(home, Instant.parse("2026-11-01T00:00:00Z"));
        adoptAll(cache);

        try (Lake lake = Lake.open(new Cache(cache))) {
            for (OlderPartition partition : OlderPartition.all(new Cache(cache))) {
                assertThat(OlderState.read(partition, lake.table(Messages.DATASET))
                                .isDue(false))
                        .isFalse();
            }
        }
    }

    @Test
    void whatTheOlderProgramAddsLaterIsAdoptedAndNothingTwice() throws Exception {
        Path cache = OlderHome.copyTo(home, Instant.parse("2026-11-01T00:00:00Z"));
        adoptAll(cache);
        Path spool = cache.resolve("datasets/ai_gateway_messages/proxy_messages_v4/_hypaware_spool");
        String line = Files.readString(spool.resolve("active.jsonl"))
                .lines()
                .findFirst()
                .orElseThrow();
        Files.writeString(spool.resolve("flush-1.jsonl"), line + "\n" + line.replace("\"r367\"", "\"later\"") + "\n");

        List<Adoption.Result> results = adoptAll(cache);

        assertThat(results.getFirst().rows()).isEqualTo(1);
        assertThat(results.getFirst().duplicates()).isEqualTo(14);
        assertThat(OlderHome.storedRows(cache)).hasSize(325);
    }

    @Test
    void valuesOfSeveralColumnsAreReadAtOnceAndEachStandsWhereItStood() throws Exception {
        Path cache = OlderHome.copyTo(home, Instant.parse("2026-11-01T00:00:00Z"));
        Path spool = cache.resolve("datasets/ai_gateway_messages/proxy_messages_v4/_hypaware_spool");
        String large = "s".repeat(2_000);
        String tools = "[\"" + "t".repeat(2_000) + "\"]";
        ObjectNode line = (ObjectNode)
                JSON.readTree(Files.readAllLines(spool.resolve("active.jsonl")).getFirst());
        ObjectNode row = (ObjectNode) line.get("rows").get(0);
        ArrayNode rows = line.putArray("rows");
        rows.add(row(row, "p0", large, tools));
        rows.add(row(row, "p1", large, null));
        rows.add(row(row, "p2", null, tools));
        rows.add(row(row, "p3", null, null));
        rows.add(row(row, "p4", tools, tools));
        rows.add(row(row, "p5", "[\"short\"]", "[\"short\"]"));
        rows.add(row(row, "p6", "", "[]"));
        Files.writeString(spool.resolve("flush-1.jsonl"), line + "\n");

        adoptAll(cache);

        assertThat(Queries.values(
                        cache,
                        "select _row_id || ' ' || coalesce(system_text, 'none') || ' ' || coalesce(tools::varchar, 'none')"
                                + " from ai_gateway_messages where _row_id like 'p%' order by _row_id"))
                .containsExactly(
                        "p0 " + large + " " + tools,
                        "p1 " + large + " none",
                        "p2 none " + tools,
                        "p3 none none",
                        "p4 " + tools + " " + tools,
                        "p5 [\"short\"] [\"short\"]",
                        "p6  []");
    }

    /// The engine hands over two thousand values at once.
    @Test
    void manyLongValuesAreKeptInAHeapThatHoldsAFewOfThem() throws Exception {
        Path cache = OlderHome.copyTo(home, Instant.parse("2026-11-01T00:00:00Z"), OlderHome.Days.NINETEEN);
        Path spool = cache.resolve("datasets/ai_gateway_messages/proxy_messages_v4/_hypaware_spool");
        ObjectNode line = (ObjectNode)
                JSON.readTree(Files.readAllLines(spool.resolve("active.jsonl")).getFirst());
        ObjectNode row = (ObjectNode) line.get("rows").get(0);
        String text = "word ".repeat(10_000);
        try (Writer lines = Files.newBufferedWriter(spool.resolve("flush-1.jsonl"))) {
            for (int i = 0; i < LONG_VALUES; i++) {
                line.putArray("rows").add(row(row, "p" + i, text + i, null));
                lines.write(line + "\n");
            }
        }

        String said = Processes.output(Adopting.class, home, Map.of("JAVA_TOOL_OPTIONS", "-Xmx64m"), cache.toString());

        assertThat(said).contains("adopted");
        assertThat(Queries.values(
                        cache, "select count(distinct system_text) from ai_gateway_messages where _row_id like 'p%'"))
                .containsExactly(Integer.toString(LONG_VALUES));
    }

    /// Adopts all of a cache, in a process of its own.
    static final class Adopting {
        public static void main(String[] arguments) throws Exception {
            adoptAll(Path.of(arguments[0]));
            System.out.println("adopted");
        }
    }

    private static ObjectNode row(ObjectNode like, String id, @Nullable String system, @Nullable String tools)
            throws IOException {
        ObjectNode row = like.deepCopy();
        row.put("_hyp_cache_row_id", id);
        row.put("system_text", system);
        row.set("tools", tools == null ? NullNode.getInstance() : JSON.readTree(tools));
        return row;
    }

    static List<String> expected() throws Exception {
        List<String> rows = new ArrayList<>();
        for (Map.Entry<String, String> row : OlderHome.expectedRows().entrySet()) {
            rows.add(row.getKey() + " " + row.getValue());
        }
        return rows;
    }

    private static List<Adoption.Result> adoptAll(Path cache) throws Exception {
        List<Adoption.Result> results = new ArrayList<>();
        Adoption.Terms terms = new Adoption.Terms(
                new Rewrite.Limits(200_000_000, 1 << 25, new Cache(cache).spill()),
                Clock.systemUTC(),
                Progress.NONE,
                () -> true,
                _ -> {});
        try (Lake lake = Lake.open(new Cache(cache));
                Journal journal = Journal.open(new Cache(cache).journal())) {
            for (OlderPartition partition : OlderPartition.all(new Cache(cache))) {
                OlderState state = OlderState.read(partition, lake.table(Messages.DATASET));
                if (state.isDue(false)) {
                    results.add(Adoption.run(state, Messages.DATASET, lake, journal, terms));
                }
            }
        }
        return results;
    }
}
