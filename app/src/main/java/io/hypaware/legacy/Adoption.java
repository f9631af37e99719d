package io.hypaware.legacy;

import io.hypaware.dataset.Column;
import io.hypaware.dataset.Dataset;
import io.hypaware.dataset.Datasets;
import io.hypaware.engine.Engine;
import io.hypaware.home.HypHome;
import io.hypaware.home.Progress;
import io.hypaware.journal.Journal;
import io.hypaware.journal.ProjectionTransaction;
import io.hypaware.lake.Generation;
import io.hypaware.lake.Lake;
import io.hypaware.lake.LakeTable;
import io.hypaware.lake.LiveFile;
import io.hypaware.lake.Liveness;
import io.hypaware.lake.LocalFiles;
import io.hypaware.lake.ParquetWriter;
import io.hypaware.lake.Scan;
import io.hypaware.lake.WrittenFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/// Moves the live rows of one older partition into the lake, in units bounded by bytes, exactly once.
///
/// Each unit's rows are committed together with how far the adoption is, so that whatever it dies at, it goes on
/// there.
/// Rows are told apart by their older row id as well, should the older program have gone on in between. When all
/// rows
/// are there and their number is right, the older generation is marked as retired; it stays for a day.
public final class Adoption {

    /// What was adopted of a partition in one run.
    ///
    /// @param files data files and spool files that were read
    /// @param bytes their size
    /// @param notes what the user should know, such as a torn line
    public record Result(
            OlderPartition partition, long rows, long duplicates, long files, long bytes, List<String> notes) {}

    /// How long an adoption can be undone.
    public static final Duration RESTORE_FOR = Liveness.RETIRED_GRACE;

    /// Most bytes of data files in one unit. They are streamed; what is held of them is ids, payloads and a sort.
    private static final long UNIT_BYTES = 768L * 1024 * 1024;

    /// Most bytes of spooled rows in one unit, which are held.
    private static final long SPOOL_UNIT_BYTES = 32L * 1024 * 1024;

    private final Dataset dataset;
    private final OlderPartition partition;
    private final Engine engine;
    private final Journal journal;
    private final Lake lake;
    private final ParquetWriter writer;
    private final Clock clock;
    private final Consumer<AdoptionStep> steps;
    private final List<String> notes = new ArrayList<>();

    private LakeTable table;
    private AdoptionRecord record;
    private long adoptedRows;
    private long adoptedDuplicates;
    private long filesRead;
    private long bytesRead;

    private Adoption(
            OlderPartition partition,
            Dataset dataset,
            Engine engine,
            Journal journal,
            Lake lake,
            long rowGroupBytes,
            Clock clock,
            Consumer<AdoptionStep> steps) {
        this.dataset = dataset;
        this.partition = partition;
        this.engine = engine;
        this.journal = journal;
        this.lake = lake;
        this.writer = new ParquetWriter(engine, rowGroupBytes);
        this.clock = clock;
        this.steps = steps;
        this.table = lake.tableOrCreate(dataset);
        this.record = AdoptionRecord.of(table, partition)
                .orElseGet(() -> new AdoptionRecord(
                        AdoptionRecord.nextNumber(table), AdoptionRecord.ADOPTING, "", 0, 0, 0, "", now()));
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
    /// @throws UnreadableCacheException if part of it cannot be read; what was committed stays and the rest is
    /// left
    /// alone
    public static Result run(
            OlderPartition partition,
            Dataset dataset,
            Path cache,
            Lake lake,
            long memoryBytes,
            long rowGroupBytes,
            Clock clock,
            Progress progress,
            Consumer<AdoptionStep> steps)
            throws UnreadableCacheException, IOException, SQLException {
        Path spill = HypHome.privateFolder(cache.resolve("spill"));
        try (Journal journal = Journal.open(cache.resolve("journal.db"));
                Engine engine = Engine.forMaintenance(memoryBytes, spill)) {
            return new Adoption(partition, dataset, engine, journal, lake, rowGroupBytes, clock, steps).run(progress);
        }
    }

    private Result run(Progress progress) throws UnreadableCacheException, IOException, SQLException {
        Optional<Path> live = partition.live();
        Optional<OlderTable> older = live.isPresent() ? Optional.of(OlderTable.load(live.get())) : Optional.empty();
        String source = older.map(OlderTable::state).orElse("");
        if (record.state().equals(AdoptionRecord.RESTORED)) {
            record = new AdoptionRecord(record.number(), AdoptionRecord.ADOPTING, "", 0, 0, 0, "", now());
        }
        boolean sameSource = record.source().equals(source);
        prepareEngine();
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
            adoptTable(older.get(), done, progress);
        }
        adoptSpool(progress);
        if (!record.state().equals(AdoptionRecord.DONE)) {
            record = record.with(AdoptionRecord.DONE, now());
            table.append(List.of(), AdoptionRecord.key(partition), record.toJson());
            steps.accept(AdoptionStep.DONE_COMMITTED);
        }
        if (!isMarked(partition, live)) {
            markedFolder(partition, live).ifPresent(folder -> new Generation(folder).retire(clock.instant()));
            steps.accept(AdoptionStep.RETIRED);
        }
        return new Result(partition, adoptedRows, adoptedDuplicates, filesRead, bytesRead, List.copyOf(notes));
    }

