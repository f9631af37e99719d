package io.hypaware.legacy;

import io.hypaware.dataset.Column;
import io.hypaware.dataset.Dataset;
import io.hypaware.engine.Engine;
import io.hypaware.home.Cache;
import io.hypaware.home.Progress;
import io.hypaware.journal.Journal;
import io.hypaware.lake.Generation;
import io.hypaware.lake.Lake;
import io.hypaware.lake.LakeTable;
import io.hypaware.lake.LiveFile;
import io.hypaware.lake.Liveness;
import io.hypaware.lake.ParquetWriter;
import io.hypaware.lake.Scan;
import io.hypaware.lake.WrittenFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/// Moves the live rows of one older partition into the lake, in units bounded by bytes, exactly once.
///
/// Each unit's rows are committed together with how far the adoption is, so that whatever it dies at, it goes
/// on there. Rows are told apart by their older row id as well, should the older program have gone on in
/// between. When all rows are there and their number is right, the older generation is marked as retired; it
/// stays for a day.
public final class Adoption {

    /// What was adopted of a partition in one run.
    ///
    /// @param files data files and spool files that were read
    /// @param bytes their size
    /// @param filesAfter files of the lake that came of them
    /// @param notes what the user should know, such as a torn line
    public record Result(
            OlderPartition partition,
            long rows,
            long duplicates,
            long files,
            long bytes,
            long filesAfter,
            long bytesAfter,
            List<String> notes) {}

    /// How long an adoption can be undone.
    public static final Duration RESTORE_FOR = Liveness.RETIRED_GRACE;

    /// Most bytes of data files in one unit. They are streamed; what is held of them is ids, payloads and a sort.
    private static final long UNIT_BYTES = 768L * 1024 * 1024;

    private static final int SAMPLED_FILES = 40;

    /// Most bytes of spooled rows in one unit, which are held.
    private static final long SPOOL_UNIT_BYTES = 32L * 1024 * 1024;

    private final Dataset dataset;
    private final OlderPartition partition;
    private final Engine engine;
    private final Lake lake;
    private final UnitWriter units;
    private final Progress progress;
    private final BooleanSupplier goOn;
    private final Clock clock;
    private final Consumer<AdoptionStep> steps;
    private final List<String> notes = new ArrayList<>();

    private LakeTable table;
    private AdoptionRecord record;
    private long adoptedRows;
    private long adoptedDuplicates;
    private long filesRead;
    private long bytesRead;
    private long filesWritten;
    private long bytesWritten;

    private Adoption(
            OlderPartition partition,
            Dataset dataset,
            Engine engine,
            Journal journal,
            Lake lake,
            long rowGroupBytes,
            Clock clock,
            Progress progress,
            BooleanSupplier goOn,
            Consumer<AdoptionStep> steps) {
        this.goOn = goOn;
        this.dataset = dataset;
        this.partition = partition;
        this.engine = engine;
        this.lake = lake;
        this.progress = progress;
        this.clock = clock;
        this.steps = steps;
        this.table = lake.tableOrCreate(dataset);
        this.record = AdoptionRecord.of(table, partition)
                .orElseGet(() -> new AdoptionRecord(
                        AdoptionRecord.nextNumber(table), AdoptionRecord.ADOPTING, "", 0, 0, 0, "", now()));
        this.units = new UnitWriter(
                engine, dataset, partition, record.number(), journal, rowGroupBytes, clock, progress, steps);
    }

    /// Whether there is anything to adopt: rows that the lake does not have, or a mark that is missing.
    ///
    /// @param force whether a partition that was restored is adopted again
    /// @throws UnreadableCacheException if the partition cannot be read
    public static boolean isDue(OlderPartition partition, Optional<LakeTable> table, boolean force)
            throws UnreadableCacheException, IOException {
        Optional<AdoptionRecord> record = table.flatMap(t -> AdoptionRecord.of(t, partition));
        if (record.isPresent() && record.get().state().equals(AdoptionRecord.RESTORED)) {
            return force;
        }
        Optional<Path> live = partition.live();
        String source = live.isPresent() ? OlderTable.load(live.get()).state() : "";
        String spool = spoolState(partition);
        if (source.isEmpty() && spool.isEmpty()) {
            return false;
        }
        return record.isEmpty()
                || !record.get().state().equals(AdoptionRecord.DONE)
                || !record.get().source().equals(source)
                || !record.get().spool().equals(spool)
                || !isMarked(partition, live);
    }

