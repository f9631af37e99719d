package io.hypaware.lake;

import static io.hypaware.lake.TeamBatches.batch;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.hypaware.dataset.Dataset;
import io.hypaware.dataset.Datasets;
import io.hypaware.testing.Configs;
import io.hypaware.testing.FaultyProxy;
import io.hypaware.testing.FaultyProxy.Fate;
import io.hypaware.testing.S3Server;
import io.hypaware.testing.TeamWarehouse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// A team's files in a bucket, on a network in trouble.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class TeamBucketTest {

    private static final Dataset DATASET = Datasets.PAYLOADS;
    private static final Fate PASSED = new Fate.Passed();

    private Path folder;
    private TeamWarehouse warehouse;

    @BeforeAll
    void begin(@TempDir Path temporary) throws Exception {
        folder = temporary;
        warehouse = new TeamWarehouse(folder.resolve("warehouse"), TeamWarehouse.Kind.POSTGRES_AND_BUCKET);
    }

    @AfterAll
    void end() throws Exception {
        warehouse.close();
    }

    @Test
    void anUploadThatIsCutIsMadeAgainAndIsThereOnce() throws Exception {
        assertThatAppends("cut", first("PUT ", new Fate.CutAfter(100)));
    }

    @Test
    void anAnswerThatIsLostIsNoOtherFile() throws Exception {
        assertThatAppends("lost", first("PUT ", new Fate.AnswerLost()));
    }

    @Test
    void aServerThatIsBusyIsAskedAgain() throws Exception {
        assertThatAppends("busy", first("PUT ", new Fate.Answered(503, "", "")));
    }

    @Test
    void anAnswerThatIsCutIsReadAgain() throws Exception {
        assertThatAppends("torn", first("GET ", new Fate.AnswerCutAfter(400)));
    }

    @Test
    void anUploadThatIsCutEachTimeLeavesNothing() throws Exception {
        List<Path> before;
        try (TeamLake lake = TeamLake.open(warehouse.lake("never"))) {
            lake.tableOrCreate(DATASET);
            before = warehouse.files();
        }
        try (FaultyProxy proxy = proxy(line -> line.startsWith("PUT ") ? new Fate.CutAfter(100) : PASSED)) {
            warehouse.reachBucketBy(proxy.port());
            try (TeamLake lake = TeamLake.open(warehouse.lake("never"))) {
                TeamTable table = lake.table(DATASET).orElseThrow();
                assertThatThrownBy(() -> TeamBatches.append(folder, table, batch("never", 1, "a")))
                        .isInstanceOf(LakeException.class)
                        .hasMessageContaining("cannot be written: s3_put_failed")
                        .hasMessageContaining("s3://");
                assertThat(table.position("never")).isEmpty();
            }
        } finally {
            warehouse.reachBucketBy(S3Server.get().port());
        }
        assertThat(warehouse.files()).isEqualTo(before);
    }

    @Test
    void keysThatAreRefusedAreSaidWithTheWayOut() throws Exception {
        try (TeamLake lake = TeamLake.open(warehouse.lake("refused"))) {
            lake.tableOrCreate(DATASET);
        }
        System.setProperty("aws.secretAccessKey", "anotherSecretAnotherSecretAnother");
        try {
            assertThatThrownBy(() -> {
                        try (TeamLake lake = TeamLake.open(warehouse.lake("refused"))) {
                            lake.tableOrCreate(DATASET);
                        }
                    })
                    .isInstanceOf(LakeException.class)
                    .hasMessageContaining("s3_access_denied: s3://")
                    .hasMessageContaining("the credentials may not do this")
                    .hasMessageNotContaining("anotherSecret");
        } finally {
            S3Server.useCredentials();
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"s3://elsewhere/team/a", "s3://bucket/teams/a", "/etc/passwd", "s3://bucket/team/../a", "x"})
    void whatIsNotInTheWarehouseIsLeftAlone(String location) throws Exception {
        String section = "{\"catalog\": \"jdbc:postgresql://h/d\", \"warehouse\": \"s3://bucket/team/\"}";
        try (Warehouse elsewhere =
                new Warehouse(Configs.withLake(section).lake().team().orElseThrow())) {
            assertThatThrownBy(() -> elsewhere.files(Map.of()).newOutputFile(location))
                    .isInstanceOf(LakeException.class)
                    .hasMessageContaining(location);
        }
    }

    @Test
    void noFolderIsLeftByAWayUp() throws Exception {
        try (TeamWarehouse local = new TeamWarehouse(folder.resolve("local"));
                Warehouse files = new Warehouse(local.lake("somebody"))) {
            Path other = Files.writeString(folder.resolve("other"), "private");
            for (String way : List.of(other.toString(), files.location() + "/../other")) {
                assertThatThrownBy(() -> files.files(Map.of()).newInputFile(way))
                        .hasMessageContaining("not in the warehouse");
            }
        }
    }

    private void assertThatAppends(String machine, Function<String, Fate> fates) throws Exception {
        try (FaultyProxy proxy = proxy(fates)) {
            warehouse.reachBucketBy(proxy.port());
            try (TeamLake lake = TeamLake.open(warehouse.lake(machine))) {
                TeamTable table = lake.tableOrCreate(DATASET);
                TeamBatches.append(folder, table, batch(machine, 1, "a"));
                assertThat(TeamBatches.rows(warehouse, folder, table, machine))
                        .hasSize(TeamBatches.ROWS)
                        .doesNotHaveDuplicates();
            }
        } finally {
            warehouse.reachBucketBy(S3Server.get().port());
        }
    }

    private static FaultyProxy proxy(Function<String, Fate> fates) throws Exception {
        return new FaultyProxy(S3Server.get().port(), fates);
    }

    /// The first of some requests has another fate.
    private static Function<String, Fate> first(String method, Fate fate) {
        AtomicInteger came = new AtomicInteger();
        return line -> line.startsWith(method) && came.getAndIncrement() == 0 ? fate : PASSED;
    }
}
