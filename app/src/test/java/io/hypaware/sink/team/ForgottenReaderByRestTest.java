package io.hypaware.sink.team;

import io.hypaware.testing.TeamWarehouse;

/// The same by a REST catalog, with the list in a bucket.
class ForgottenReaderByRestTest extends ForgottenReaderTest {

    @Override
    TeamWarehouse.Kind kind() {
        return TeamWarehouse.Kind.REST_AND_BUCKET;
    }
}
