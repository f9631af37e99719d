package io.hypaware.sink.iceberg;

import io.hypaware.dataset.Dataset;
import io.hypaware.lake.stored.TableCommits;
import io.hypaware.store.Destination;
import io.hypaware.store.ObjectKey;
import io.hypaware.store.StoreException;
import io.hypaware.store.StoreException.Kind;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.apache.iceberg.AppendFiles;
import org.apache.iceberg.BaseTable;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.FileScanTask;
import org.apache.iceberg.OverwriteFiles;
import org.apache.iceberg.RewriteFiles;
import org.apache.iceberg.Snapshot;
import org.apache.iceberg.SnapshotChanges;
import org.apache.iceberg.TableMetadata;
import org.apache.iceberg.Transaction;
import org.apache.iceberg.exceptions.CommitFailedException;
import org.apache.iceberg.io.CloseableIterable;
import org.apache.iceberg.util.ThreadPools;
import org.jspecify.annotations.Nullable;

/// A dataset's rows as an Iceberg table in a destination, to which batches are appended, each once: which was the last
/// is committed with its rows.
///
/// A table of that name that somebody else made, with other columns or another partition, stays as it is, and ours is
/// beside it.
public final class ExportedTable {

    /// Which batch of a writer was appended last, by writer.
    private static final String LAST_BATCH = "hypaware.batch.";

    /// Of which batch a snapshot's rows are.
    private static final String BATCH = "hypaware.batch";

    /// What a table of ours is called beside one that is not.
    private static final String BESIDE = "_v2";

    /// So many times the snapshots that are kept.
    private static final int CROWDED = 4;

    private final Destination destination;
    private final ObjectKey prefix;
    private final Dataset dataset;
    private final Keep keep;
    private final TableShape shape;

    private @Nullable TableCommits opened;

    /// What is about to be appended; empty while nothing is.
    private Optional<Batch> pending = Optional.empty();

    /// How long snapshots are kept.
    public record Keep(int snapshots, Duration age) {}

    /// A batch of a writer.
    ///
    /// @param writer whose batches those are: a journal and a sink
    /// @param name the same each time that it is tried, and no other batch's
    public record Batch(String writer, String name) {

        public Batch {
            requireName(writer);
            requireName(name);
        }

        private static void requireName(String text) {
            if (!text.matches("[A-Za-z0-9._-]{1,80}")) {
                throw new IllegalArgumentException("\"" + text + "\" is no name of a batch");
            }
        }

        private String id() {
            return writer + "/" + name;
        }
    }

    /// @param prefix where tables are
    public ExportedTable(Destination destination, ObjectKey prefix, Dataset dataset, Keep keep) {
        this.destination = destination;
        this.prefix = prefix;
        this.dataset = dataset;
        this.keep = keep;
        this.shape = new TableShape(dataset);
    }

    /// The batch has been appended before.
    private static final class Appended extends RuntimeException {

        private static final long serialVersionUID = 1L;
    }

    /// The field ids that files have to have, as the engine's `FIELD_IDS` takes them, by column. Makes the table if
    /// there is none.
    public Map<String, String> fieldIds() throws StoreException {
        return reached(
                () -> TableShape.fieldIds(dataset, shape.prepared(table()).schema()));
    }

    /// The keys under which the files of a batch go.
    public Set<ObjectKey> keys(Batch batch, List<DayFile> files) throws StoreException {
        return reached(() -> {
            Set<ObjectKey> keys = new TreeSet<>();
            for (DayFile file : files) {
                keys.add(key(batch, file));
            }
            return keys;
        });
    }

    private ObjectKey key(Batch batch, DayFile file) throws StoreException {
        return file.key(table().folder(), stem(batch));
    }

    private static String stem(Batch batch) {
        return batch.writer() + "." + batch.name() + ".";
    }

    /// The name of the batch of a writer that was appended last.
    Optional<String> lastBatch(String writer) throws StoreException {
        return reached(() -> {
            table().refresh();
            return Optional.ofNullable(shape.prepared(table()).properties().get(LAST_BATCH + writer));
        });
    }