    /// Adopts what is missing of a partition.
    ///
    /// @param memoryBytes the engine's limit
    /// @param rowGroupBytes most bytes of a row group that is written
    /// @param goOn asked between two units; what is left is done by the next run
    /// @throws UnreadableCacheException if part of it cannot be read; what was committed stays, the rest is left
    /// alone
    public static Result run(
            OlderPartition partition,
            Dataset dataset,
            Cache cache,
            Lake lake,
            long memoryBytes,
            long rowGroupBytes,
            Clock clock,
            Progress progress,
            BooleanSupplier goOn,
            Consumer<AdoptionStep> steps)
            throws UnreadableCacheException, IOException, SQLException {
        Path spill = cache.spill();
        try (Journal journal = Journal.open(cache.journal());
                Engine engine = Engine.forMaintenance(memoryBytes, spill)) {
            return new Adoption(partition, dataset, engine, journal, lake, rowGroupBytes, clock, progress, goOn, steps)
                    .run();
        }
    }

    private Result run() throws UnreadableCacheException, IOException, SQLException {
        Optional<Path> live = partition.live();
        Optional<OlderTable> older = live.isPresent() ? Optional.of(OlderTable.load(live.get())) : Optional.empty();
        String source = older.map(OlderTable::state).orElse("");
        if (record.state().equals(AdoptionRecord.RESTORED)) {
            record = new AdoptionRecord(record.number(), AdoptionRecord.ADOPTING, "", 0, 0, 0, "", now());
        }
        boolean sameSource = record.source().equals(source);
        units.learn(table);
        if (older.isPresent() && !(sameSource && record.state().equals(AdoptionRecord.DONE))) {
            int done = sameSource ? record.files() : 0;
            record = new AdoptionRecord(
                    record.number(),
                    AdoptionRecord.ADOPTING,
                    source,
                    done,
                    record.rows(),
                    record.duplicates(),
                    record.spool(),
                    now());
            if (!adoptTable(older.get(), done)) {
                return result();
            }
        }
        adoptSpool();
        if (!record.state().equals(AdoptionRecord.DONE)) {
            record = record.with(AdoptionRecord.DONE, now());
            table.append(List.of(), AdoptionRecord.key(partition), record.toJson());
            steps.accept(AdoptionStep.DONE_COMMITTED);
        }
        if (filesRead > 0 || !isMarked(partition, live)) {
            // Its day begins anew when the older program has gone on and more was adopted.
            markedFolder(partition, live).ifPresent(folder -> new Generation(folder).retire(clock.instant()));
            steps.accept(AdoptionStep.RETIRED);
        }
        return result();
    }

    private Result result() {
        return new Result(
                partition,
                adoptedRows,
                adoptedDuplicates,
                filesRead,
                bytesRead,
                filesWritten,
                bytesWritten,
                List.copyOf(notes));
    }

    /// @return whether all of it is done
    private boolean adoptTable(OlderTable older, int done) throws UnreadableCacheException, SQLException {
        List<LiveFile> files = older.files();
        checkSizes(files);
        List<LiveFile> left = files.subList(Math.min(done, files.size()), files.size());
        progress.begin(
                "adopting " + partition.id(),
                left.size(),
                left.stream().mapToLong(LiveFile::bytes).sum());
        int at = Math.min(done, files.size());
        while (at < files.size()) {
            int end = at;
            long bytes = 0;
            while (end < files.size() && (end == at || bytes + files.get(end).bytes() <= UNIT_BYTES)) {
                bytes += files.get(end).bytes();
                end++;
            }
            adoptFiles(files.subList(at, end), end, older);
            filesRead += end - at;
            bytesRead += bytes;
            progress.advance(end - at, bytes - units.announced(bytes));
            at = end;
            if (at < files.size() && !goOn.getAsBoolean()) {
                progress.end();
                notes.add("%,d of %,d files so far; the next tick goes on there".formatted(at, files.size()));
                return false;
            }
        }
        progress.end();
        return true;
    }

    /// A file that is shorter than the manifest says is torn, and found before any row of the table is moved.
    private void checkSizes(List<LiveFile> files) throws UnreadableCacheException {
        List<String> wrong = new ArrayList<>();
        for (LiveFile file : files) {
            try {
                long size = Files.size(file.path());
                if (size != file.bytes()) {
                    wrong.add(file.path() + " has " + size + " bytes instead of " + file.bytes());
                }
            } catch (IOException e) {
                wrong.add(file.path() + " is missing or cannot be read");
            }
        }
        if (!wrong.isEmpty()) {
            throw new UnreadableCacheException(partition.id() + " was left alone: "
                    + wrong.stream().limit(5).collect(Collectors.joining("; "))
                    + (wrong.size() > 5 ? "; and " + (wrong.size() - 5) + " more" : ""));
        }
    }

    private void adoptFiles(List<LiveFile> files, int filesDone, OlderTable older)
            throws SQLException, UnreadableCacheException {
        try {
            Scan scan = new Scan(engine, "older", files, older.io());
            long expected = files.stream().mapToLong(LiveFile::rows).sum() - scan.deletedRows();
            UnitSource source = UnitSource.of(engine, dataset, scan, files, older.hasOneSchema());
            engine.expect(heaviestRow(files));
            commit(units.write(table, source, expected), filesDone, record.spool());
        } catch (SQLException e) {
            throw blame(files, older, e);
        }
    }

