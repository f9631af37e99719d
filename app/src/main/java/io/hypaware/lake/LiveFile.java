package io.hypaware.lake;

import io.hypaware.dataset.Column;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.DeleteFile;
import org.apache.iceberg.FileScanTask;
import org.apache.iceberg.StructLike;

/// A data file that a snapshot names, with the delete files that apply to it.
///
/// @param path where it is now, whatever the metadata calls its location
/// @param sequence when it was committed, in the table's own count
/// @param columns those of its table, by the ids that they have in the file, whatever its writer called them; empty
/// where a file's columns are known by name alone
public record LiveFile(
        Path path, DataFile file, long sequence, List<DeleteFile> deletes, Map<Integer, Column> columns) {

    static LiveFile of(FileScanTask task, Map<Integer, Column> columns) {
        Long sequence = task.file().fileSequenceNumber();
        return new LiveFile(
                LocalFiles.path(task.file().location()),
                task.file(),
                sequence == null ? 0 : sequence,
                List.copyOf(task.deletes()),
                columns);
    }

    /// Rows in the file, deleted ones too.
    public long rows() {
        return file.recordCount();
    }

    public long bytes() {
        return file.fileSizeInBytes();
    }

    /// The day that all its rows are of; empty for a file that another engine wrote without partitions.
    public Optional<LocalDate> day() {
        StructLike partition = file.partition();
        if (partition.size() != 1 || !(partition.get(0, Object.class) instanceof Integer day)) {
            return Optional.empty();
        }
        return Optional.of(LocalDate.ofEpochDay(day));
    }

    /// When a delete file for it was last committed; 0 if there is none.
    public long deletedSequence() {
        return deletes.stream()
                .mapToLong(delete -> delete.dataSequenceNumber() == null ? 0 : delete.dataSequenceNumber())
                .max()
                .orElse(0);
    }
}
