package io.hypaware.lake;

import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.DeleteFile;
import org.apache.iceberg.FileScanTask;

/// A data file that a snapshot names, with the delete files that apply to it.
///
/// @param path where it is now, whatever the metadata calls its location
/// @param sequence when it was committed, in the table's own count
public record LiveFile(Path path, DataFile file, long sequence, List<DeleteFile> deletes) {

    static LiveFile of(FileScanTask task) {
        Long sequence = task.file().fileSequenceNumber();
        return new LiveFile(
                LocalFiles.path(task.file().location()),
                task.file(),
                sequence == null ? 0 : sequence,
                List.copyOf(task.deletes()));
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
        return Stream.ofNullable(deletes)
                .flatMap(List::stream)
                .mapToLong(delete -> delete.dataSequenceNumber() == null ? 0 : delete.dataSequenceNumber())
                .max()
                .orElse(0);
    }
}
