package io.hypaware.sink.iceberg;

import io.hypaware.dataset.Dataset;
import io.hypaware.lake.IcebergSchema;
import io.hypaware.store.Content;
import io.hypaware.store.Destination;
import io.hypaware.store.ObjectKey;
import io.hypaware.store.StoreException;
import io.hypaware.store.StoreException.Kind;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.apache.iceberg.AppendFiles;
import org.apache.iceberg.BaseTable;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.DataFiles;
import org.apache.iceberg.FileFormat;
import org.apache.iceberg.PartitionData;
import org.apache.iceberg.Schema;
import org.apache.iceberg.TableMetadata;
import org.apache.iceberg.TableProperties;
import org.apache.iceberg.Transaction;
import org.apache.iceberg.UpdateSchema;
import org.apache.iceberg.exceptions.CommitFailedException;
import org.apache.iceberg.mapping.MappingUtil;
import org.apache.iceberg.mapping.NameMappingParser;
import org.apache.iceberg.types.Types;
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

    private static final int DIGEST_BYTES = 8;

    private final Destination destination;
    private final Dataset dataset;
    private final Keep keep;
    private final Schema schema;

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
    }

    /// Rows of one day in a Parquet file.
    public record DayFile(LocalDate day, Path file, long rows) {}

    public ExportedTable(Destination destination, Dataset dataset, Keep keep) {
        this.destination = destination;
        this.dataset = dataset;
        this.keep = keep;
        this.schema = IcebergSchema.schema(dataset.columns());
    }

    /// The batch has been appended before.
    private static final class Appended extends RuntimeException {

        private static final long serialVersionUID = 1L;
    }

    /// The field ids that files have to have, as the engine's `FIELD_IDS` takes them, by column. Makes the table if
    /// there
    /// is none.
    ///
    /// @param prefix where tables are
    public Map<String, String> fieldIds(ObjectKey prefix) throws StoreException {
        return reached(prefix, () -> {
            Schema stands = prepared(opened(prefix, _ -> {})).schema();
            Map<String, String> ids = new LinkedHashMap<>();
            dataset.columns().forEach(column -> ids.put(column.name(), IcebergSchema.fieldIds(stands, column)));
            return ids;
        });
    }

    /// Appends a batch, if that was not done before.
    ///
    /// @return whether it was appended now
    /// @throws StoreException if it could not; it may have been all the same, which the next try finds
    public boolean append(ObjectKey prefix, Batch batch, List<DayFile> files) throws StoreException {
        return reached(prefix, () -> {
            try {
                TableCommits commits = opened(prefix, metadata -> {
                    if (batch.name().equals(metadata.properties().get(LAST_BATCH + batch.writer()))) {
                        throw new Appended();
                    }
                });
                append(commits, batch, files);
                return true;
            } catch (Appended _) {
                return false;
            }
        });
    }

    private void append(TableCommits commits, Batch batch, List<DayFile> files) throws IOException {
        BaseTable table = prepared(commits);
        List<DataFile> put = new ArrayList<>();
        for (DayFile file : files) {
            put.add(put(commits, table, batch, file));
        }
        Transaction transaction = table.newTransaction();
        AppendFiles append = transaction.newAppend().set(BATCH, batch.writer() + "/" + batch.name());
        put.forEach(append::appendFile);
        append.commit();
        transaction
                .updateProperties()
                .set(LAST_BATCH + batch.writer(), batch.name())
                .commit();
        transaction.commitTransaction();
    }

    /// A name says what is in the file, so that one that is committed is never replaced by other bytes.
    private DataFile put(TableCommits commits, BaseTable table, Batch batch, DayFile file) throws IOException {
        String name = batch.writer() + "-" + batch.name() + "-" + digest(file.file()) + ".parquet";
        ObjectKey key = commits.folder().child("data/day=" + file.day() + "/" + name);
        destination.put(key, Content.of(file.file()));
        PartitionData partition = new PartitionData(table.spec().partitionType());
        partition.set(0, (int) file.day().toEpochDay());
        return DataFiles.builder(table.spec())
                .withPath(destination.location(key))
                .withFormat(FileFormat.PARQUET)
                .withPartition(partition)
                .withFileSizeInBytes(Files.size(file.file()))
                .withRecordCount(file.rows())
                .build();
    }

    private static String digest(Path file) throws IOException {
        try (DigestInputStream in =
                new DigestInputStream(Files.newInputStream(file), MessageDigest.getInstance("SHA-256"))) {
            in.transferTo(OutputStream.nullOutputStream());
            return HexFormat.of().formatHex(in.getMessageDigest().digest(), 0, DIGEST_BYTES);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    /// Expires snapshots that are older than they are to be kept, and deletes what only they named.
    ///
    /// @return how many
    public int expire(ObjectKey prefix, Instant now) throws StoreException {
        return reached(prefix, () -> {
            TableCommits commits = opened(prefix, _ -> {});
            TableMetadata before = commits.current();
            if (before == null) {
                return 0;
            }
            BaseTable table = new BaseTable(commits, dataset.name());
            table.expireSnapshots()
                    .expireOlderThan(now.minus(keep.age()).toEpochMilli())
                    .retainLast(Math.max(1, keep.snapshots()))
                    .commit();
            commits.forgetVersions();
            return before.snapshots().size()
                    - table.operations().current().snapshots().size();
        });
    }

    private TableCommits opened(ObjectKey prefix, Consumer<TableMetadata> read) throws StoreException {
        TableCommits plain = new TableCommits(destination, prefix.child(dataset.name()), read);
        if (isOurs(plain)) {
            return plain;
        }
        TableCommits beside = new TableCommits(destination, prefix.child(dataset.name() + BESIDE), read);
        if (isOurs(beside)) {
            return beside;
        }
        throw new StoreException(
                Kind.TABLE_UNREADABLE,
                plain.location() + " and " + beside.location() + " have other columns or partitions than "
                        + dataset.name() + "; set another prefix");
    }

    /// Whether the place is free, or has a table that takes our rows.
    private boolean isOurs(TableCommits commits) throws StoreException {
        TableMetadata known = commits.current();
        return known == null ? !commits.isSomebodyElses() : fits(known);
    }

    private boolean fits(TableMetadata known) {
        Schema theirs = known.schema();
        return schema.columns().stream().allMatch(ours -> takes(theirs.findField(ours.name()), ours))
                && theirs.columns().stream()
                        .allMatch(field -> field.isOptional() || schema.findField(field.name()) != null)
                && theirs.findField(dataset.primaryTime()) != null
                && known.spec().compatibleWith(IcebergSchema.partitions(dataset, theirs));
    }

    /// Whether a field takes our values; one that is missing is added. The elements of lists have ids, which differ.
    private static boolean takes(Types.@Nullable NestedField theirs, Types.NestedField ours) {
        return theirs == null || (plain(theirs).equals(plain(ours)) && (theirs.isOptional() || ours.isRequired()));
    }

    private static String plain(Types.NestedField field) {
        return field.type().toString().replaceAll("\\d+: ", "");
    }

    /// The table, made if there is none, with all columns.
    private BaseTable prepared(TableCommits commits) {
        if (commits.current() == null) {
            create(commits);
        }
        BaseTable table = new BaseTable(commits, dataset.name());
        List<Types.NestedField> missing = schema.columns().stream()
                .filter(field -> table.schema().findField(field.name()) == null)
                .toList();
        if (!missing.isEmpty()) {
            UpdateSchema update = table.updateSchema();
            missing.forEach(field -> update.addColumn(field.name(), field.type()));
            update.commit();
        }
        return table;
    }

    private void create(TableCommits commits) {
        TableMetadata first = TableMetadata.newTableMetadata(
                schema, IcebergSchema.partitions(dataset, schema), commits.location(), properties());
        try {
            commits.commit(null, first);
        } catch (CommitFailedException e) {
            // Somebody else was quicker.
            commits.refresh();
        }
    }

    private Map<String, String> properties() {
        return Map.of(
                TableProperties.FORMAT_VERSION, "2",
                TableProperties.METADATA_PREVIOUS_VERSIONS_MAX, "20",
                TableProperties.MANIFEST_MIN_MERGE_COUNT, "16",
                TableProperties.COMMIT_NUM_RETRIES, "8",
                TableProperties.DEFAULT_NAME_MAPPING, NameMappingParser.toJson(MappingUtil.create(schema)));
    }

    private interface Work<T> {

        T done() throws IOException;
    }

    /// What Iceberg throws, as what it means.
    private <T> T reached(ObjectKey prefix, Work<T> work) throws StoreException {
        String what = "the table " + destination.location(prefix.child(dataset.name()));
        try {
            return work.done();
        } catch (CommitFailedException e) {
            throw new StoreException(Kind.TABLE_COMMIT_FAILED, what + " was changed by others each time", e);
        } catch (IOException | RuntimeException e) {
            for (Throwable cause = e; cause != null; cause = cause.getCause()) {
                if (cause instanceof StoreException known) {
                    throw known;
                }
            }
            throw new StoreException(Kind.TABLE_UNREADABLE, what + " cannot be used: " + e.getMessage(), e);
        }
    }
}
