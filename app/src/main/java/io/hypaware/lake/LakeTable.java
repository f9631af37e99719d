package io.hypaware.lake;

import io.hypaware.dataset.Dataset;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.apache.iceberg.AppendFiles;
import org.apache.iceberg.FileScanTask;
import org.apache.iceberg.Snapshot;
import org.apache.iceberg.SnapshotSummary;
import org.apache.iceberg.Table;
import org.apache.iceberg.Transaction;
import org.apache.iceberg.io.CloseableIterable;

/// One table of the lake, as it was when it was loaded.
public final class LakeTable {

    /// The table property that says up to which journal position its rows are in the table. It is committed together
    /// with the files that hold them.
    public static final String JOURNAL_SEQ = "hyp.journal-seq";

    /// What a table holds.
    public record Size(long rows, long files, long bytes) {}

    private final Dataset dataset;
    private final Table table;

    LakeTable(Dataset dataset, Table table) {
        this.dataset = dataset;
        this.table = table;
    }

    public Dataset dataset() {
        return dataset;
    }

    Table table() {
        return table;
    }

    /// Rows of the journal at or under this position are in the table.
    public long journalSeq() {
        return Long.parseLong(table.properties().getOrDefault(JOURNAL_SEQ, "0"));
    }

    /// A property of the table; `hyp.` ones are ours.
    public Optional<String> property(String key) {
        return Optional.ofNullable(table.properties().get(key));
    }

    /// Properties whose key begins so.
    public Map<String, String> properties(String prefix) {
        return table.properties().entrySet().stream()
                .filter(e -> e.getKey().startsWith(prefix))
                .collect(Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue));
    }

    /// Commits files, if there are any, and a property in one step.
    ///
    /// @param files synced already
    public void append(List<WrittenFile> files, String key, String value) {
        Transaction transaction = table.newTransaction();
        if (!files.isEmpty()) {
            AppendFiles append = transaction.newAppend();
            files.forEach(file -> append.appendFile(file.toDataFile(table)));
            append.commit();
        }
        transaction.updateProperties().set(key, value).commit();
        transaction.commitTransaction();
    }

    /// Where new data files go.
    public Path dataFolder() {
        return LocalFiles.path(table.location()).resolve("data");
    }

    /// Commits files and journal position in one step.
    ///
    /// @param files synced already
    /// @throws IllegalStateException if the table holds rows up to that position already
    public void append(List<WrittenFile> files, long journalSeq) {
        if (journalSeq <= journalSeq()) {
            throw new IllegalStateException("%s holds rows up to journal position %d already; %d was to be appended"
                    .formatted(dataset.name(), journalSeq(), journalSeq));
        }
        append(files, JOURNAL_SEQ, Long.toString(journalSeq));
    }

    /// The data files of the snapshot that was loaded.
    public List<LiveFile> files() {
        List<LiveFile> files = new ArrayList<>();
        try (CloseableIterable<FileScanTask> tasks = table.newScan().planFiles()) {
            tasks.forEach(task -> files.add(LiveFile.of(task)));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return files;
    }

    /// From the snapshot's summary, without reading manifests.
    public Size size() {
        Snapshot snapshot = table.currentSnapshot();
        if (snapshot == null) {
            return new Size(0, 0, 0);
        }
        Map<String, String> summary = snapshot.summary();
        return new Size(
                number(summary, SnapshotSummary.TOTAL_RECORDS_PROP),
                number(summary, SnapshotSummary.TOTAL_DATA_FILES_PROP),
                number(summary, SnapshotSummary.TOTAL_FILE_SIZE_PROP));
    }

    private static long number(Map<String, String> summary, String key) {
        return Long.parseLong(summary.getOrDefault(key, "0"));
    }
}