    /// The keys of rows that are in the lake already, and an empty unit.
    private void prepareEngine() throws SQLException {
        engine.execute("CREATE TABLE known (key UHUGEINT)");
        engine.execute("CREATE TABLE known_payload (hash VARCHAR)");
        if (!table.properties("hyp.adopted.").isEmpty()) {
            List<LiveFile> files = table.files();
            if (!files.isEmpty()) {
                Scan scan = new Scan(engine, "lake", files, new LocalFiles());
                engine.execute("INSERT INTO known SELECT " + key("_row_id") + " FROM "
                        + scan.from(files.stream().map(LiveFile::path).toList()) + " WHERE _seq < 0");
            }
        }
    }

    private void adoptTable(OlderTable older, int done, Progress progress)
            throws UnreadableCacheException, SQLException {
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
            progress.advance(end - at, bytes);
            at = end;
        }
        progress.end();
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
            engine.expect(expected, source.bytes());
            adoptUnit(source, expected, filesDone, record.spool());
        } catch (SQLException e) {
            throw blame(files, older, e);
        }
    }

    /// Reads the files of a batch that failed one by one, to name the one that it was.
    private UnreadableCacheException blame(List<LiveFile> files, OlderTable older, SQLException failure)
            throws SQLException {
        for (LiveFile file : files) {
            try {
                Scan scan = new Scan(engine, "blamed", List.of(file), older.io());
                engine.execute("SELECT sum(hash(COLUMNS(*)) % 7) FROM " + scan.from(List.of(file.path())));
            } catch (SQLException e) {
                return new UnreadableCacheException(
                        file.path() + " cannot be read (" + firstLine(e) + "); " + partition.id()
                                + " was left as it is",
                        e);
            }
        }
        throw failure;
    }

    /// Adopts the rows of a source in one commit. Each of its columns is read once: ids first, then the payloads,
    /// then
    /// everything else, which is written aside and from there, by day and in order, to the lake.
    private void adoptUnit(UnitSource source, long expected, int filesDone, String spoolDone) throws SQLException {
        OlderRows rows = source.rows();
        engine.execute("CREATE OR REPLACE TEMP TABLE ids AS SELECT filename AS f, file_row_number AS r, " + dayOf(rows)
                + " AS d, " + key(rows.id(partition.id())) + " AS key FROM " + source.all());
        long read = number("SELECT count(*) FROM ids");
        if (read != expected) {
            throw new SQLException("%d rows were read where the metadata says %d".formatted(read, expected));
        }
        engine.execute("""
                CREATE OR REPLACE TEMP TABLE duplicate AS SELECT f, r FROM (
                  SELECT f, r, key, row_number() OVER (PARTITION BY key ORDER BY f, r) AS n FROM ids)
                WHERE n > 1 OR key IN (SELECT key FROM known)""");
        engine.execute("INSERT INTO known SELECT DISTINCT key FROM ids WHERE key NOT IN (SELECT key FROM known)");
        long duplicates = number("SELECT count(*) FROM duplicate");
        engine.execute("CREATE OR REPLACE TEMP TABLE file_day AS SELECT DISTINCT f, d FROM ids");
        engine.execute("DROP TABLE ids");
        steps.accept(AdoptionStep.IDS_READ);
        for (Column column : payloads()) {
            keepPayloads(column, source.all(), rows);
        }
        steps.accept(AdoptionStep.PAYLOADS_KEPT);
        List<WrittenFile> files = source.isReadOftenByDay(engine)
                ? writeAside(source, duplicates, read - duplicates)
                : writeByDay(source, duplicates);
        steps.accept(AdoptionStep.FILES_WRITTEN);
        long added = files.stream().mapToLong(f -> f.metrics().recordCount()).sum();
        if (added + duplicates != read) {
            throw new SQLException("%d rows were written of %d, %d duplicates".formatted(added, read, duplicates));
        }
        files.forEach(WrittenFile::sync);
        steps.accept(AdoptionStep.FILES_SYNCED);
        commit(files, added, duplicates, filesDone, spoolDone);
    }

    private void commit(List<WrittenFile> files, long added, long duplicates, int filesDone, String spoolDone) {
        record = new AdoptionRecord(
                record.number(),
                AdoptionRecord.ADOPTING,
                record.source(),
                filesDone,
                record.rows() + added,
                record.duplicates() + duplicates,
                spoolDone,
                now());
        table.append(files, AdoptionRecord.key(partition), record.toJson());
        steps.accept(AdoptionStep.UNIT_COMMITTED);
        table = lake.table(dataset).orElseThrow();
        adoptedRows += added;
        adoptedDuplicates += duplicates;
    }

    private List<Column> payloads() {
        return dataset.columns().stream().filter(Column::payload).toList();
    }

    /// Reads one payload column, value by value with the places where each stands, and stores the large ones that
    /// are
    /// new
    /// before any row refers to them.
    private void keepPayloads(Column column, String from, OlderRows rows) throws SQLException {
        engine.execute("CREATE OR REPLACE TEMP TABLE distinct_value AS SELECT v, CASE WHEN strlen(v) > "
                + Datasets.PAYLOAD_INLINE_BYTES
                + " THEN sha256(v) END AS h, list({'f': f, 'r': r}) AS places FROM (SELECT "
                + rows.value(column) + " AS v, filename AS f, file_row_number AS r FROM " + from
                + ") WHERE v IS NOT NULL GROUP BY v");
        try (Statement statement = engine.connection().createStatement();
                ResultSet values = statement.executeQuery("SELECT v FROM distinct_value WHERE h IS NOT NULL"
                        + " AND h NOT IN (SELECT hash FROM known_payload)");
                ProjectionTransaction transaction = journal.beginProjection()) {
            while (values.next()) {
                transaction.addPayload(values.getString(1), clock.instant());
            }
            transaction.commit();
        }
        engine.execute("INSERT INTO known_payload SELECT DISTINCT h FROM distinct_value WHERE h IS NOT NULL"
                + " AND h NOT IN (SELECT hash FROM known_payload)");
        engine.execute("CREATE OR REPLACE TEMP TABLE " + placesOf(column) + " AS SELECT val, p.f AS f, p.r AS r FROM ("
                + "SELECT coalesce(h, v) AS val, unnest(places) AS p FROM distinct_value)");
        engine.execute("DROP TABLE distinct_value");
    }

    private static String placesOf(Column column) {
        return Engine.identifier("places_" + column.name());
    }

    /// Each day straight from the files that hold rows of it.
    private List<WrittenFile> writeByDay(UnitSource source, long duplicates) throws SQLException {
        List<WrittenFile> files = new ArrayList<>();
        for (String day : engine.strings("SELECT DISTINCT d FROM file_day ORDER BY d")) {
            List<String> holders = engine.strings("SELECT f FROM file_day WHERE d = " + day);
            String of =
                    rowsOf(source, source.some(holders), duplicates) + " WHERE " + dayOf(source.rows()) + " = " + day;
            files.addAll(writer.writeDay(table, "(" + of + ")", Integer.parseInt(day), source.bytes()));
        }
        return files;
    }

    /// Where most files hold rows of many days: everything is read once and written aside, then taken apart.
    private List<WrittenFile> writeAside(UnitSource source, long duplicates, long rows) throws SQLException {
        if (rows == 0) {
            return List.of();
        }
        Path aside = engine.spillFile("adopted.parquet");
        engine.execute("COPY (" + rowsOf(source, source.all(), duplicates) + ") TO " + Engine.literal(aside.toString())
                + " (FORMAT parquet, COMPRESSION snappy, ROW_GROUP_SIZE 10000, ROW_GROUP_SIZE_BYTES 16777216)");
        return writer.write(
                table,
                "read_parquet(" + Engine.literal(aside.toString()) + ")",
                ParquetWriter.bytesInMemory(engine, List.of(aside)));
    }

    /// The rows of a source as the lake stores them, payloads replaced by their hashes, duplicates left out.
    private String rowsOf(UnitSource source, String from, long duplicates) {
        StringBuilder columns = new StringBuilder();
        StringBuilder joins = new StringBuilder();
        for (Column column : dataset.columns()) {
            String value = source.rows().value(column);
            if (column.payload()) {
                String places = placesOf(column);
                value = places + ".val";
                joins.append(" LEFT JOIN %s ON %s.f = o.filename AND %s.r = o.file_row_number"
                        .formatted(places, places, places));
            }
            columns.append(value)
                    .append(" AS ")
                    .append(Engine.identifier(column.name()))
                    .append(", ");
        }
        if (duplicates > 0) {
            joins.append(" ANTI JOIN duplicate d ON d.f = o.filename AND d.r = o.file_row_number");
        }
        return "SELECT " + columns + source.rows().id(partition.id()) + " AS _row_id, " + -record.number()
                + "::BIGINT AS _seq FROM " + from + " o" + joins;
    }

    private String dayOf(OlderRows rows) {
        return ParquetWriter.day(
                rows.value(dataset.column(dataset.primaryTime()).orElseThrow()));
    }

    private void adoptSpool(Progress progress) throws IOException, SQLException {
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
        commit(List.of(), 0, 0, record.files(), state);
        progress.end();
    }

    private void adoptSpooled(SpoolTable rows) {
        try {
            Optional<String> from = rows.finish();
            if (from.isPresent()) {
                long expected = number("SELECT count(*) FROM " + from.get());
                adoptUnit(UnitSource.of(engine, dataset, from.get()), expected, record.files(), record.spool());
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

    private String key(String id) {
        return "md5_number(" + id + (dataset.column("part_id").isPresent() ? " || chr(0) || part_id" : "") + ")";
    }

    private long number(String sql) throws SQLException {
        return Long.parseLong(engine.strings(sql).getFirst());
    }

    private String now() {
        return clock.instant().toString();
    }

    private static String firstLine(SQLException e) {
        return String.valueOf(e.getMessage()).lines().findFirst().orElse("");
    }
}
