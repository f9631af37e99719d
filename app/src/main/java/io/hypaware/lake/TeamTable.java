package io.hypaware.lake;

import io.hypaware.dataset.Column;
import io.hypaware.dataset.ColumnType;
import io.hypaware.dataset.Dataset;
import io.hypaware.lake.RowCondition.Comparison;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;
import org.apache.iceberg.AppendFiles;
import org.apache.iceberg.BaseTable;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.Snapshot;
import org.apache.iceberg.Table;
import org.apache.iceberg.TableMetadata;
import org.apache.iceberg.TableOperations;
import org.apache.iceberg.TableProperties;
import org.apache.iceberg.Transaction;
import org.apache.iceberg.io.FileIO;
import org.apache.iceberg.types.Conversions;
import org.apache.iceberg.types.Types;

/// One table of a team's lake. Each machine's batches have numbers, and the last one that is in the table stands in a
/// property of the machine's own, committed with its rows.
public final class TeamTable {

    /// Behind it stands the machine's id.
    public static final String PROPERTY = "hypaware.machine.";

    /// In a snapshot's summary: whose rows it brought.
    private static final String SUMMARY = "hypaware.machine";

    /// What changes the same files collides, what adds others does not.
    private static final String ISOLATION = "snapshot";

    /// About two minutes of pauses.
    private static final int MOST_ATTEMPTS = 40;

    private final LakeTable target;
    private final BackOff backOff;

    TeamTable(LakeTable target, BackOff backOff) {
        this.target = target;
        this.backOff = backOff;
    }

    /// How far a machine has come in a table.
    ///
    /// @param batch the number of the last one
    /// @param token of the attempt that brought it
    public record Position(long batch, String token) {

        private String text() {
            return batch + " " + token;
        }

        private static Optional<Position> parse(String text) {
            String[] parts = text.split(" ", -1);
            return parts.length == 2 && parts[0].matches("[0-9]{1,18}")
                    ? Optional.of(new Position(Long.parseLong(parts[0]), parts[1]))
                    : Optional.empty();
        }
    }

    /// A batch of a machine that is to be committed once.
    ///
    /// @param position that the machine has come to with it
    /// @param tokens of all attempts at it, which were written down before they were made
    public record Batch(String machine, Position position, Collection<String> tokens) {

        public Batch {
            tokens = List.copyOf(tokens);
        }
    }

    /// A file of rows that is where the table's files are.
    ///
    /// @param at when it was put there
    public record Uploaded(WrittenFile file, String location, Instant at) {}

    /// What nothing names is taken for garbage by the maintenance of the warehouse, days after it was put there. A
    /// machine may sleep before it commits.
    private static final Duration LONGEST_UNNAMED = Duration.ofDays(1);

    /// Where files of rows are written to, so that they fit this table.
    public LakeTable target() {
        return target;
    }

    void addMissingColumns() {
        target.addMissingColumns();
    }

    /// How far a machine has come.
    ///
    /// @throws LakeException if what stands there is none of ours
    public Optional<Position> position(String machine) {
        return target.property(PROPERTY + machine)
                .map(text -> Position.parse(text)
                        .orElseThrow(() -> new LakeException("the team's table "
                                + name() + " says \"" + PROPERTY + machine
                                + "\" in a way that this version does not know; nothing was sent")));
    }

    /// Which attempt at a batch is in the table, if one is.
    ///
    /// @throws LakeException if somebody else went on under this machine's name
    public Optional<String> token(Batch batch) {
        Optional<Position> known = position(batch.machine());
        if (known.isEmpty() || known.get().batch() < batch.position().batch()) {
            return Optional.empty();
        }
        boolean isOurs = known.get().batch() == batch.position().batch()
                && batch.tokens().contains(known.get().token());
        if (!isOurs) {
            throw new LakeException("the team's table " + name() + " has batches of this machine that this home did not"
                    + " send: the home was copied, or put back from a backup. Nothing was sent. Of two copies one alone may"
                    + " name this lake in its config");
        }
        return known.map(Position::token);
    }

    /// Copies a file to where the table's files are, under a name that nothing had before.
    public Uploaded upload(WrittenFile file, String name) {
        Table table = target.table();
        String location = table.locationProvider().newDataLocation(name);
        try {
            ((AppendOnlyFiles) table.io()).put(file.path(), location);
        } catch (IOException | UncheckedIOException e) {
            throw new LakeException("the team's file " + location + " cannot be written: " + Failures.told(e), e);
        }
        return new Uploaded(file, location, Instant.now());
    }

