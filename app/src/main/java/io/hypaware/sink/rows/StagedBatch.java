package io.hypaware.sink.rows;

import io.hypaware.dataset.Dataset;
import io.hypaware.home.Folders;
import io.hypaware.journal.RowBatch;
import io.hypaware.lake.FileFacts;
import io.hypaware.query.RowExport;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// A batch on this machine's disk, a file for each day, of which no query is open any more.
///
/// @param leftOut sessions that rows of the batch are of, and that stay on this machine
public record StagedBatch(Path folder, Dataset dataset, RowBatch batch, List<DayFile> files, Set<String> leftOut)
        implements AutoCloseable {

    public StagedBatch {
        files = List.copyOf(files);
        leftOut = Set.copyOf(leftOut);
    }

    /// Its rows of one day.
    ///
    /// @param facts of a file of a table
    public record DayFile(RowExport.Day day, Path file, long bytes, String sha256, Optional<FileFacts> facts) {}

    /// What the rows refer to, where they tell large values by their hashes.
    PayloadList payloads() {
        return new PayloadList(folder.resolve(Staging.PAYLOADS));
    }

    public long rows() {
        return files.stream().mapToLong(file -> file.day().rows()).sum();
    }

    @Override
    public void close() throws IOException {
        Folders.deleteIfThere(folder);
    }
}