    /// Appends a batch. Of one that was appended before, rows that are not in it any more are taken out, and those that
    /// are new put in.
    ///
    /// @return whether it was appended now
    /// @throws StoreException if it could not; it may have been all the same, which the next try finds
    public boolean append(Batch batch, List<DayFile> files) throws StoreException {
        return reached(() -> {
            pending = Optional.of(batch);
            try {
                table().refresh();
                if (!files.isEmpty()) {
                    appended(batch, files);
                }
                return true;
            } catch (Appended _) {
                pending = Optional.empty();
                replace(batch, files);
                return false;
            } finally {
                pending = Optional.empty();
            }
        });
    }

    private void appended(Batch batch, List<DayFile> files) throws IOException {
        BaseTable table = shape.prepared(table());
        List<DataFile> put = new ArrayList<>();
        for (DayFile file : files) {
            put.add(put(table, batch, file));
        }
        Transaction transaction = table.newTransaction();
        AppendFiles append = transaction.newAppend().set(BATCH, batch.id());
        put.forEach(append::appendFile);
        append.commit();
        transaction
                .updateProperties()
                .set(LAST_BATCH + batch.writer(), batch.name())
                .commit();
        transaction.commitTransaction();
    }

    /// What has committed it died before it wrote that down, and rows may have been purged or marked since.
    private void replace(Batch batch, List<DayFile> files) throws IOException {
        BaseTable table = new BaseTable(table(), dataset.name());
        Map<String, DataFile> there = new TreeMap<>();
        files(stem(batch)).forEach(file -> there.put(file.location(), file));
        OverwriteFiles overwrite = table.newOverwrite().set(BATCH, batch.id());
        boolean isSame = true;
        for (DayFile file : files) {
            if (there.remove(destination.location(key(batch, file))) == null) {
                overwrite.addFile(put(table, batch, file));
                isSame = false;
            }
        }
        there.values().forEach(overwrite::deleteFile);
        if (!isSame || !there.isEmpty()) {
            overwrite.commit();
        }
    }

    /// Files of the last snapshot whose names begin so.
    private List<DataFile> files(String stem) throws IOException {
        List<DataFile> found = new ArrayList<>();
        try (CloseableIterable<FileScanTask> tasks = new BaseTable(table(), dataset.name())
                .newScan()
                .planWith(ThreadPools.getWorkerPool())
                .planFiles()) {
            for (FileScanTask task : tasks) {
                String location = task.file().location();
                if (location.substring(location.lastIndexOf('/') + 1).startsWith(stem)) {
                    found.add(task.file().copy());
                }
            }
        }
        return found;
    }

    private DataFile put(BaseTable table, Batch batch, DayFile file) throws IOException {
        return file.put(table, destination, key(batch, file));
    }

    /// Deletes those of a batch's files that were put and never committed; the others go when their snapshots expire.
    public void drop(Batch batch, Collection<ObjectKey> keys) throws StoreException {
        reached(() -> {
            TableMetadata known = table().refresh();
            Set<String> committed = new TreeSet<>();
            if (known != null) {
                BaseTable table = new BaseTable(table(), dataset.name());
                for (Snapshot snapshot : known.snapshots()) {
                    if (batch.id().equals(snapshot.summary().get(BATCH))) {
                        SnapshotChanges changes = SnapshotChanges.builderFor(table)
                                .snapshot(snapshot)
                                .build();
                        changes.addedDataFiles().forEach(file -> committed.add(file.location()));
                        changes.removedDataFiles().forEach(file -> committed.add(file.location()));
                    }
                }
            }
            for (ObjectKey key : keys) {
                if (!committed.contains(destination.location(key))) {
                    destination.delete(key);
                }
            }
            return keys.size();
        });
    }

    /// Files of a writer that are worth to be made one.
    List<List<DataFile>> small(String writer) throws StoreException {
        return reached(() -> {
            SmallFiles small = new SmallFiles();
            if (table().refresh() != null) {
                for (DataFile file : files(writer + ".")) {
                    small.add(file);
                }
            }
            return small.groups();
        });
    }

    ObjectKey key(DataFile file) throws StoreException {
        return table().key(file.location())
                .orElseThrow(() -> new StoreException(Kind.TABLE_UNREADABLE, file.location() + " lies elsewhere"));
    }