    /// Up to where who brings rows must have read which payloads are forgotten.
    public Optional<Fence> fence() {
        return Optional.ofNullable(target.table().properties().get(Fence.PROPERTY))
                .map(Fence::parse);
    }

    /// Lets rows in only from whoever has read that far. Rows that are on their way collide with it.
    void raise(Fence fence) throws InterruptedException {
        TableOperations operations = ((BaseTable) target.table()).operations();
        // Whatever the catalog says of an attempt that fails, the next one looks whether it stands.
        backOff.until(MOST_ATTEMPTS, "the team's table " + name() + " took no fence", () -> {
            TableMetadata base = operations.refresh();
            boolean isMissing = fence().filter(known -> known.covers(fence)).isEmpty();
            if (isMissing) {
                operations.commit(base, EmptySnapshot.with(operations, base, Map.of(Fence.PROPERTY, fence.text())));
            }
            return isMissing;
        });
    }

    /// Commits a batch's files and the machine's position in one step, unless that was done already. Where others
    /// commit at the same time, and where the catalog does not say whether it has, it looks again.
    ///
    /// @param read up to where is known which payloads are forgotten
    /// @return the token of the attempt that the table has
    /// @throws FenceException if more were forgotten
    public String append(Batch batch, List<Uploaded> files, Optional<Fence> read) throws InterruptedException {
        return append(batch, files, read, () -> true);
    }

    /// The same for rows that may be withdrawn until they are committed.
    ///
    /// @param mayStill whether they may still leave; asked before each attempt
    /// @throws WithdrawnException if they may not
    public String append(Batch batch, List<Uploaded> files, Optional<Fence> read, BooleanSupplier mayStill)
            throws InterruptedException {
        Table table = target.table();
        RuntimeException last = new IllegalStateException("no attempt was made");
        for (int attempt = 1; attempt <= MOST_ATTEMPTS; attempt++) {
            try {
                table.refresh();
                Optional<String> token = token(batch);
                if (token.isPresent()) {
                    return token.get();
                }
                requireYoung(files);
                if (!Fence.isPassed(read, fence())) {
                    throw new FenceException(name());
                }
                if (!mayStill.getAsBoolean()) {
                    throw new WithdrawnException(name());
                }
                commit(batch, files, () -> Fence.isPassed(read, fence()) && mayStill.getAsBoolean());
                return batch.position().token();
            } catch (LakeException | FenceException | WithdrawnException e) {
                throw e;
            } catch (RuntimeException e) {
                last = e;
                if (Failures.isTerminal(e)) {
                    throw new LakeException(
                            "the team's table " + name() + " cannot be written to: " + Failures.told(e), e);
                }
            }
            backOff.pause(attempt);
        }
        throw new LakeException(
                "the team's table " + name() + " took no commit in " + MOST_ATTEMPTS + " attempts: "
                        + Failures.told(last),
                last);
    }

    private void requireYoung(List<Uploaded> files) {
        Instant oldest = Instant.now().minus(LONGEST_UNNAMED);
        if (files.stream().anyMatch(file -> file.at().isBefore(oldest))) {
            throw new LakeException("files for the team's table " + name()
                    + " waited too long to be committed, and may be gone; the next run brings them again");
        }
    }

    /// @param mayCome whether the rows may come into the table as it is then
    private void commit(Batch batch, List<Uploaded> files, BooleanSupplier mayCome) {
        Table table = target.table();
        Snapshot before = table.currentSnapshot();
        Transaction transaction = table.newTransaction();
        AppendFiles append = transaction
                .newAppend()
                .set(SUMMARY, batch.machine())
                // Asked again whenever the commit is put upon another one's, whose properties the table then has.
                .validateWith(ancestors -> isUntouched(batch.machine(), before, ancestors) && mayCome.getAsBoolean());
        for (Uploaded file : files) {
            append.appendFile(data(file));
        }
        append.commit();
        transaction
                .updateProperties()
                .set(PROPERTY + batch.machine(), batch.position().text())
                .commit();
        transaction.commitTransaction();
    }

