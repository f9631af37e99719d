package io.hypaware.lake;

import io.hypaware.dataset.Dataset;
import io.hypaware.engine.Engine;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.List;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.DataFiles;
import org.apache.iceberg.FileFormat;
import org.apache.iceberg.Metrics;
import org.apache.iceberg.PartitionData;
import org.apache.iceberg.PartitionSpec;
import org.apache.iceberg.SortOrder;
import org.apache.iceberg.Table;

/// A Parquet file that the engine wrote, with what Iceberg must know of it, read back from its footer.
///
/// @param day days since the epoch, the file's partition
/// @param sorted whether its rows are in the table's order
/// @param rowGroups offsets of the row groups, where a reader may split the file
public record WrittenFile(Path path, int day, boolean sorted, long bytes, Metrics metrics, List<Long> rowGroups) {

    /// Reads what the file's footer says, and the bounds of the columns that queries are narrowed by.
    static WrittenFile of(Engine engine, LakeTable target, Path path, int day, boolean sorted) throws SQLException {
        FileFacts facts = FileFacts.read(engine, target.dataset(), path);
        Metrics metrics = facts.metrics(target.table().schema());
        try {
            return new WrittenFile(path, day, sorted, Files.size(path), metrics, facts.rowGroups());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// Forces the file and its entry in the folder to disk; to be done before a commit names it.
    public void sync() {
        LocalFiles.sync(path);
        LocalFiles.sync(path.resolveSibling("").toAbsolutePath());
    }

    DataFile toDataFile(Dataset dataset, Table table) {
        return toDataFile(dataset, table, path.toUri().toString());
    }

    /// @param location where it is read
    DataFile toDataFile(Dataset dataset, Table table, String location) {
        PartitionSpec partitions = IcebergSchema.partitions(table);
        PartitionData partition = new PartitionData(partitions.partitionType());
        partition.set(0, day);
        return DataFiles.builder(partitions)
                .withPath(location)
                .withFormat(FileFormat.PARQUET)
                .withPartition(partition)
                .withFileSizeInBytes(bytes)
                .withMetrics(metrics)
                .withSplitOffsets(rowGroups)
                .withSortOrder(sorted ? IcebergSchema.sortOrder(dataset, table) : SortOrder.unsorted())
                .build();
    }
}
