package io.hypaware.lake;

import static io.hypaware.lake.TeamBatches.batch;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.hypaware.config.TeamLakeConfig;
import io.hypaware.dataset.Dataset;
import io.hypaware.dataset.Datasets;
import io.hypaware.testing.Configs;
import io.hypaware.testing.FaultyProxy;
import io.hypaware.testing.FaultyProxy.Fate;
import io.hypaware.testing.TeamWarehouse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/// A REST catalog on a network in trouble: a commit is there once, whatever became of its answer.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class TeamCatalogTest {

    private static final Dataset DATASET = Datasets.PAYLOADS;
    private static final Fate PASSED = new Fate.Passed();
    private static final String FENCED_COMMIT = "POST /v1/namespaces/fenced/tables/payloads";
    private static final String COMMIT = "POST /v1/namespaces/hypaware/tables/payloads";

    private Path folder;
    private TeamWarehouse warehouse;

    @BeforeAll
    void begin(@TempDir Path temporary) throws Exception {
        folder = temporary;
        warehouse = new TeamWarehouse(folder.resolve("warehouse"), TeamWarehouse.Kind.REST_AND_FOLDER);
        try (TeamLake lake = TeamLake.open(warehouse.lake("first"))) {
            lake.tableOrCreate(DATASET);
        }
    }

    @AfterAll
    void end() throws Exception {
        warehouse.close();
    }

    @Test
    void aCommitWhoseAnswerIsLostIsThereOnce() throws Exception {
        assertThatAppends("lost", first(COMMIT, new Fate.AnswerLost()));
    }

    @Test
    void aCommitWhoseAnswerIsCutIsThereOnce() throws Exception {
        assertThatAppends("torn", first(COMMIT, new Fate.AnswerCutAfter(200)));
    }

    @Test
    void aCommitThatDidNotArriveIsMadeAgain() throws Exception {
        assertThatAppends("cut", first(COMMIT, new Fate.CutAfter(50)));
    }

    @Test
    void aCommitThatNobodyCanTellOfIsLookedUp() throws Exception {
        for (int status : List.of(500, 502, 503, 504)) {
            assertThatAppends("busy" + status, first(COMMIT, new Fate.Answered(status, "", "<html>busy</html>")));
        }
    }

    @Test
    void aCommitThatCollidesIsMadeAgain() throws Exception {
        String conflict =
                "{\"error\": {\"message\": \"somebody else\", \"type\": \"CommitFailedException\", \"code\": 409}}";
        assertThatAppends(
                "conflict", first(COMMIT, new Fate.Answered(409, "Content-Type: application/json\r\n", conflict)));
    }

    /// It stands when the rows' commit is under way, and checked: the server has to refuse that.
    @Test
    void aFenceThatIsRaisedBeforeACommitArrivesIsNotPassed() throws Exception {
        AtomicInteger commits = new AtomicInteger();
        Function<String, Fate> fates = line -> {
            if (line.startsWith(FENCED_COMMIT) && commits.incrementAndGet() == 1) {
                try (TeamLake direct = TeamLake.open(warehouse.in("fenced").lake("keeper"))) {
                    direct.table(DATASET).orElseThrow().raise(new Fence("list", 7));
                } catch (InterruptedException e) {
                    throw new IllegalStateException(e);
                }
            }
            return PASSED;
        };
        try (TeamLake direct = TeamLake.open(warehouse.in("fenced").lake("keeper"))) {
            direct.tableOrCreate(DATASET);
        }
        try (FaultyProxy proxy = proxy(fates);
                TeamLake lake = TeamLake.open(lake(proxy.port(), ", \"namespace\": \"fenced\""))) {
            TeamTable table = lake.tableOrCreate(DATASET);
            TeamTable.Batch batch = batch("late", 1, "a");
            List<TeamTable.Uploaded> files = TeamBatches.uploaded(folder, table, batch);
            assertThatThrownBy(() -> table.append(batch, files, Optional.empty()))
                    .isInstanceOf(FenceException.class);
            assertThat(table.files()).isEmpty();
            table.append(batch, files, Optional.of(new Fence("list", 7)));
            assertThat(table.files()).isNotEmpty();
        }
    }

    @Test
    void aFenceWhoseAnswerIsLostStandsOnce() throws Exception {
        try (FaultyProxy proxy = proxy(first("POST /v1/namespaces/lost/tables/payloads", new Fate.AnswerLost()));
                TeamLake lake = TeamLake.open(lake(proxy.port(), ", \"namespace\": \"lost\""))) {
            TeamTable table = lake.tableOrCreate(DATASET);
            for (int i = 0; i < 3; i++) {
                table.raise(new Fence("list", 7));
            }
            assertThat(lake.table(DATASET).orElseThrow().fence()).contains(new Fence("list", 7));
            assertThat(table.target().table().snapshots()).hasSize(1);
        }
    }

    @Test
    void aKeyThatIsRefusedIsSaidAtOnceWithTheWayOut() throws Exception {
        Path key = key("token=opensesameopensesame", "rw-------");
        try (FaultyProxy proxy = proxy(
                _ -> new Fate.Answered(
                        401,
                        "Content-Type: application/json\r\n",
                        "{\"error\": {\"message\": \"no opensesameopensesame\", \"type\": \"NotAuthorizedException\", \"code\": 401}}"))) {
            assertThatThrownBy(() -> TeamLake.open(withKey(key, proxy.port())))
                    .isInstanceOf(LakeException.class)
                    .hasMessageContaining("the team's catalog http://127.0.0.1:" + proxy.port() + " cannot be used")
                    .hasMessageContaining("Not authorized")
                    .hasMessageContaining("lake.key_file")
                    .hasMessageNotContaining("opensesame");
            assertThat(proxy.seen()).hasSize(1);
        }
    }

    @Test
    void aKeyThatOthersCanReadIsNotUsed() throws Exception {
        Path key = key("token=opensesameopensesame", "rw-r--r--");
        assertThatThrownBy(() -> TeamLake.open(withKey(key, warehouse.restPort())))
                .isInstanceOf(LakeException.class)
                .hasMessageContaining("chmod 600 " + key);
    }

    @Test
    void aClientsSecretIsExchangedForAToken() throws Exception {
        Path key = key("credential=me:opensesame", "rw-------");
        try (FaultyProxy proxy = proxy(_ -> PASSED);
                TeamLake lake = TeamLake.open(withKey(key, proxy.port()))) {
            assertThat(lake.table(DATASET)).isPresent();
            assertThat(proxy.seen().getFirst()).startsWith("POST /v1/oauth/tokens");
        }
    }

    @Test
    void aServerThatTheConfigDoesNotNameGetsNoKey() throws Exception {
        Path key = key("token=opensesameopensesame", "rw-------");
        try (FaultyProxy other = proxy(_ -> PASSED);
                FaultyProxy proxy = proxy(line -> new Fate.Answered(
                        200,
                        "Content-Type: application/json\r\n",
                        "{\"defaults\": {}, \"overrides\": {\"uri\": \"http://127.0.0.1:" + other.port() + "\"}}"))) {
            assertThatThrownBy(() -> TeamLake.open(withKey(key, proxy.port())))
                    .isInstanceOf(LakeException.class)
                    .hasMessageContaining("names another server, http://127.0.0.1:" + other.port());
            assertThat(other.seen()).isEmpty();
        }
    }

    @Test
    void ofTwoWhoTakeTheLeaseAtOnceOneHasIt() throws Exception {
        try (TeamLake first = TeamLake.open(warehouse.lake("one"));
                TeamLake second = TeamLake.open(warehouse.lake("two"))) {
            TeamLease held = first.lease(Clock.systemUTC(), "first");
            assertThatThrownBy(() -> second.lease(Clock.systemUTC(), "second"))
                    .isInstanceOf(LakeException.class)
                    .hasMessageContaining("maintained by first");
            held.renew();
            held.release();
            second.lease(Clock.systemUTC(), "second").release();
        }
    }

    /// Somebody else takes it between the look and the commit.
    @Test
    void aLeaseThatWasTakenMeanwhileIsNotTakenAgain() throws Exception {
        AtomicInteger commits = new AtomicInteger();
        Function<String, Fate> fates = line -> {
            if (line.startsWith("POST /v1/namespaces/hypaware/tables/maintenance") && commits.getAndIncrement() == 0) {
                try (TeamLake direct = TeamLake.open(lake(warehouse.restPort(), ""))) {
                    direct.lease(Clock.systemUTC(), "quicker");
                } catch (InterruptedException e) {
                    throw new IllegalStateException(e);
                }
            }
            return PASSED;
        };
        try (FaultyProxy proxy = proxy(fates);
                TeamLake slow = TeamLake.open(lake(proxy.port(), ""))) {
            assertThatThrownBy(() -> slow.lease(Clock.systemUTC(), "slow"))
                    .isInstanceOf(LakeException.class)
                    .hasMessageContaining("maintained by quicker");
        }
        try (TeamLake direct = TeamLake.open(lake(warehouse.restPort(), ""))) {
            direct.lease(Clock.systemUTC(), "quicker").release();
        }
    }

    private Path key(String line, String rights) throws Exception {
        Path key = Files.createTempFile(folder, "key", "");
        Files.writeString(key, line + "\n");
        return Files.setPosixFilePermissions(key, PosixFilePermissions.fromString(rights));
    }

    private TeamLakeConfig withKey(Path key, int port) {
        return lake(port, ", \"key_file\": \"" + key + "\"");
    }

    private TeamLakeConfig lake(int port, String more) {
        return Configs.withLake("{\"catalog\": \"http://127.0.0.1:%d\", \"warehouse\": \"%s\"%s}"
                        .formatted(port, folder.resolve("warehouse"), more))
                .lake()
                .team()
                .orElseThrow();
    }

    private void assertThatAppends(String machine, Function<String, Fate> fates) throws Exception {
        try (FaultyProxy proxy = proxy(fates);
                TeamLake lake = TeamLake.open(lake(proxy.port(), ""))) {
            TeamTable table = lake.tableOrCreate(DATASET);
            TeamBatches.append(folder, table, batch(machine, 1, "a"));
            assertThat(TeamBatches.rows(warehouse, folder, lake.table(DATASET).orElseThrow(), machine))
                    .hasSize(TeamBatches.ROWS)
                    .doesNotHaveDuplicates();
            assertThat(table.position(machine)).contains(new TeamTable.Position(1, "a"));
        }
    }

    private FaultyProxy proxy(Function<String, Fate> fates) throws Exception {
        return new FaultyProxy(warehouse.restPort(), fates);
    }

    /// The first of some requests has another fate.
    private static Function<String, Fate> first(String line, Fate fate) {
        AtomicInteger came = new AtomicInteger();
        return seen -> seen.startsWith(line) && came.getAndIncrement() == 0 ? fate : PASSED;
    }
}
