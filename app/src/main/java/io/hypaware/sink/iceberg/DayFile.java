package io.hypaware.sink.iceberg;

import io.hypaware.lake.FileFacts;
import io.hypaware.store.Content;
import io.hypaware.store.Destination;
import io.hypaware.store.ObjectKey;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.DataFiles;
import org.apache.iceberg.FileFormat;
import org.apache.iceberg.PartitionData;
import org.apache.iceberg.Table;

/// Rows of one day in a Parquet file of this machine, on its way to a table.
///
/// @param sha256 of its bytes
/// @param facts which the table is told
public record DayFile(LocalDate day, Path file, String sha256, FileFacts facts) {

    private static final int DIGEST_LENGTH = 16;

    /// A name says what is in the file, so that one that is committed is never replaced by other bytes.
    ///
    /// @param table its folder
    /// @param stem what the name begins with
    ObjectKey key(ObjectKey table, String stem) {
        return table.child("data/day=" + day + "/" + stem + sha256.substring(0, DIGEST_LENGTH) + ".parquet");
    }

    /// Puts it where a table's files are; nothing is committed.
    DataFile put(Table table, Destination destination, ObjectKey key) throws IOException {
        destination.put(key, Content.of(file));
        PartitionData partition = new PartitionData(table.spec().partitionType());
        partition.set(0, (int) day.toEpochDay());
        return DataFiles.builder(table.spec())
                .withPath(destination.location(key))
                .withFormat(FileFormat.PARQUET)
                .withPartition(partition)
                .withFileSizeInBytes(Files.size(file))
                .withMetrics(facts.metrics(table.schema()))
                .withSplitOffsets(facts.rowGroups())
                .build();
    }
}
