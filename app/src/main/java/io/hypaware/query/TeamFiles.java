package io.hypaware.query;

import io.hypaware.lake.LiveFile;
import io.hypaware.lake.TeamTable;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.apache.iceberg.io.FileIO;

/// Where this machine reads the files of a team's lake.
interface TeamFiles {

    /// Files that this machine can open.
    ///
    /// @param io opens what else they need
    /// @param folders they are in these
    record Reachable(List<LiveFile> files, FileIO io, Set<Path> folders) {}

    /// Makes files reachable.
    ///
    /// @throws io.hypaware.lake.LakeException if they cannot be
    /// @throws org.apache.iceberg.exceptions.NotFoundException if one is not there any more: the table has others
    Reachable reachable(TeamTable table, List<LiveFile> files);

    /// Whether reading one costs as much as fetching the whole of it.
    default boolean areFetched() {
        return false;
    }

    /// Has what runs in another thread end soon.
    default void stop() {}

    /// Those of a folder that all machines share.
    static Reachable shared(TeamTable table, List<LiveFile> files) {
        return new Reachable(
                files, table.io(), Set.of(table.target().generation().folder()));
    }
}
