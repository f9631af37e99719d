package io.hypaware.query;

import io.hypaware.testing.TeamWarehouse;

/// The same with the files in a bucket.
class TeamQueryInBucketTest extends TeamQueryTest {

    @Override
    TeamWarehouse.Kind kind() {
        return TeamWarehouse.Kind.POSTGRES_AND_BUCKET;
    }
}
