package io.hypaware.query;

import io.hypaware.testing.TeamWarehouse;
import org.junit.jupiter.api.Tag;

/// The same with the files in a bucket.
@Tag("slow")
class TeamQueryInBucketTest extends TeamQueryTest {

    @Override
    TeamWarehouse.Kind kind() {
        return TeamWarehouse.Kind.POSTGRES_AND_BUCKET;
    }
}
