package io.hypaware.spark;

import static io.hypaware.testing.RecordedCalls.message;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.hypaware.config.TeamLakeConfig;
import io.hypaware.dataset.Dataset;
import io.hypaware.dataset.Datasets;
import io.hypaware.home.Cache;
import io.hypaware.lake.TeamLake;
import io.hypaware.project.ExchangeRow;
import io.hypaware.project.Messages;
import io.hypaware.sink.team.Forward;
import io.hypaware.sink.team.ForwardStep;
import io.hypaware.testing.Configs;
import io.hypaware.testing.RecordedCalls;
import io.hypaware.testing.Sparks;
import io.hypaware.testing.TeamWarehouse;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/// A real Spark drops payloads that nothing refers to (`./check --interop`): no row ever misses one, whoever dies or
/// sleeps when.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class TeamCollectionTest {

    private static final Duration GRACE = TeamCollection.GRACE;
    private static final int MOST_ATTEMPTS = 50;

    private static final String LARGE = "be brief with ";

    private static final List<Dataset> ROWS = List.of(Messages.DATASET, ExchangeRow.DATASET);

    private static final List<CollectionStep> OF_FORGETTING = List.of(
            CollectionStep.RAISED, CollectionStep.UNLISTED, CollectionStep.FORGOTTEN, CollectionStep.RAISED_AGAIN);
    private static final List<CollectionStep> OF_DROPPING = List.of(
            CollectionStep.RAISED, CollectionStep.DROPPED, CollectionStep.UNLISTED, CollectionStep.RAISED_AGAIN);

    private Path folder;
    private TeamWarehouse warehouse;
    private SparkProcess spark;

    @BeforeAll
    void begin(@TempDir Path temporary) throws Exception {
        assumeTrue(Sparks.jars().isPresent(), "HYP_SPARK names no Spark");
        folder = temporary;
        warehouse = new TeamWarehouse(folder.resolve("warehouse"), TeamWarehouse.Kind.asked());
        Map<String, String> settings = new TreeMap<>(TeamCatalog.settings(warehouse.lake("keeper"), "local[2]"));
        settings.put("spark.sql.shuffle.partitions", "4");
        spark = SparkProcess.start(
                Sparks.jars().orElseThrow(), folder.resolve("work"), settings, folder.resolve("logs/spark.log"));
    }

    @AfterAll
    void end() throws IOException {
        if (spark != null) {
            spark.close();
            warehouse.close();
        }
    }

    /// A lake with tables of its own, and its collections.
    private final class Team {

        private final TeamWarehouse own;
        private final TeamLakeConfig config;
        private final String schema;
        private Instant now = Clock.systemUTC().instant();

        private Team(String name) {
            this.own = warehouse.in(name);
            this.config = own.lake("keeper");
            this.schema = TeamCatalog.NAME + "." + name;
        }

        private List<Done> collect(boolean dryRun, Consumer<CollectionStep> steps) throws Exception {
            List<Done> done = new ArrayList<>();
            try (TeamLake lake = TeamLake.open(config)) {
                new TeamCollection(spark, lake, schema, Clock.fixed(now, ZoneOffset.UTC), steps).run(dryRun, done::add);
            }
            assertThat(done).allMatch(one -> one.problem().isEmpty());
            return done;
        }

        private String collect() throws Exception {
            return collect(false, _ -> {}).toString();
        }

        private String collectLater() throws Exception {
            now = now.plus(GRACE);
            return collect();
        }

        /// @param sessions a pattern of their names
        private void keeperDeletes(String sessions) throws IOException {
            for (Dataset dataset : ROWS) {
                delete(schema + "." + dataset.name() + " WHERE session_id RLIKE '^" + sessions + "$'");
            }
        }

        /// Rows that came meanwhile may be such as are to go: Iceberg refuses, and whoever keeps the lake begins again.
        private void delete(String which) throws IOException {
            for (int attempt = 1; ; attempt++) {
                try {
                    spark.rows("DELETE FROM " + which);
                    return;
                } catch (SparkException e) {
                    boolean isCollision = String.valueOf(e.getMessage()).contains("Found conflicting files");
                    if (!isCollision || attempt == MOST_ATTEMPTS) {
                        throw e;
                    }
                }
            }
        }

        private TreeSet<String> texts() throws Exception {
            return new TreeSet<>(own.values(Datasets.PAYLOADS, "SELECT DISTINCT text FROM %s WHERE text IS NOT NULL"));
        }

        /// How often a large value is there.
        private long copies(String what) throws Exception {
            return own
                    .values(
                            Datasets.PAYLOADS,
                            "SELECT max(n)::VARCHAR FROM (SELECT count(*) AS n FROM %s WHERE contains(text, '" + LARGE
                                    + what + " " + LARGE + what + "') GROUP BY hash)")
                    .stream()
                    .filter(count -> count != null)
                    .mapToLong(Long::parseLong)
                    .sum();
        }

        private List<String> listed() throws IOException {
            return spark.rows("SELECT hash FROM " + schema + ".payload_forgotten").stream()
                    .map(row -> row.path("hash").asText())
                    .toList();
        }

        /// What each row says, with its large values.
        private TreeSet<String> said() throws Exception {
            TreeSet<String> said = new TreeSet<>();
            List<String> references = new ArrayList<>();
            try (TeamLake lake = TeamLake.open(config)) {
                for (Dataset dataset : ROWS) {
                    references.add("SELECT row_id, `_machine` AS machine, named AS hash FROM " + schema + "."
                            + dataset.name() + " LATERAL VIEW explode(regexp_extract_all(concat_ws(' ', "
                            + String.join(
                                    ", ", lake.table(dataset).orElseThrow().referringColumns())
                            + "), '[0-9a-f]{64}', 0)) x AS named");
                }
            }
            spark.query(
                    "WITH RECURSIVE used AS (SELECT * FROM (" + String.join(" UNION ALL ", references)
                            + ") UNION ALL SELECT u.row_id, u.machine, y.named FROM used u"
                            + " JOIN " + schema + ".payloads p ON p.`_machine` = u.machine AND p.hash = u.hash"
                            + " LATERAL VIEW explode(regexp_extract_all(coalesce(p.parts, ''), '[0-9a-f]{64}', 0)) y AS named)"
                            + " SELECT DISTINCT u.row_id, u.hash, coalesce(p.text, hex(p.bytes), p.parts, 'MISSING') AS value"
                            + " FROM used u LEFT JOIN " + schema
                            + ".payloads p ON p.`_machine` = u.machine AND p.hash = u.hash",
                    row -> {
                        assertThat(row.path("value").asText()).isNotEqualTo("MISSING");
                        said.add(row.toString());
                    });
            return said;
        }
    }

    private final class Machine {

        private final Team team;
        private final String name;
        private final Cache cache;
        private final RecordedCalls calls;

        private Machine(Team team, String name) {
            this.team = team;
            this.name = name;
            this.cache = new Cache(folder.resolve(team.schema + "-" + name).resolve("hypaware/cache"));
            this.calls = new RecordedCalls(cache.folder());
        }

        /// Calls of all sessions that speak of the same have the same large value.
        private void call(String session, String what) {
            calls.call()
                    .session(session)
                    .system((LARGE + what + " ").repeat(300))
                    .messages(message("user", "said in " + session))
                    .answer("answer")
                    .record();
            calls.settle();
        }

        private void forward() throws Exception {
            forward(_ -> {});
        }

        private void forward(Consumer<ForwardStep> steps) throws Exception {
            new Forward(
                            new Forward.Environment(
                                    cache, Configs.defaults().query().cache().maintenance(), Clock.systemUTC(), steps),
                            team.own.lake(name))
                    .run(Optional.empty());
        }
    }

    /// A lake with a payload that no row names since its keeper deleted some, and one that is named.
    private Machine begun(Team team) throws Exception {
        Machine machine = new Machine(team, "m");
        machine.call("kept", "kept");
        machine.call("gone", "gone");
        machine.forward();
        team.collect();
        machine.forward();
        team.keeperDeletes("gone");
        assertThat(team.copies("gone")).isEqualTo(1);
        return machine;
    }

    @Test
    void whatNoRowNamesIsForgottenAndLaterDropped() throws Exception {
        Team team = new Team("dropped");
        begun(team);
        TreeSet<String> said = team.said();
        assertThat(said).isNotEmpty();
        assertThat(team.collect()).contains("nothing before");
        assertThat(team.listed()).isEmpty();
        team.now = team.now.plus(GRACE);
        assertThat(team.collect(true, _ -> {}).toString())
                .contains("forget, what=")
                .doesNotContain("what=0 payloads, 0 bytes; ");
        assertThat(team.listed()).as("a dry run").isEmpty();
        team.collect();
        int first = team.listed().size();
        assertThat(first).isPositive();
        assertThat(team.copies("gone")).isEqualTo(1);
        assertThat(team.collect()).contains("nothing before");
        TreeSet<String> before = team.texts();
        for (int round = 0; round < 4 && team.copies("gone") > 0; round++) {
            team.collectLater();
            assertThat(team.said()).isEqualTo(said);
        }
        assertThat(team.copies("gone")).isZero();
        assertThat(team.copies("kept")).isEqualTo(1);
        assertThat(team.texts()).isSubsetOf(before);
        // The machine has not read what was dropped: it may come back.
        assertThat(team.listed()).hasSizeGreaterThanOrEqualTo(first);
    }

    @Test
    void aMachineThatWasAwaySendsItAgain() throws Exception {
        Team team = new Team("away");
        Machine machine = begun(team);
        for (int round = 0; round < 4; round++) {
            team.collectLater();
        }
        assertThat(team.copies("gone")).isZero();
        machine.call("back", "gone");
        machine.forward();
        assertThat(team.copies("gone")).isEqualTo(1);
        team.said();
        team.collectLater();
        assertThat(team.listed()).as("it has read that").isEmpty();
        team.collectLater();
        team.collectLater();
        assertThat(team.copies("gone")).isEqualTo(1);
        team.said();
    }

    @Test
    void whatIsSentAgainInBetweenStays() throws Exception {
        Team team = new Team("resent");
        Machine machine = begun(team);
        team.collectLater();
        machine.call("back", "gone");
        machine.forward();
        assertThat(team.copies("gone")).isEqualTo(2);
        team.keeperDeletes("back");
        team.collectLater();
        assertThat(team.copies("gone")).as("its rows may be on their way").isEqualTo(2);
        machine.call("again", "gone");
        machine.forward();
        team.said();
        assertThat(team.copies("gone")).isEqualTo(2);
    }

    /// A forward that read the list before, of which rows come before any table asks for more.
    @Test
    void whatIsReferredToInBetweenByTheOldCopyStays() throws Exception {
        Team team = new Team("old_copy");
        Machine machine = begun(team);
        machine.call("back", "gone");
        team.now = team.now.plus(GRACE);
        AtomicBoolean isDone = new AtomicBoolean();
        machine.forward(step -> {
            if (step == ForwardStep.READ && isDone.compareAndSet(false, true)) {
                assertThatThrownBy(() -> team.collect(false, dyingAt(CollectionStep.FORGOTTEN)))
                        .hasMessage("dead");
            }
        });
        assertThat(team.listed()).isNotEmpty();
        assertThat(team.copies("gone")).as("nothing was sent again").isEqualTo(1);
        TreeSet<String> said = team.said();
        team.collectLater();
        team.collectLater();
        assertThat(team.copies("gone")).isEqualTo(1);
        assertThat(team.said()).isEqualTo(said);
    }

    private static Consumer<CollectionStep> dyingAt(CollectionStep at) {
        return step -> {
            if (step == at) {
                throw new IllegalStateException("dead");
            }
        };
    }

    @Test
    void dyingAtAStepLosesNothingAndTheNextGoesOn() throws Exception {
        Team team = new Team("dies");
        Machine machine = begun(team);
        TreeSet<String> said = team.said();
        EnumSet<CollectionStep> deaths = EnumSet.noneOf(CollectionStep.class);
        for (int round = 0; round < 4; round++) {
            team.now = team.now.plus(GRACE);
            for (CollectionStep step : round % 2 == 0 ? OF_FORGETTING : OF_DROPPING) {
                try {
                    team.collect(false, dyingAt(step));
                } catch (IllegalStateException e) {
                    deaths.add(step);
                }
            }
            team.collect();
            assertThat(team.said()).isEqualTo(said);
        }
        assertThat(deaths).containsExactlyInAnyOrder(CollectionStep.values());
        assertThat(team.copies("gone")).isZero();
        machine.call("back", "gone");
        machine.forward();
        team.said();
    }

    @Test
    void aForwardAndACollectionAtOnce() throws Exception {
        Team team = new Team("at_once");
        Machine machine = begun(team);
        List<Exception> failures = new ArrayList<>();
        AtomicBoolean isOver = new AtomicBoolean();
        Thread forwards = Thread.ofVirtual().start(() -> {
            try {
                for (int i = 0; !isOver.get() && i < 1_000; i++) {
                    machine.call("s" + i, "gone " + i % 3);
                    machine.forward();
                }
            } catch (Exception e) {
                failures.add(e);
            }
        });
        for (int round = 0; round < 4; round++) {
            team.keeperDeletes("s[0-9]*" + round);
            team.collectLater();
            team.said();
        }
        isOver.set(true);
        forwards.join();
        assertThat(failures).isEmpty();
        team.said();
    }

    @Test
    void ofAMachineThatReadsNoListNothingIsForgotten() throws Exception {
        Team team = new Team("older");
        Machine machine = new Machine(team, "m");
        machine.call("gone", "gone");
        machine.forward();
        team.collect();
        team.keeperDeletes("gone");
        assertThat(team.collectLater()).contains("which never read it");
        team.collectLater();
        team.collectLater();
        assertThat(team.listed()).isEmpty();
        assertThat(team.copies("gone")).isEqualTo(1);
    }

    @Test
    void whatThisVersionDoesNotKnowStopsIt() throws Exception {
        Team team = new Team("unknown");
        begun(team);
        spark.rows("CREATE TABLE " + team.schema + ".of_later (hash STRING) USING iceberg");
        team.now = team.now.plus(GRACE);
        List<Done> done = new ArrayList<>();
        try (TeamLake lake = TeamLake.open(team.config)) {
            new TeamCollection(spark, lake, team.schema, Clock.fixed(team.now, ZoneOffset.UTC), _ -> {})
                    .run(false, done::add);
        }
        assertThat(done).hasSize(1);
        assertThat(done.getFirst().problem().orElseThrow()).contains("of_later");
        assertThat(team.listed()).isEmpty();
    }
}
