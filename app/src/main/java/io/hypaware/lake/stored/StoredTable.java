package io.hypaware.lake.stored;

import io.hypaware.store.Destination;
import io.hypaware.store.ObjectKey;
import io.hypaware.store.StoreException;
import io.hypaware.store.StoreException.Kind;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.iceberg.BaseTable;
import org.apache.iceberg.FileScanTask;
import org.apache.iceberg.Schema;
import org.apache.iceberg.TableMetadata;
import org.apache.iceberg.io.CloseableIterable;
import org.apache.iceberg.util.ThreadPools;

/// A table in a destination, to be read: which files its last snapshot names.
public record StoredTable(Schema schema, List<DataFile> files) {

    public StoredTable {
        files = List.copyOf(files);
    }

    /// A data file of the table.
    public record DataFile(ObjectKey key, long bytes, long rows) {}

    /// Reads a table; empty if there is none.
    ///
    /// @throws StoreException if it cannot be read, has rows that were deleted apart from their files, or has
    ///     files elsewhere
    public static Optional<StoredTable> read(Destination from, ObjectKey folder) throws StoreException {
        TableCommits commits = new TableCommits(from, folder, _ -> {});
        try {
            TableMetadata metadata = commits.current();
            if (metadata == null) {
                return Optional.empty();
            }
            List<DataFile> files = new ArrayList<>();
            try (CloseableIterable<FileScanTask> tasks = new BaseTable(commits, folder.name())
                    .newScan()
                    .planWith(ThreadPools.getWorkerPool())
                    .planFiles()) {
                for (FileScanTask task : tasks) {
                    files.add(file(commits, task));
                    if (files.size() > Destination.MOST_LISTED) {
                        throw new StoreException(
                                Kind.TOO_LARGE, commits.location() + " has more than " + files.size() + " files");
                    }
                }
            }
            return Optional.of(new StoredTable(metadata.schema(), files));
        } catch (IOException | RuntimeException e) {
            throw StoreException.within(
                    e,
                    () -> new StoreException(
                            Kind.TABLE_UNREADABLE, commits.location() + " cannot be read: " + e.getMessage(), e));
        }
    }

    private static DataFile file(TableCommits commits, FileScanTask task) throws StoreException {
        String location = task.file().location();
        if (!task.deletes().isEmpty()) {
            throw new StoreException(
                    Kind.TABLE_UNREADABLE,
                    commits.location() + " has rows that are deleted apart from their files; rewrite them first");
        }
        return new DataFile(
                commits.key(location)
                        .orElseThrow(() -> new StoreException(
                                Kind.TABLE_UNREADABLE, commits.location() + " has a file elsewhere: " + location)),
                task.file().fileSizeInBytes(),
                task.file().recordCount());
    }
}
