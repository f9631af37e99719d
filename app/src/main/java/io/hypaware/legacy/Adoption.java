package io.hypaware.legacy;

import io.hypaware.dataset.Column;
import io.hypaware.dataset.Dataset;
import io.hypaware.engine.Engine;
import io.hypaware.home.Progress;
import io.hypaware.journal.Journal;
import io.hypaware.lake.Generation;
import io.hypaware.lake.Lake;
import io.hypaware.lake.LakeTable;
import io.hypaware.lake.LiveFile;
import io.hypaware.lake.Liveness;
import io.hypaware.lake.ParquetWriter;
import io.hypaware.lake.Rewrite;
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
    private static final long UNIT_BYTES = 1024L * 1024 * 1024;

    private static final int SAMPLED_FILES = 40;

    /// Most bytes of spooled rows in one unit, which are held.
    private static final long SPOOL_UNIT_BYTES = 32L * 1024 * 1024;

    /// How an adoption is to be done.
    ///
    /// @param goOn asked between two units; what is left is done by the next run
    /// @param steps told of each step that is done
    public record Terms(
            Rewrite.Limits limits,
            Clock clock,
            Progress progress,
            BooleanSupplier goOn,
            Consumer<AdoptionStep> steps) {}

    private final OlderState state;
    private final OlderPartition partition;
    private final Dataset dataset;
    private final Engine engine;
    private final Lake lake;
    private final UnitWriter units;
    private final Terms terms;
    private final Progress progress;
    private final List<String> notes = new ArrayList<>();

    private LakeTable table;
    private AdoptionRecord record;
    private long adoptedRows;
    private long adoptedDuplicates;
    private long filesRead;
    private long bytesRead;
    private long filesWritten;
    private long bytesWritten;

    private Adoption(OlderState state, Dataset dataset, Lake lake, Engine engine, Terms terms) {
        this.state = state;
        this.partition = state.partition();
        this.dataset = dataset;
        this.lake = lake;
        this.engine = engine;
        this.terms = terms;
        this.progress = terms.progress();
        this.table = lake.tableOrCreate(dataset);
        this.record = AdoptionRecord.of(table, partition)
                .map(known -> isFinished(known) ? known.under(AdoptionRecord.nextNumber(table)) : known)
                .orElseGet(() -> new AdoptionRecord(
                        AdoptionRecord.nextNumber(table), AdoptionRecord.ADOPTING, "", 0, 0, 0, "", now(), List.of()));
        this.units = new UnitWriter(engine, dataset, partition.id(), record.number(), terms);
    }

    /// Adopts what is missing of a partition.
    ///
    /// @param journal where payloads are kept
    /// @throws UnreadableCacheException if part of it cannot be read; what was committed stays, the rest is left
    /// alone
    public static Result run(OlderState state, Dataset dataset, Lake lake, Journal journal, Terms terms)
            throws UnreadableCacheException, IOException, SQLException {
        try (Engine engine = Engine.forMaintenance(
                terms.limits().memoryBytes(), terms.limits().spill())) {
            return new Adoption(state, dataset, lake, engine, terms).run(journal);
        }
    }

    /// Whether what is adopted now gets a number of its own: the partition was given back, or all of it was adopted and
    /// the older program has gone on since.
    private boolean isFinished(AdoptionRecord known) {
        boolean isSame = state.table()
                        .map(OlderTable::state)
                        .filter(source -> !source.equals(known.source()))
                        .isEmpty()
                && (partition.spool().isEmpty() || known.spool().equals(state.spool()));
        return known.state().equals(AdoptionRecord.RESTORED) || (known.state().equals(AdoptionRecord.DONE) && !isSame);
    }

    private Result run(Journal journal) throws UnreadableCacheException, IOException, SQLException {
        Optional<OlderTable> older = state.table();
        String source = older.map(OlderTable::state).orElse("");
        boolean sameSource = record.source().equals(source);
        units.begin(table, journal);
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
                    now(),
                    record.earlier());
            if (!adoptTable(older.get(), done)) {
                return result();
            }
        }
        adoptSpool();
        if (!record.state().equals(AdoptionRecord.DONE)) {
            record = record.with(AdoptionRecord.DONE, now());
            table.append(List.of(), AdoptionRecord.key(partition), record.toJson());
            terms.steps().accept(AdoptionStep.DONE_COMMITTED);
        }
        if (filesRead > 0 || !state.isMarked()) {
            // Its day begins anew when the older program has gone on and more was adopted.
            state.markedFolder()
                    .ifPresent(folder ->
                            new Generation(folder).retire(terms.clock().instant()));
            terms.steps().accept(AdoptionStep.RETIRED);
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
            if (at < files.size() && !terms.goOn().getAsBoolean()) {
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
                now(),
                record.earlier());
        table.append(unit.files(), AdoptionRecord.key(partition), record.toJson());
        terms.steps().accept(AdoptionStep.UNIT_COMMITTED);
        table = lake.table(dataset).orElseThrow();
        adoptedRows += unit.rows();
        filesWritten += unit.files().size();
        bytesWritten += unit.files().stream().mapToLong(WrittenFile::bytes).sum();
        adoptedDuplicates += unit.duplicates();
    }

    private void adoptSpool() throws IOException, SQLException {
        Optional<Path> folder = partition.spool();
        if (folder.isEmpty() || record.spool().equals(state.spool())) {
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
        commit(new UnitWriter.Written(List.of(), 0, 0), record.files(), state.spool());
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

    private String now() {
        return terms.clock().instant().toString();
    }

    private static String firstLine(SQLException e) {
        return String.valueOf(e.getMessage()).lines().findFirst().orElse("");
    }
}
