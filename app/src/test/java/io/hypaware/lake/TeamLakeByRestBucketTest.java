package io.hypaware.lake;

import static org.assertj.core.api.Assertions.assertThat;

import io.hypaware.testing.S3Server;
import io.hypaware.testing.TeamWarehouse;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// The same by a REST catalog that lends keys of the bucket that the files are in.
@Tag("slow")
class TeamLakeByRestBucketTest extends TeamLakeTest {

    @Override
    TeamWarehouse.Kind kind() {
        return TeamWarehouse.Kind.REST_AND_BUCKET;
    }

    @Test
    void keysThatTheCatalogLendsAreUsed() throws Exception {
        System.setProperty("aws.secretAccessKey", "anotherSecretAnotherSecretAnother");
        try (TeamLake lake = TeamLake.open(warehouse.lake("lent"))) {
            append(lake.tableOrCreate(DATASET), TeamBatches.batch("lent", 1, "a"));
            assertThat(rows(lake.table(DATASET).orElseThrow(), "lent")).hasSize(TeamBatches.ROWS);
        } finally {
            S3Server.useCredentials();
        }
    }
}
