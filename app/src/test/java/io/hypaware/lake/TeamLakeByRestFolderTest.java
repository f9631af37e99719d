package io.hypaware.lake;

import io.hypaware.testing.TeamWarehouse;
import org.junit.jupiter.api.Tag;

/// The same by a REST catalog.
@Tag("slow")
class TeamLakeByRestFolderTest extends TeamLakeTest {

    @Override
    TeamWarehouse.Kind kind() {
        return TeamWarehouse.Kind.REST_AND_FOLDER;
    }
}
