package io.hypaware.maintain;

import static org.assertj.core.api.Assertions.assertThat;

import io.hypaware.home.Cache;
import io.hypaware.testing.Configs;
import io.hypaware.testing.OlderHome;
import io.hypaware.testing.Queries;
import io.hypaware.testing.RecordedCalls;
import io.hypaware.testing.Trees;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// R5: where it cannot be read what lives, everything stays and the report says so; the rest of the cache is
/// looked after.
class BrokenCacheTest {

    private static final Instant LONG_AGO = Instant.now().minus(Duration.ofDays(20));
    private static final Instant NOW = Instant.now();

    @TempDir
    private Path home;

    @Tag("slow")
    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"epoch\": 0, \"rowCo",
                "",
                "{\"epoch\": 0, \"layout\": \"source-table\", \"tableDir\": \"table-gone\"}",
                "{\"epoch\": 7}",
                "{\"epoch\": \"zero\"}",
                "{\"epoch\": -1}",
                "{\"epoch\": 1e400}",
                "{\"epoch\": 0, \"tableDir\": 12}",
                "{\"epoch\": 0, \"layout\": \"source-table\", \"tableDir\": \"../source=codex/table\"}",
                "{\"epoch\": 0, \"layout\": [\"source-table\"]}",
                "{\"epoch\": 0, \"rowCount\": {}}",
                "{\"epoch\": 0, \"compaction\": 5}",
                "[]",
                "null",
                "\u0000\u0000\u0000"
            })
    void aCursorThatCannotBeBelievedKeepsItsPartition(String cursor) throws Exception {
        Path cache = OlderHome.copyTo(home, LONG_AGO, OlderHome.Days.NINETEEN);
        Path messages = cache.resolve("datasets/ai_gateway_messages");
        for (String partition : List.of("source=codex", "client=claude/date=2026-04-02")) {
            Files.writeString(messages.resolve(partition).resolve("cursor.json"), cursor);
        }
        var codex = Trees.files(messages.resolve("source=codex"));
        var epoch = Trees.files(messages.resolve("client=claude"));

        Report report = Ticks.at(NOW, cache);

        assertThat(Trees.files(messages.resolve("source=codex"))).isEqualTo(codex);
        assertThat(Trees.files(messages.resolve("client=claude"))).isEqualTo(epoch);
        assertThat(report.failed().stream().map(Event.Failed::partition))
                .contains("source=codex", "client=claude/date=2026-04-02");
        assertThat(report.failed()).allMatch(f -> f.why().contains("cursor.json"));
        assertThat(OlderHome.storedRows(cache)).hasSize(5);
    }

    @Test
    void tornMetadataOfAnOlderTableKeepsItsPartition() throws Exception {
        Path cache = OlderHome.copyTo(home, LONG_AGO);
        Path codex = cache.resolve("datasets/ai_gateway_messages/source=codex");
        Path metadata = codex.resolve("table/metadata/v5.metadata.json");
        Files.writeString(metadata, Files.readString(metadata).substring(0, 700));
        var before = Trees.files(codex);

        Report report = Ticks.at(NOW, cache);

        assertThat(Trees.files(codex)).isEqualTo(before);
        assertThat(report.failed())
                .singleElement()
                .satisfies(f -> assertThat(f.why()).contains("v5.metadata.json"));
    }

    @Test
    void oneTornDataFileIsNamedAndTheOthersAreMaintained() throws Exception {
        Path cache = OlderHome.copyTo(home, LONG_AGO);
        Path torn = firstFile(cache.resolve("datasets/ai_gateway_messages/source=codex/table/data"));
        byte[] bytes = Files.readAllBytes(torn);
        Files.write(torn, java.util.Arrays.copyOf(bytes, bytes.length / 2));

        Report report = Ticks.at(NOW, cache);

        assertThat(report.failed())
                .singleElement()
                .satisfies(f -> assertThat(f.why()).contains(torn.toString()));
        assertThat(report.of(Event.Adopted.class)).hasSize(3);
        assertThat(OlderHome.storedRows(cache)).hasSize(324 - 60);
    }

    @Tag("slow")
    @Test
    void aDataFileOfTheRightSizeThatCannotBeReadIsNamedToo() throws Exception {
        Path cache = OlderHome.copyTo(home, LONG_AGO);
        Path torn = firstFile(cache.resolve("datasets/ai_gateway_messages/source=codex/table/data"));
        byte[] bytes = Files.readAllBytes(torn);
        java.util.Arrays.fill(bytes, bytes.length / 2, bytes.length, (byte) 7);
        Files.write(torn, bytes);

        Report report = Ticks.at(NOW, cache);

        assertThat(report.failed())
                .singleElement()
                .satisfies(f -> assertThat(f.why()).contains(torn.toString()));
        assertThat(OlderHome.storedRows(cache)).hasSize(324 - 60);
    }

    @Tag("slow")
    @ParameterizedTest
    @ValueSource(strings = {"missing", "empty", "garbage", "torn", "no rows"})
    void aLakeWhoseCatalogIsLostIsKeptAndCanBeRepaired(String damage) throws Exception {
        lakeWithRows();
        Path catalog = home.resolve("catalog.db");
        Files.deleteIfExists(home.resolve("catalog.db-wal"));
        Files.deleteIfExists(home.resolve("catalog.db-shm"));
        byte[] bytes = Files.readAllBytes(catalog);
        switch (damage) {
            case "missing" -> Files.delete(catalog);
            case "empty" -> Files.write(catalog, new byte[0]);
            case "garbage" -> Files.writeString(catalog, "this is not a database, it is a poem");
            case "torn" -> Files.write(catalog, java.util.Arrays.copyOf(bytes, 5_000));
            default -> {
                try (var connection = java.sql.DriverManager.getConnection("jdbc:sqlite:" + catalog);
                        var statement = connection.createStatement()) {
                    statement.execute("DELETE FROM iceberg_tables");
                }
            }
        }
        age();
        var before = Trees.files(home.resolve("tables"));

        Report report = later(Duration.ofDays(3));

        assertThat(Trees.files(home.resolve("tables"))).isEqualTo(before);
        assertThat(report.failed()).isNotEmpty().allMatch(f -> f.why().contains("hyp cache check --repair"));

        CacheCheck.Result repaired = CacheCheck.run(new Cache(home), true);
        assertThat(repaired.findings()).isEmpty();
        assertThat(repaired.repaired()).isNotEmpty();
        assertThat(Queries.values(home, "select content_text from ai_gateway_messages order by 1"))
                .containsExactly("A", "a");
    }

    @Test
    void tornMetadataOfTheLakeKeepsEverything() throws Exception {
        lakeWithRows();
        Path metadata;
        try (Stream<Path> files = Files.walk(home.resolve("tables/ai_gateway_messages"))) {
            metadata = files.filter(f -> f.toString().endsWith(".metadata.json"))
                    .max(java.util.Comparator.naturalOrder())
                    .orElseThrow();
        }
        Files.writeString(metadata, Files.readString(metadata).substring(0, 500));
        age();
        var before = Trees.files(home.resolve("tables/ai_gateway_messages"));

        Report report = later(Duration.ofDays(3));

        assertThat(Trees.files(home.resolve("tables/ai_gateway_messages"))).isEqualTo(before);
        assertThat(report.failed()).isNotEmpty();
        assertThat(CacheCheck.run(new Cache(home), false).findings()).isNotEmpty();
    }

    @Test
    void aHomeThatWasCopiedIsLeftAloneAndOneThatWasMovedWorksThroughALink() throws Exception {
        lakeWithRows();
        age();
        Path copy = home.resolveSibling(home.getFileName() + "-copy");
        try (Stream<Path> files = Files.walk(home)) {
            for (Path file : files.toList()) {
                Files.copy(file, copy.resolve(home.relativize(file).toString()));
            }
        }
        OlderHome.setTimes(copy.resolve("tables"), LONG_AGO);
        var before = Trees.files(copy.resolve("tables"));
        var original = Trees.files(home.resolve("tables"));

        Report report = Ticks.run(
                copy,
                Configs.withCache("{\"retention\": {\"default_days\": 0}}")
                        .query()
                        .cache(),
                Clock.fixed(NOW.plus(Duration.ofDays(3)), ZoneOffset.UTC),
                Ticks.WHOLE);

        assertThat(report.failed()).isNotEmpty().allMatch(f -> f.why().contains("moved or copied"));
        assertThat(Trees.files(copy.resolve("tables"))).isEqualTo(before);
        assertThat(Trees.files(home.resolve("tables"))).isEqualTo(original);
        assertThat(CacheCheck.run(new Cache(copy), true).findings()).isNotEmpty();

        Path away = home.resolveSibling(home.getFileName() + "-away");
        Files.move(home, away);
        Files.createSymbolicLink(home, copy);
        assertThat(Queries.values(copy, "select content_text from ai_gateway_messages order by 1"))
                .containsExactly("A", "a");
        assertThat(Ticks.run(
                                copy,
                                Configs.defaults().query().cache(),
                                Clock.fixed(NOW.plus(Duration.ofDays(3)), ZoneOffset.UTC),
                                new Maintenance.Options(
                                        java.util.Optional.of("payloads"),
                                        false,
                                        false,
                                        false,
                                        false,
                                        java.util.Optional.empty()))
                        .failed())
                .isEmpty();
        Files.delete(home);
        Files.move(away, home);
        io.hypaware.lake.Reclaim.delete(copy, _ -> {});
    }

    @Test
    void aTornCursorIsRebuiltOnlyWhereOneTableCanBeMeant() throws Exception {
        Path cache = OlderHome.copyTo(home, LONG_AGO);
        Path messages = cache.resolve("datasets/ai_gateway_messages");
        // codex: one table loads, its sibling has no metadata. claude: one of two is retired.
        for (String partition : List.of("source=codex", "source=claude")) {
            Files.writeString(messages.resolve(partition).resolve("cursor.json"), "{\"epo");
        }
        Files.delete(messages.resolve("source=claude/table/.retired"));

        CacheCheck.Result result = CacheCheck.run(new Cache(cache), true);

        assertThat(result.repaired()).singleElement().asString().contains("source=codex");
        assertThat(result.findings())
                .singleElement()
                .satisfies(f -> assertThat(f.place()).contains("source=claude"));
        assertThat(Ticks.at(NOW, cache).of(Event.Adopted.class).stream().map(Event.Adopted::partition))
                .contains("ai_gateway_messages/source=codex");
    }

    private void lakeWithRows() throws Exception {
        RecordedCalls calls = new RecordedCalls(home);
        calls.call()
                .session("s")
                .messages(RecordedCalls.message("user", "a"))
                .answer("A")
                .record();
        calls.settle();
        new Flush(new Cache(home), Configs.defaults().query().cache().maintenance(), _ -> {}).run();
    }

    private void age() throws IOException {
        OlderHome.setTimes(home.resolve("tables"), LONG_AGO);
    }

    private Report later(Duration after) throws Exception {
        return Ticks.run(
                home,
                Configs.withCache("{\"retention\": {\"default_days\": 0}}")
                        .query()
                        .cache(),
                Clock.fixed(NOW.plus(after), ZoneOffset.UTC),
                Ticks.WHOLE);
    }

    private static Path firstFile(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.sorted().findFirst().orElseThrow();
        }
    }
}