    /// From some of the files, because there may be thousands; payloads, which are read by themselves, left out.
    private long heaviestRow(List<LiveFile> files) throws SQLException {
        List<Path> some = IntStream.range(0, files.size())
                .filter(i -> i % Math.max(1, files.size() / SAMPLED_FILES) == 0)
                .mapToObj(i -> files.get(i).path())
                .toList();
        return ParquetWriter.heaviestRow(
                engine,
                some,
                dataset.columns().stream()
                        .filter(Column::payload)
                        .map(Column::name)
                        .toList());
    }

    /// Reads the files of a batch that failed one by one, to name the one that it was.
    private UnreadableCacheException blame(List<LiveFile> files, OlderTable older, SQLException failure)
            throws SQLException {
        for (LiveFile file : files) {
            try {
                Scan scan = new Scan(engine, "blamed", List.of(file), older.io());
                // A plain query would not say what it failed at.
                engine.execute(
                        "EXPLAIN ANALYZE SELECT sum(hash(COLUMNS(*)) % 7) FROM " + scan.from(List.of(file.path())));
            } catch (SQLException e) {
                if (Engine.isOutOfMemory(e)) {
                    throw e;
                }
                return new UnreadableCacheException(
                        file.path() + " cannot be read (" + firstLine(e) + "); " + partition.id()
                                + " was left as it is",
                        e);
            }
        }
        throw failure;
    }

    private void commit(UnitWriter.Written unit, int filesDone, String spoolDone) {
        record = new AdoptionRecord(
                record.number(),
                AdoptionRecord.ADOPTING,
                record.source(),
                filesDone,
                record.rows() + unit.rows(),
                record.duplicates() + unit.duplicates(),
                spoolDone,
                now());
        table.append(unit.files(), AdoptionRecord.key(partition), record.toJson());
        steps.accept(AdoptionStep.UNIT_COMMITTED);
        table = lake.table(dataset).orElseThrow();
        adoptedRows += unit.rows();
        filesWritten += unit.files().size();
        bytesWritten += unit.files().stream().mapToLong(WrittenFile::bytes).sum();
        adoptedDuplicates += unit.duplicates();
    }

    private void adoptSpool() throws IOException, SQLException {
        Optional<Path> folder = partition.spool();
        String state = spoolState(partition);
        if (folder.isEmpty() || record.spool().equals(state)) {
            return;
        }
        List<Path> files = Spool.of(folder.get()).files();
        progress.begin("adopting the spool of " + partition.id(), files.size(), 0);
        for (Path file : files) {
            SpoolTable rows = new SpoolTable(engine, dataset, partition.id() + "#" + file.getFileName());
            Spool.read(
                    file,
                    row -> {
                        if (rows.bytes() >= SPOOL_UNIT_BYTES) {
                            adoptSpooled(rows);
                        }
                        rows.add(row);
                    },
                    notes::add);
            adoptSpooled(rows);
            filesRead++;
            bytesRead += Files.size(file);
            progress.advance(1, Files.size(file));
        }
        commit(new UnitWriter.Written(List.of(), 0, 0), record.files(), state);
        progress.end();
    }

    private void adoptSpooled(SpoolTable rows) {
        try {
            Optional<String> from = rows.finish();
            if (from.isPresent()) {
                long expected = Long.parseLong(
                        engine.strings("SELECT count(*) FROM " + from.get()).getFirst());
                UnitSource source = UnitSource.of(engine, dataset, from.get());
                commit(units.write(table, source, expected), record.files(), record.spool());
            }
        } catch (SQLException e) {
            throw new IllegalStateException("rows of the spool of " + partition.id() + " cannot be taken", e);
        }
    }

    private static String spoolState(OlderPartition partition) throws IOException {
        Optional<Path> folder = partition.spool();
        return folder.isPresent() ? Spool.of(folder.get()).state() : "";
    }

    /// What carries the mark of an adopted partition: its live generation, or the spool if there is none.
    private static Optional<Path> markedFolder(OlderPartition partition, Optional<Path> live) {
        return live.or(partition::spool);
    }

    /// The folder in which the mark of an adopted partition stands.
    ///
    /// @throws UnreadableCacheException if it cannot be told which copy lives
    public static Optional<Path> markedFolder(OlderPartition partition) throws UnreadableCacheException, IOException {
        return markedFolder(partition, partition.live());
    }

    private static boolean isMarked(OlderPartition partition, Optional<Path> live) {
        return markedFolder(partition, live)
                .map(folder -> Files.exists(folder.resolve(Generation.RETIRED_MARKER)))
                .orElse(true);
    }

    private String now() {
        return clock.instant().toString();
    }

    private static String firstLine(SQLException e) {
        return String.valueOf(e.getMessage()).lines().findFirst().orElse("");
    }
}
