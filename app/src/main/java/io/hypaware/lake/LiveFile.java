package io.hypaware.lake;

import java.nio.file.Path;
import java.time.LocalDate;
import java.util.List;
import java.util.Optional;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.DeleteFile;
import org.apache.iceberg.FileScanTask;
import org.apache.iceberg.PartitionSpec;
import org.apache.iceberg.StructLike;

/// A data file that a snapshot names, with the delete files that apply to it.
///
/// @param path where it is now, whatever the metadata calls its location
/// @param sequence when it was committed, in the table's own count
/// @param day the day that all its rows are of; empty for a file that another engine wrote with other partitions
public record LiveFile(
        Path path,
        DataFile file,
        long sequence,
        List<DeleteFile> deletes,
        Optional<LocalDate> day,
        FileColumns columns) {

    static LiveFile of(FileScanTask task, FileColumns columns) {
        Long sequence = task.file().fileSequenceNumber();
        return new LiveFile(
                LocalFiles.path(task.file().location()),
                task.file(),
                sequence == null ? 0 : sequence,
                List.copyOf(task.deletes()),
                day(task.spec(), task.file().partition()),
                columns);
    }

    /// A file of an older cache, whose partitions are not days.
    public static LiveFile older(Path path, DataFile file, List<DeleteFile> deletes) {
        return new LiveFile(path, file, 0, deletes, Optional.empty(), FileColumns.BY_NAME);
    }

    /// The same file where a copy of it is.
    public LiveFile at(Path copy) {
        return new LiveFile(copy, file, sequence, deletes, day, columns);
    }

    private static Optional<LocalDate> day(PartitionSpec spec, StructLike partition) {
        return IcebergSchema.isByDay(spec) && partition.get(0, Object.class) instanceof Integer day
                ? Optional.of(LocalDate.ofEpochDay(day))
                : Optional.empty();
    }

    /// Rows in the file, deleted ones too.
    public long rows() {
        return file.recordCount();
    }

    public long bytes() {
        return file.fileSizeInBytes();
    }

    /// When a delete file for it was last committed; 0 if there is none.
    public long deletedSequence() {
        return deletes.stream()
                .mapToLong(delete -> delete.dataSequenceNumber() == null ? 0 : delete.dataSequenceNumber())
                .max()
                .orElse(0);
    }
}
