package io.hypaware.lake;

import java.util.Map;
import org.apache.iceberg.BaseTable;
import org.apache.iceberg.Snapshot;
import org.apache.iceberg.SnapshotRef;
import org.apache.iceberg.TableMetadata;
import org.apache.iceberg.TableOperations;

/// A snapshot without files, with which properties are set that nobody may miss. A REST catalog swaps no metadata but
/// checks requirements, and of all of a commit's changes only a snapshot's requires that nobody else made one
/// meanwhile. So whoever commits a snapshot at the same time collides, and looks at the properties again.
final class EmptySnapshot {

    /// A table's metadata with it on top.
    static TableMetadata with(TableOperations operations, TableMetadata base, Map<String, String> properties) {
        Snapshot nothing = new BaseTable(operations, "nothing").newFastAppend().apply();
        return TableMetadata.buildFrom(base)
                .setBranchSnapshot(nothing, SnapshotRef.MAIN_BRANCH)
                .setProperties(properties)
                .build();
    }

    private EmptySnapshot() {}
}