    /// Iceberg puts a commit that collided upon what the other one made. That must not be of the same machine: its
    /// position is then another than the one that was looked at.
    private static boolean isUntouched(
            String machine, @org.jspecify.annotations.Nullable Snapshot before, Iterable<Snapshot> ancestors) {
        for (Snapshot snapshot : ancestors) {
            if (before != null && snapshot.snapshotId() == before.snapshotId()) {
                return true;
            }
            if (machine.equals(snapshot.summary().get(SUMMARY))) {
                return false;
            }
        }
        return before == null;
    }

    private DataFile data(Uploaded file) {
        return file.file().toDataFile(target.dataset(), target.table(), file.location());
    }

    /// Names of files and positions.
    String name() {
        return target.table().name();
    }

    public Dataset dataset() {
        return target.dataset();
    }

    /// The columns that may name payloads, as the table calls them.
    public List<String> referringColumns() {
        return target.dataset().columns().stream()
                .filter(column -> column.payload() || column.type() == ColumnType.JSON)
                .flatMap(column -> IcebergSchema.field(target.table().schema(), column.name()).stream())
                .map(Types.NestedField::name)
                .toList();
    }

    /// Whose rows have come here.
    public Set<String> machines() {
        return target.properties(PROPERTY).keySet().stream()
                .map(key -> key.substring(PROPERTY.length()))
                .collect(Collectors.toSet());
    }

    /// Up to which commit it goes.
    public long lastSequence() {
        return target.lastSequence();
    }

    /// Lets rows come while an engine deletes others: of those that it deletes it knows in which files they are.
    public void letRowsComeDuringDeletes() {
        if (target.property(TableProperties.DELETE_ISOLATION_LEVEL)
                .filter(ISOLATION::equals)
                .isEmpty()) {
            target.updateProperties(Map.of(TableProperties.DELETE_ISOLATION_LEVEL, ISOLATION), List.of());
        }
    }

    /// How many lists of files a reader goes through.
    public int manifests() {
        Table table = target.table();
        Snapshot current = table.currentSnapshot();
        return current == null ? 0 : current.allManifests(table.io()).size();
    }

    /// The live files that may hold rows of which all conditions of one of the lists are true: by their day, and by
    /// what the metadata says of their columns. No file is opened for that.
    public List<LiveFile> live(Collection<List<RowCondition>> wanted) {
        List<String> told = machine().map(Types.NestedField::name).stream().toList();
        return target.files(RowCondition.any(target.table().schema(), wanted), told);
    }

    private Optional<Types.NestedField> machine() {
        return IcebergSchema.field(target.table().schema(), TeamLake.MACHINE);
    }

    /// What is true of the machine of each row of a live file; nothing if its metadata does not say.
    public List<RowCondition> machinesOf(LiveFile live) {
        return machine()
                .flatMap(field -> machines(live.file(), field.fieldId()))
                .orElse(List.of());
    }

    private static Optional<List<RowCondition>> machines(DataFile file, int field) {
        if (file.lowerBounds() == null || file.upperBounds() == null) {
            return Optional.empty();
        }
        ByteBuffer least = file.lowerBounds().get(field);
        ByteBuffer most = file.upperBounds().get(field);
        if (least == null || most == null) {
            return Optional.empty();
        }
        return Optional.of(List.of(machine(Comparison.AT_LEAST, least), machine(Comparison.AT_MOST, most)));
    }

    private static RowCondition machine(Comparison comparison, ByteBuffer bound) {
        CharSequence text = Conversions.fromByteBuffer(Types.StringType.get(), bound);
        return new RowCondition(TeamLake.MACHINE, comparison, List.of(text.toString()));
    }

    /// Reads a file of the table in a bucket, once from its beginning to its end. Several threads may ask.
    ///
    /// @throws org.apache.iceberg.exceptions.NotFoundException if it is not there; it may have been rewritten
    public InputStream open(String location) throws IOException {
        return ((AppendOnlyFiles) target.table().io()).open(location);
    }

    /// What the table calls a column of the dataset; empty if it is older than the column.
    public Optional<String> nameOf(Column column) {
        return IcebergSchema.field(target.table().schema(), column.name()).map(Types.NestedField::name);
    }

    /// Whether the table has rows.
    public boolean hasRows() {
        return target.table().currentSnapshot() != null;
    }

    /// Reads the table's files.
    public FileIO io() {
        return target.table().io();
    }

    /// Locations of the live files.
    public List<String> files() {
        List<String> locations = new ArrayList<>();
        target.files().forEach(file -> locations.add(file.file().location()));
        return locations;
    }
}
