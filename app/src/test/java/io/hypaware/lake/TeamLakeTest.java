package io.hypaware.lake;

import static io.hypaware.lake.TeamBatches.batch;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.hypaware.dataset.Dataset;
import io.hypaware.dataset.Datasets;
import io.hypaware.testing.Configs;
import io.hypaware.testing.TeamWarehouse;
import java.nio.file.Path;
import java.util.AbstractList;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.iceberg.types.Types;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/// Many machines append to the same tables: a batch is there once, whoever commits at the same time.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class TeamLakeTest {

    static final Dataset DATASET = Datasets.PAYLOADS;
    private static final int ROWS = TeamBatches.ROWS;

    private Path folder;
    TeamWarehouse warehouse;

    TeamWarehouse.Kind kind() {
        return TeamWarehouse.Kind.POSTGRES_AND_FOLDER;
    }

    @BeforeAll
    void begin(@TempDir Path temporary) throws Exception {
        folder = temporary;
        warehouse = new TeamWarehouse(folder.resolve("warehouse"), kind());
    }

    @AfterAll
    void end() throws Exception {
        warehouse.close();
    }

    @Test
    void machinesThatAppendAtOnceLoseAndDoubleNothing() throws Exception {
        int machines = 4;
        int batches = 5;
        List<Callable<Void>> all = new ArrayList<>();
        for (int machine = 0; machine < machines; machine++) {
            String id = "m" + machine;
            all.add(() -> {
                try (TeamLake lake = TeamLake.open(warehouse.lake(id))) {
                    for (int number = 1; number <= batches; number++) {
                        append(lake.tableOrCreate(DATASET), batch(id, number, "t" + number));
                    }
                }
                return null;
            });
        }
        atOnce(all);
        try (TeamLake lake = TeamLake.open(warehouse.lake("reader"))) {
            TeamTable table = lake.table(DATASET).orElseThrow();
            for (int machine = 0; machine < machines; machine++) {
                assertThat(rows(table, "m" + machine)).hasSize(batches * ROWS).doesNotHaveDuplicates();
                assertThat(table.position("m" + machine)).contains(new TeamTable.Position(batches, "t" + batches));
            }
        }
    }

    @Test
    void aBatchThatIsThereIsNotCommittedAgain() throws Exception {
        try (TeamLake lake = TeamLake.open(warehouse.lake("once"))) {
            TeamTable.Batch batch = batch("once", 1, "a");
            append(lake.tableOrCreate(DATASET), batch);
            append(lake.tableOrCreate(DATASET), batch);
            append(
                    lake.tableOrCreate(DATASET),
                    new TeamTable.Batch("once", new TeamTable.Position(1, "b"), List.of("a", "b")));
            assertThat(rows(lake.table(DATASET).orElseThrow(), "once")).hasSize(ROWS);
        }
    }

    @Test
    void whoeverGoesOnUnderAnothersNameIsToldSo() throws Exception {
        try (TeamLake lake = TeamLake.open(warehouse.lake("copied"))) {
            append(lake.tableOrCreate(DATASET), batch("copied", 1, "first"));
            assertThatThrownBy(() -> append(lake.tableOrCreate(DATASET), batch("copied", 1, "second")))
                    .isInstanceOf(LakeException.class)
                    .hasMessageContaining("the home was copied");
            append(lake.tableOrCreate(DATASET), batch("copied", 3, "first"));
            assertThatThrownBy(() -> append(lake.tableOrCreate(DATASET), batch("copied", 2, "second")))
                    .isInstanceOf(LakeException.class);
            assertThat(rows(lake.table(DATASET).orElseThrow(), "copied")).hasSize(2 * ROWS);
        }
    }

    @Test
    void ofTwoUnderOneNameAtOnceOneIsTaken() throws Exception {
        try (TeamLake first = TeamLake.open(warehouse.lake("twin"));
                TeamLake second = TeamLake.open(warehouse.lake("twin"))) {
            first.tableOrCreate(DATASET);
            for (int number = 1; number <= 6; number++) {
                CyclicBarrier together = new CyclicBarrier(2);
                List<Callable<Boolean>> both = new ArrayList<>();
                for (TeamLake lake : List.of(first, second)) {
                    TeamTable.Batch batch = batch("twin", number, lake == first ? "a" : "b");
                    both.add(() -> {
                        TeamTable table = lake.tableOrCreate(DATASET);
                        together.await();
                        try {
                            append(table, batch);
                            return true;
                        } catch (LakeException e) {
                            return false;
                        }
                    });
                }
                assertThat(atOnce(both)).containsExactlyInAnyOrder(true, false);
                assertThat(rows(first.table(DATASET).orElseThrow(), "twin")).hasSize(number * ROWS);
            }
        }
    }

    /// Whatever comes after a fence is of who had read so far, however many commit at once.
    @Test
    void noRowsPassAFenceThatTheirMachineHasNotRead() throws Exception {
        int fences = 12;
        TeamWarehouse fenced = warehouse.in("fenced");
        AtomicLong list = new AtomicLong();
        Map<Long, Long> raised = new ConcurrentHashMap<>();
        Map<String, Long> read = new ConcurrentHashMap<>();
        AtomicBoolean isOver = new AtomicBoolean();
        List<Callable<Void>> all = new ArrayList<>();
        for (String machine : List.of("f0", "f1")) {
            all.add(() -> {
                try (TeamLake lake = TeamLake.open(fenced.lake(machine))) {
                    long known = 0;
                    for (int number = 1; number == 1 || !isOver.get(); ) {
                        try {
                            Fence fence = new Fence("list", known);
                            append(lake.tableOrCreate(DATASET), batch(machine, number, "t"), Optional.of(fence));
                            read.put(machine + " " + number++, known);
                        } catch (FenceException e) {
                            known = list.get();
                        }
                    }
                }
                return null;
            });
        }
        all.add(() -> {
            try (TeamLake lake = TeamLake.open(fenced.lake("keeper"))) {
                for (long fence = 1; fence <= fences; fence++) {
                    list.set(fence);
                    TeamTable table = lake.tableOrCreate(DATASET);
                    table.raise(new Fence("list", fence));
                    raised.put(fence, lake.table(DATASET).orElseThrow().lastSequence());
                    Thread.sleep(100);
                }
            } finally {
                isOver.set(true);
            }
            return null;
        });
        atOnce(all);
        try (TeamLake lake = TeamLake.open(fenced.lake("reader"))) {
            Map<String, Integer> numbers = new HashMap<>();
            lake.table(DATASET).orElseThrow().target().table().snapshots().forEach(snapshot -> {
                String machine = snapshot.summary().get("hypaware.machine");
                if (machine == null) {
                    return;
                }
                long known = read.get(machine + " " + numbers.merge(machine, 1, Integer::sum));
                raised.forEach((fence, at) -> {
                    if (snapshot.sequenceNumber() > at) {
                        assertThat(known).isGreaterThanOrEqualTo(fence);
                    }
                });
            });
            assertThat(numbers).hasSize(2);
        }
    }

    /// Raised when a batch was looked at and is about to be committed: the commit itself has to ask.
    @Test
    void aFenceThatIsRaisedWithinACommitIsNotPassed() throws Exception {
        TeamWarehouse own = warehouse.in("within");
        Fence fence = new Fence("list", 1);
        try (TeamLake lake = TeamLake.open(own.lake("late"));
                TeamLake keeper = TeamLake.open(own.lake("keeper"))) {
            TeamTable table = lake.tableOrCreate(DATASET);
            TeamTable.Batch batch = batch("late", 1, "a");
            List<TeamTable.Uploaded> files = TeamBatches.uploaded(folder, table, batch);
            List<TeamTable.Uploaded> late = new AbstractList<>() {
                @Override
                public TeamTable.Uploaded get(int index) {
                    return files.get(index);
                }

                @Override
                public int size() {
                    return files.size();
                }

                @Override
                public Iterator<TeamTable.Uploaded> iterator() {
                    try {
                        keeper.table(DATASET).orElseThrow().raise(fence);
                    } catch (InterruptedException e) {
                        throw new IllegalStateException(e);
                    }
                    return super.iterator();
                }
            };
            assertThatThrownBy(() -> table.append(batch, late, Optional.empty()))
                    .isInstanceOf(FenceException.class);
            assertThat(lake.table(DATASET).orElseThrow().files()).isEmpty();
            table.append(batch, files, Optional.of(fence));
            assertThat(rows(table, "late")).hasSize(ROWS);
        }
    }

    @Test
    void aTableOrColumnOfLaterIsNoticed() throws Exception {
        try (TeamLake lake = TeamLake.open(warehouse.in("known").lake("known"))) {
            TeamTable table = lake.tableOrCreate(DATASET);
            lake.forgottenOrCreate();
            lake.requireKnown();
            table.target()
                    .table()
                    .updateSchema()
                    .addColumn("of_later", Types.StringType.get())
                    .commit();
            assertThatThrownBy(lake::requireKnown)
                    .isInstanceOf(LakeException.class)
                    .hasMessageContaining("of_later");
        }
    }

    @Test
    void nothingIsDeletedInTheWarehouse() throws Exception {
        try (TeamLake lake = TeamLake.open(warehouse.lake("kept"))) {
            append(lake.tableOrCreate(DATASET), batch("kept", 1, "a"));
            List<Path> before = warehouse.files();
            TeamTable table = lake.table(DATASET).orElseThrow();
            before.forEach(file -> table.target().table().io().deleteFile(file.toString()));
            for (int number = 2; number < 5; number++) {
                append(lake.tableOrCreate(DATASET), batch("kept", number, "a"));
            }
            assertThat(warehouse.files()).containsAll(before);
        }
    }

    @Test
    void whomADatabaseDoesNotKnowIsToldWhereItsPasswordIsRead() {
        String section = warehouse.section("u").replace("user=postgres", "user=stranger");
        if (section.contains("stranger")) {
            assertThatThrownBy(() -> TeamLake.open(
                            Configs.withLake(section).lake().team().orElseThrow()))
                    .isInstanceOf(LakeException.class)
                    .hasMessageContaining("stranger")
                    .hasMessageContaining("~/.pgpass");
        }
    }

    @Test
    void aCatalogThatIsNotThereIsNamedWithoutWhatIsSecret() {
        String section = "{\"catalog\": \"jdbc:postgresql://127.0.0.1:1/x?user=me&connectTimeout=1\","
                + " \"warehouse\": \"" + folder + "\", \"properties\": {\"jdbc.password\": \"sesame\"}}";
        assertThatThrownBy(() ->
                        TeamLake.open(Configs.withLake(section).lake().team().orElseThrow()))
                .isInstanceOf(LakeException.class)
                .hasMessageContaining("jdbc:postgresql://127.0.0.1:1/x")
                .hasMessageNotContaining("sesame")
                .hasMessageNotContaining("user=me");
    }

    void append(TeamTable table, TeamTable.Batch batch) throws Exception {
        TeamBatches.append(folder, table, batch);
    }

    private void append(TeamTable table, TeamTable.Batch batch, Optional<Fence> read) throws Exception {
        table.append(batch, TeamBatches.uploaded(folder, table, batch), read);
    }

    List<String> rows(TeamTable table, String machine) throws Exception {
        return TeamBatches.rows(warehouse, folder, table, machine);
    }

    private static <T> List<T> atOnce(List<Callable<T>> all) throws Exception {
        List<T> results = new ArrayList<>();
        try (ExecutorService threads = Executors.newFixedThreadPool(all.size())) {
            for (Future<T> result : threads.invokeAll(all)) {
                results.add(result.get());
            }
        }
        return results;
    }
}
