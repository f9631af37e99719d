package io.hypaware.lake;

import io.hypaware.dataset.Column;
import io.hypaware.dataset.Dataset;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Instant;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.ToLongFunction;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;
import org.apache.iceberg.AppendFiles;
import org.apache.iceberg.ContentFile;
import org.apache.iceberg.DataOperations;
import org.apache.iceberg.DeleteFile;
import org.apache.iceberg.DeleteFiles;
import org.apache.iceberg.ExpireSnapshots;
import org.apache.iceberg.FileScanTask;
import org.apache.iceberg.ManifestContent;
import org.apache.iceberg.ManifestFile;
import org.apache.iceberg.ManifestFiles;
import org.apache.iceberg.ReachableFileUtil;
import org.apache.iceberg.RewriteFiles;
import org.apache.iceberg.Schema;
import org.apache.iceberg.Snapshot;
import org.apache.iceberg.SnapshotSummary;
import org.apache.iceberg.Table;
import org.apache.iceberg.TableProperties;
import org.apache.iceberg.TableScan;
import org.apache.iceberg.Transaction;
import org.apache.iceberg.UpdateProperties;
import org.apache.iceberg.UpdateSchema;
import org.apache.iceberg.exceptions.ValidationException;
import org.apache.iceberg.expressions.Expression;
import org.apache.iceberg.expressions.Expressions;
import org.apache.iceberg.io.CloseableIterable;
import org.apache.iceberg.io.FileIO;
import org.apache.iceberg.util.ThreadPools;

/// One table of the lake, as it was when it was loaded.
public final class LakeTable {

    /// The table property that says up to which journal position its rows are in the table. It is committed together
    /// with the files that hold them.
    public static final String JOURNAL_SEQ = "hyp.journal-seq";

    /// What a table holds.
    public record Size(long rows, long files, long bytes) {}

    /// All that is read of an entry of which nothing else is wanted.
    private static final List<String> LOCATION = List.of("file_path");

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