    /// Puts one file in the place of several that hold its rows.
    void merge(String writer, List<DataFile> several, DayFile merged) throws StoreException {
        reached(() -> {
            DataFile one = put(shape.prepared(table()), new Batch(writer, "merged"), merged);
            RewriteFiles rewrite = new BaseTable(table(), dataset.name()).newRewrite();
            several.forEach(rewrite::deleteFile);
            rewrite.addFile(one);
            rewrite.commit();
            return one;
        });
    }

    /// Files of a writer that nothing names and that nobody is about to commit.
    List<ObjectKey> orphans(String writer, Instant now) throws StoreException {
        return reached(() -> new TableOrphans(destination, table(), writer).find(now));
    }

    /// Deletes them.
    ///
    /// @return which
    List<ObjectKey> deleteOrphans(String writer, Instant now) throws StoreException {
        List<ObjectKey> orphans = orphans(writer, now);
        for (ObjectKey orphan : orphans) {
            destination.delete(orphan);
        }
        return orphans;
    }

    /// How many snapshots are older than they are to be kept.
    int expirable(Instant now) throws StoreException {
        return reached(() -> {
            TableMetadata known = table().refresh();
            if (known == null) {
                return 0;
            }
            long before = now.minus(keep.age()).toEpochMilli();
            long old = known.snapshots().stream()
                    .filter(snapshot -> snapshot.timestampMillis() < before)
                    .count();
            return (int) Math.clamp(known.snapshots().size() - (long) keep.snapshots(), 0, old);
        });
    }

    /// Expires snapshots that are older than they are to be kept, and deletes what only they named.
    ///
    /// @return how many
    public int expire(Instant now) throws StoreException {
        return reached(() -> {
            TableMetadata before = table().refresh();
            if (before == null) {
                return 0;
            }
            BaseTable table = new BaseTable(table(), dataset.name());
            table.expireSnapshots()
                    .expireOlderThan(now.minus(keep.age()).toEpochMilli())
                    .retainLast(Math.max(1, keep.snapshots()))
                    .commit();
            table().forgetVersions();
            return before.snapshots().size()
                    - table.operations().current().snapshots().size();
        });
    }

    /// Whether so much has gathered that it is worth to expire some.
    public boolean isCrowded(Instant now) throws StoreException {
        return reached(() -> {
            TableMetadata known = table().current();
            return known != null
                    && known.snapshots().size() >= CROWDED * Math.max(1, keep.snapshots())
                    && known.snapshots().getFirst().timestampMillis()
                            < now.minus(keep.age()).toEpochMilli();
        });
    }

    private void read(TableMetadata metadata) {
        pending.filter(batch -> batch.name().equals(metadata.properties().get(LAST_BATCH + batch.writer())))
                .ifPresent(_ -> {
                    throw new Appended();
                });
    }

    private TableCommits table() throws StoreException {
        TableCommits known = opened;
        if (known == null) {
            known = find();
            opened = known;
        }
        return known;
    }

    private TableCommits find() throws StoreException {
        TableCommits plain = new TableCommits(destination, prefix.child(dataset.name()), this::read);
        if (shape.isOurs(plain)) {
            return plain;
        }
        TableCommits beside = new TableCommits(destination, prefix.child(dataset.name() + BESIDE), this::read);
        if (shape.isOurs(beside)) {
            return beside;
        }
        throw new StoreException(
                Kind.TABLE_UNREADABLE,
                plain.location() + " and " + beside.location() + " have other columns or partitions than "
                        + dataset.name() + "; set another prefix");
    }

    private interface Work<T> {

        T done() throws IOException;
    }

    /// What Iceberg throws, as what it means.
    private <T> T reached(Work<T> work) throws StoreException {
        String what = "the table " + destination.location(prefix.child(dataset.name()));
        try {
            return work.done();
        } catch (CommitFailedException e) {
            throw new StoreException(Kind.TABLE_COMMIT_FAILED, what + " was changed by others each time", e);
        } catch (IOException | RuntimeException e) {
            throw StoreException.within(
                    e, () -> new StoreException(Kind.TABLE_UNREADABLE, what + " cannot be used: " + e.getMessage(), e));
        }
    }
}
