package io.hypaware.sink.team;

import static io.hypaware.testing.RecordedCalls.message;
import static org.assertj.core.api.Assertions.assertThat;

import io.hypaware.dataset.Dataset;
import io.hypaware.dataset.Datasets;
import io.hypaware.home.Cache;
import io.hypaware.lake.TeamLake;
import io.hypaware.project.ExchangeRow;
import io.hypaware.project.Messages;
import io.hypaware.spark.Done;
import io.hypaware.spark.TeamMaintenance;
import io.hypaware.testing.Configs;
import io.hypaware.testing.Processes;
import io.hypaware.testing.Queries;
import io.hypaware.testing.RecordedCalls;
import io.hypaware.testing.S3Server;
import io.hypaware.testing.Sparks;
import io.hypaware.testing.TeamWarehouse;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Processes with homes of their own, which record and forward to one lake and are killed at any time: its rows are
/// theirs, each once.
@Tag("slow")
class TeamWritersTest {

    private static final int WRITERS = Processes.EACH_DEATH ? 6 : 3;
    private static final Duration TIME = Processes.EACH_DEATH ? Duration.ofMinutes(3) : Duration.ofSeconds(15);

    private static final Duration LONGEST_WAIT = Duration.ofMinutes(3);

    private final List<Exception> failures = new CopyOnWriteArrayList<>();

    @TempDir
    private Path folder;

    @Test
    @Timeout(value = 15, unit = TimeUnit.MINUTES)
    void killedWritersLoseAndDoubleNothing() throws Exception {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        try (TeamWarehouse warehouse = new TeamWarehouse(folder.resolve("warehouse"), TeamWarehouse.Kind.asked())) {
            List<Process> writers = new ArrayList<>();
            for (int i = 0; i < WRITERS; i++) {
                writers.add(start(warehouse, i));
            }
            Thread maintenance = Thread.ofVirtual().start(() -> maintainTwice(warehouse));
            int kills = 0;
            long end = System.nanoTime() + TIME.toNanos();
            for (; System.nanoTime() < end; kills++) {
                int one = random.nextInt(WRITERS);
                writers.get(one).waitFor(1_500 + random.nextInt(2_000), TimeUnit.MILLISECONDS);
                writers.get(one).destroyForcibly().waitFor();
                writers.set(one, start(warehouse, one));
            }
            awaitBatchOfEach(warehouse);
            for (Process writer : writers) {
                writer.destroyForcibly().waitFor();
            }
            maintenance.join();
            System.out.println(TeamWarehouse.Kind.asked() + ": " + kills + " kills");
            assertThat(failures).isEmpty();
            for (Dataset dataset : List.of(Messages.DATASET, ExchangeRow.DATASET, Datasets.PAYLOADS)) {
                List<String> here = new ArrayList<>();
                for (int i = 0; i < WRITERS; i++) {
                    String user = "w" + i;
                    forward(cache(i), warehouse.section(user));
                    Queries.values(cache(i).folder(), "select _row_id from " + dataset.name())
                            .forEach(id -> here.add(user + " " + id));
                }
                assertThat(warehouse.values(dataset, "SELECT _user || ' ' || _row_id FROM %s"))
                        .as("%s, seed %d", dataset.name(), seed)
                        .hasSizeGreaterThan(WRITERS)
                        .containsExactlyInAnyOrderElementsOf(here);
            }
            maintained(warehouse);
        }
    }

    /// On a busy machine the time may be over before each of them had any.
    private static void awaitBatchOfEach(TeamWarehouse warehouse) throws Exception {
        long end = System.nanoTime() + LONGEST_WAIT.toNanos();
        try (TeamLake lake = TeamLake.open(warehouse.lake("reader"))) {
            int brought = 0;
            while (brought < WRITERS && System.nanoTime() < end) {
                Thread.sleep(500);
                brought = lake.table(Messages.DATASET)
                        .map(table -> table.machines().size())
                        .orElse(0);
            }
        }
    }

    /// A real Spark maintains the lake meanwhile, where there is one.
    private void maintainTwice(TeamWarehouse warehouse) {
        try {
            for (int run = 0; run < (Sparks.jars().isEmpty() ? 0 : 2); run++) {
                Thread.sleep(TIME.dividedBy(4));
                maintain(warehouse);
            }
        } catch (Exception e) {
            failures.add(e);
        }
    }

    private void maintain(TeamWarehouse warehouse) throws Exception {
        List<Done> done = new ArrayList<>();
        new TeamMaintenance(
                        warehouse.lake("keeper"),
                        Sparks.jars().orElseThrow(),
                        "local[1]",
                        folder.resolve("spark"),
                        folder.resolve("spark.log"),
                        "keeper",
                        Clock.systemUTC())
                .run(false, done::add);
        done.forEach(step -> System.out.println("maintenance: " + step));
    }

    /// What the writers have left is few files in the end, each of them there.
    private void maintained(TeamWarehouse warehouse) throws Exception {
        if (Sparks.jars().isEmpty()) {
            return;
        }
        maintain(warehouse);
        for (Dataset dataset : List.of(Messages.DATASET, ExchangeRow.DATASET, Datasets.PAYLOADS)) {
            TeamWarehouse.Counts counts = warehouse.counts(dataset);
            System.out.println(dataset.name() + ": " + counts.files().size() + " files, " + counts.manifests()
                    + " manifests, rows " + warehouse.values(dataset, "SELECT count(*)::VARCHAR FROM %s"));
            assertThat(counts.files()).as(dataset.name()).hasSizeLessThan(10);
            for (String file : counts.files()) {
                assertThat(warehouse.local(file)).exists();
            }
            assertThat(counts.manifests()).as(dataset.name()).isLessThan(10);
        }
    }

    private Cache cache(int writer) {
        return new Cache(folder.resolve("w" + writer).resolve("hypaware/cache"));
    }

    private Process start(TeamWarehouse warehouse, int writer) throws Exception {
        return Processes.java(
                Writer.class,
                folder.resolve("w" + writer),
                cache(writer).folder().toString(),
                warehouse.section("w" + writer));
    }

    private static void forward(Cache cache, String section) throws Exception {
        new Forward(
                        new Forward.Environment(
                                cache, Configs.defaults().query().cache().maintenance(), Clock.systemUTC(), _ -> {}),
                        Configs.withLake(section).lake().team().orElseThrow())
                .run(Optional.empty());
    }

    /// Records calls and forwards them, until it is killed.
    static final class Writer {
        public static void main(String[] arguments) throws Exception {
            S3Server.useCredentials();
            Cache cache = new Cache(Path.of(arguments[0]));
            RecordedCalls calls = new RecordedCalls(cache.folder());
            for (int i = 0; i < 1_000; i++) {
                // The first is there soon, though a process has little time; a batch of many is cut somewhere.
                for (int call = 0; call <= i % 4 * 10; call++) {
                    String said = ProcessHandle.current().pid() + " " + i + " " + call;
                    calls.call()
                            .session("s" + i % 3)
                            .system((said + " ").repeat(400))
                            .messages(message("user", said))
                            .answer("answer to " + said)
                            .record();
                }
                calls.settle();
                forward(cache, arguments[1]);
            }
        }
    }
}