    /// Adds columns that the dataset was given after the table was made, which older rows do not have, and renames
    /// those that other engines refuse.
    public void addMissingColumns() {
        Schema schema = table.schema();
        List<Column> missing = dataset.storedColumns().stream()
                .filter(column -> IcebergSchema.field(schema, column.name()).isEmpty())
                .toList();
        List<String> refused = dataset.storedColumns().stream()
                .map(Column::name)
                .filter(name ->
                        schema.findField(IcebergSchema.fieldName(name)) == null && schema.findField(name) != null)
                .toList();
        if (!missing.isEmpty() || !refused.isEmpty()) {
            UpdateSchema update = table.updateSchema();
            refused.forEach(name -> update.renameColumn(name, IcebergSchema.fieldName(name)));
            // Iceberg gives ids of its own.
            AtomicInteger ids = new AtomicInteger();
            missing.forEach(column -> update.addColumn(
                    IcebergSchema.fieldName(column.name()), IcebergSchema.type(column, ids::incrementAndGet)));
            update.commit();
        }
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
            files.forEach(file -> append.appendFile(file.toDataFile(dataset, table)));
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

    private FileColumns columns() {
        return IcebergSchema.columns(dataset, table);
    }

    /// The data files of the snapshot that was loaded.
    public List<LiveFile> files() {
        return files(Expressions.alwaysTrue());
    }

    /// Those of them that may hold rows of which one of the lists of conditions is true as a whole.
    public List<LiveFile> files(Collection<List<RowCondition>> wanted) {
        return files(RowCondition.any(table.schema(), wanted));
    }

    /// Those of them that may hold rows of which a condition is true.
    List<LiveFile> files(Expression wanted) {
        return files(wanted, List.of());
    }

    /// The same, with what the metadata says of some columns' values.
    List<LiveFile> files(Expression wanted, Collection<String> told) {
        List<LiveFile> files = new ArrayList<>();
        TableScan scan = scan().filter(wanted);
        try (CloseableIterable<FileScanTask> tasks =
                (told.isEmpty() ? scan : scan.includeColumnStats(told)).planFiles()) {
            FileColumns columns = columns();
            tasks.forEach(task -> files.add(LiveFile.of(task, columns)));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return files;
    }

    /// What a shared warehouse answers is waited for by several threads. Metadata on this machine is read before a
    /// second one has begun: the launcher tells Iceberg so, which would sleep for ten milliseconds meanwhile.
    private TableScan scan() {
        TableScan scan = table.newScan();
        return table.io() instanceof AppendOnlyFiles ? scan.planWith(ThreadPools.getWorkerPool()) : scan;
    }

    /// The same by their day; a file that another engine wrote may have none.
    public Map<LocalDate, List<LiveFile>> filesByDay() {
        Map<LocalDate, List<LiveFile>> byDay = new TreeMap<>();
        for (LiveFile file : files()) {
            file.day()
                    .ifPresent(day ->
                            byDay.computeIfAbsent(day, _ -> new ArrayList<>()).add(file));
        }
        return byDay;
    }

    /// The folder of this generation.
    public Generation generation() {
        return new Generation(LocalFiles.path(table.location()));
    }

    /// The position of the last commit in the table's own count.
    public long lastSequence() {
        Snapshot snapshot = table.currentSnapshot();
        return snapshot == null ? 0 : snapshot.sequenceNumber();
    }

    /// Positions of the commits, still known, that only rewrote what was there, whoever made them.
    public Set<Long> rewrites() {
        return StreamSupport.stream(table.snapshots().spliterator(), false)
                .filter(snapshot -> DataOperations.REPLACE.equals(snapshot.operation()))
                .map(Snapshot::sequenceNumber)
                .collect(Collectors.toSet());
    }

    /// Replaces files by others that hold the same live rows, and sets properties, in one step.
    ///
    /// @param files synced already
    /// @param all the files of the snapshot, to tell which delete files are no longer needed
    /// @throws org.apache.iceberg.exceptions.ValidationException if another writer changed the old files meanwhile
    public void rewrite(
            Collection<LiveFile> old,
            List<WrittenFile> files,
            Collection<LiveFile> all,
            Map<String, String> properties) {
        requireSameDeletes(old, all);
        Set<String> gone = old.stream().map(f -> f.file().location()).collect(Collectors.toSet());
        Set<String> needed = all.stream()
                .filter(f -> !gone.contains(f.file().location()))
                .flatMap(f -> f.deletes().stream())
                .map(DeleteFile::location)
                .collect(Collectors.toSet());
        Transaction transaction = table.newTransaction();
        RewriteFiles rewrite = transaction
                .newRewrite()
                .validateFromSnapshot(table.currentSnapshot().snapshotId());
        old.forEach(file -> rewrite.deleteFile(file.file()));
        old.stream()
                .flatMap(file -> file.deletes().stream())
                .filter(delete -> !needed.contains(delete.location()))
                .collect(Collectors.toMap(Objects::toString, d -> d, (a, _) -> a))
                .values()
                .forEach(rewrite::deleteFile);
        files.forEach(file -> rewrite.addFile(file.toDataFile(dataset, table)));
        rewrite.commit();
        if (!properties.isEmpty()) {
            UpdateProperties update = transaction.updateProperties();
            properties.forEach(update::set);
            update.commit();
        }
        transaction.commitTransaction();
    }

    /// What another engine has deleted since the old files were read would come back with the new ones: the commit sees
    /// only what happens after this table was loaded.
    private void requireSameDeletes(Collection<LiveFile> old, Collection<LiveFile> all) {
        Map<String, Set<String>> now =
                all.stream().collect(Collectors.toMap(file -> file.file().location(), LakeTable::deletes, (a, _) -> a));
        for (LiveFile file : old) {
            if (!deletes(file).equals(now.get(file.file().location()))) {
                throw new ValidationException(
                        "another engine has changed %s meanwhile; nothing was changed", file.path());
            }
        }
    }

    private static Set<String> deletes(LiveFile file) {
        return file.deletes().stream()
                .map(delete -> delete.location() + "#" + delete.contentOffset())
                .collect(Collectors.toSet());
    }

    /// Sets and removes properties, if that changes anything.
    public void updateProperties(Map<String, String> set, Collection<String> removed) {
        UpdateProperties update = table.updateProperties();
        set.forEach(update::set);
        removed.stream().filter(key -> !set.containsKey(key)).forEach(update::remove);
        update.commit();
    }

    /// Files whose rows are all before a moment, and those that hold some such rows.
    public record Before(List<LiveFile> whole, List<LiveFile> straddling) {}

    /// Finds by metadata which files hold rows from before a moment of the primary time.
    public Before before(long micros) {
        List<LiveFile> whole = new ArrayList<>();
        List<LiveFile> straddling = new ArrayList<>();
        FileColumns columns = columns();
        Expression old = Expressions.lessThan(dataset.primaryTime(), micros);
        try (CloseableIterable<FileScanTask> tasks = scan().filter(old).planFiles()) {
            for (FileScanTask task : tasks) {
                (task.residual().op() == Expression.Operation.TRUE ? whole : straddling)
                        .add(LiveFile.of(task, columns));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return new Before(whole, straddling);
    }

    /// Drops whole files.
    public void drop(Collection<LiveFile> files, Collection<String> properties) {
        Transaction transaction = table.newTransaction();
        DeleteFiles delete = transaction.newDelete();
        files.forEach(file -> delete.deleteFile(file.file()));
        delete.commit();
        UpdateProperties update = transaction.updateProperties();
        properties.forEach(update::remove);
        update.commit();
        transaction.commitTransaction();
    }

    /// The snapshots that expiry would end: older than a moment, and not among the last ones.
    public int expirable(Instant before, int keep) {
        return expiry(before, keep).apply().size();
    }

    /// Ends old snapshots and deletes the files that only they named.
    ///
    /// @param deleted told each file before it is deleted
    public void expire(Instant before, int keep, Consumer<Path> deleted) {
        expiry(before, keep)
                .cleanupLevel(ExpireSnapshots.CleanupLevel.ALL)
                .deleteWith(location -> {
                    Path path = LocalFiles.path(location);
                    deleted.accept(path);
                    new LocalFiles().deleteFile(location);
                })
                .commit();
    }

    /// Ends every snapshot but the current one, whatever its age, forgets all earlier metadata, and deletes the files
    /// that only they named.
    ///
    /// @param deleted told each file before it is deleted
    public void forgetHistory(Consumer<Path> deleted) {
        if (table.currentSnapshot() != null) {
            // A manifest names what a commit has dropped, with its bounds, until it is written again.
            table.rewriteManifests().clusterBy(_ -> dataset.name()).commit();
            expire(Instant.ofEpochMilli(Long.MAX_VALUE), 1, deleted);
        }
        // Its earlier metadata files go with the commit that keeps one of them.
        String most = TableProperties.METADATA_PREVIOUS_VERSIONS_MAX;
        String kept = property(most).orElse("" + TableProperties.METADATA_PREVIOUS_VERSIONS_MAX_DEFAULT);
        updateProperties(Map.of(most, "1"), List.of());
        updateProperties(Map.of(most, kept), List.of());
    }

    private ExpireSnapshots expiry(Instant before, int keep) {
        return table.expireSnapshots().expireOlderThan(before.toEpochMilli()).retainLast(keep);
    }

    /// Every file that the metadata, or any snapshot that it still knows, refers to.
    ///
    /// @throws RuntimeException if any of it cannot be read; nothing may be called unreferenced then
    public Set<Path> referencedFiles() {
        Set<String> locations = new HashSet<>(ReachableFileUtil.metadataFileLocations(table, false));
        locations.addAll(ReachableFileUtil.manifestListLocations(table));
        locations.addAll(ReachableFileUtil.statisticsFilesLocations(table));
        FileIO io = table.io();
        for (Snapshot snapshot : table.snapshots()) {
            for (ManifestFile manifest : snapshot.allManifests(io)) {
                if (locations.add(manifest.path())) {
                    contents(manifest, io, locations);
                }
            }
        }
        return locations.stream().map(LocalFiles::path).collect(Collectors.toSet());
    }

    private void contents(ManifestFile manifest, FileIO io, Set<String> locations) {
        try (CloseableIterable<? extends ContentFile<?>> files = manifest.content() == ManifestContent.DATA
                ? ManifestFiles.read(manifest, io, table.specs()).select(LOCATION)
                : ManifestFiles.readDeleteManifest(manifest, io, table.specs()).select(LOCATION)) {
            files.forEach(file -> locations.add(file.location()));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// From the snapshot's summary, without reading manifests.
    public Size size() {
        Snapshot snapshot = table.currentSnapshot();
        if (snapshot == null) {
            return new Size(0, 0, 0);
        }
        ToLongFunction<String> number = key -> Long.parseLong(snapshot.summary().getOrDefault(key, "0"));
        return new Size(
                number.applyAsLong(SnapshotSummary.TOTAL_RECORDS_PROP),
                number.applyAsLong(SnapshotSummary.TOTAL_DATA_FILES_PROP),
                number.applyAsLong(SnapshotSummary.TOTAL_FILE_SIZE_PROP));
    }
}
