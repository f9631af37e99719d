package io.hypaware.lake;

import io.hypaware.testing.TeamWarehouse;

/// The same with the files in a bucket.
class TeamLakeInBucketTest extends TeamLakeTest {

    @Override
    TeamWarehouse.Kind kind() {
        return TeamWarehouse.Kind.POSTGRES_AND_BUCKET;
    }
}
