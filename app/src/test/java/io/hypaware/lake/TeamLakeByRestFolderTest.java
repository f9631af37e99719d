package io.hypaware.lake;

import io.hypaware.testing.TeamWarehouse;

/// The same by a REST catalog.
class TeamLakeByRestFolderTest extends TeamLakeTest {

    @Override
    TeamWarehouse.Kind kind() {
        return TeamWarehouse.Kind.REST_AND_FOLDER;
    }
}
