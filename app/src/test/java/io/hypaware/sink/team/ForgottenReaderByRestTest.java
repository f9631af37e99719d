package io.hypaware.sink.team;

import io.hypaware.testing.TeamWarehouse;
import org.junit.jupiter.api.Tag;

/// The same by a REST catalog, with the list in a bucket.
@Tag("slow")
class ForgottenReaderByRestTest extends ForgottenReaderTest {

    @Override
    TeamWarehouse.Kind kind() {
        return TeamWarehouse.Kind.REST_AND_BUCKET;
    }
}
