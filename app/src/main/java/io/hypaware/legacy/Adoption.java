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
/// Rows are told apart by their older row id as well, should the older program have gone on in between. When all rows
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

    /// Most compressed bytes that are read into the engine at once; a larger file is a batch of its own.
    private static final long BATCH_BYTES = 16L * 1024 * 1024;

    private static final int BATCH_FILES = 256;

    /// Bytes of rows, without their payloads, after which a unit is committed.
    private static final long UNIT_BYTES = 160L * 1024 * 1024;

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
    private long unitBytes;
    private long unitRows;
    private long unitDuplicates;
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
    /// @throws UnreadableCacheException if part of it cannot be read; what was committed stays and the rest is left
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
        int threads = Math.clamp(Runtime.getRuntime().availableProcessors(), 1, 2);
        try (Journal journal = Journal.open(cache.resolve("journal.db"));
                Engine engine = Engine.open(memoryBytes, threads, spill)) {
            return new Adoption(partition, dataset, engine, journal, lake, rowGroupBytes, clock, steps).run(progress);
        }
    }

    private Result run(Progress progress) throws UnreadableCacheException, IOException, SQLException {
        Optional<Path> live = partition.live();
        Optional<OlderTable> older = live.isPresent() ? Optional.of(OlderTable.load(live.get())) : Optional.empty();
        String source = older.map(OlderTable::state).orElse("");
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
        newUnit();
    }

    private void newUnit() throws SQLException {
        String columns = dataset.storedColumns().stream()
                .map(c -> Engine.identifier(c.name()) + " " + storedType(c))
                .collect(Collectors.joining(", "));
        engine.execute("CREATE OR REPLACE TABLE unit (" + columns + ")");
        unitBytes = 0;
        unitRows = 0;
        unitDuplicates = 0;
    }

    private void adoptTable(OlderTable older, int done, Progress progress)
            throws UnreadableCacheException, SQLException {
        List<LiveFile> files = new ArrayList<>();
        older.forEachFile(files::add);
        checkSizes(files);
        List<LiveFile> left = files.subList(Math.min(done, files.size()), files.size());
        progress.begin(
                "adopting " + partition.id(),
                left.size(),
                left.stream().mapToLong(LiveFile::bytes).sum());
        List<LiveFile> batch = new ArrayList<>();
        long bytes = 0;
        int at = done;
        for (int i = done; i < files.size(); i++) {
            batch.add(files.get(i));
            bytes += files.get(i).bytes();
            boolean last = i + 1 == files.size();
            if (last || bytes >= BATCH_BYTES || batch.size() == BATCH_FILES) {
                readBatch(batch, older);
                at += batch.size();
                filesRead += batch.size();
                bytesRead += bytes;
                progress.advance(batch.size(), bytes);
                if (last || unitBytes >= UNIT_BYTES) {
                    commitUnit(at, record.spool());
                }
                batch.clear();
                bytes = 0;
            }
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

    private void readBatch(List<LiveFile> files, OlderTable older) throws SQLException, UnreadableCacheException {
        try {
            Scan scan = new Scan(engine, "older", files, older.io());
            long expected = files.stream().mapToLong(LiveFile::rows).sum() - scan.deletedRows();
            String from = scan.fromWithPlaces(files.stream().map(LiveFile::path).toList());
            OlderRows rows = new OlderRows(engine, dataset, from);
            // A row without an id is known by its place, which does not change while its file lives.
            String place =
                    Engine.literal(partition.id() + "#") + " || parse_filename(filename) || '#' || file_row_number";
            String id = rows.has(OlderRows.CACHE_ROW_ID) ? "coalesce(_hyp_cache_row_id, " + place + ")" : place;
            engine.execute("CREATE OR REPLACE TEMP TABLE raw AS SELECT " + String.join(", ", rows.columns()) + ", " + id
                    + " AS _row_id FROM " + from);
            addRaw(expected);
        } catch (SQLException e) {
            if (files.size() == 1) {
                throw new UnreadableCacheException(
                        files.getFirst().path() + " cannot be read (" + firstLine(e) + "); " + partition.id()
                                + " was left as it is",
                        e);
            }
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

    /// Takes the rows of `raw` that are new into the unit, fat values of payload columns replaced by their hashes.
    private void addRaw(long expected) throws SQLException {
        steps.accept(AdoptionStep.BATCH_READ);
        List<Column> payloads =
                dataset.columns().stream().filter(Column::payload).toList();
        engine.execute("CREATE OR REPLACE TEMP TABLE fat AS SELECT v, sha256(v) AS h FROM ("
                + payloads.stream()
                        .map(c -> "SELECT " + Engine.identifier(c.name()) + " AS v FROM raw WHERE strlen("
                                + Engine.identifier(c.name()) + ") > " + Datasets.PAYLOAD_INLINE_BYTES)
                        .collect(Collectors.joining(" UNION "))
                + ")");
        keepPayloads();
        StringBuilder select = new StringBuilder("CREATE OR REPLACE TEMP TABLE slim AS SELECT ");
        StringBuilder joins = new StringBuilder();
        for (Column column : dataset.columns()) {
            String name = Engine.identifier(column.name());
            if (column.payload()) {
                String alias = Engine.identifier("fat_" + column.name());
                select.append("coalesce(")
                        .append(alias)
                        .append(".h, raw.")
                        .append(name)
                        .append(") AS ")
                        .append(name);
                joins.append(" LEFT JOIN fat ")
                        .append(alias)
                        .append(" ON ")
                        .append(alias)
                        .append(".v = raw.")
                        .append(name);
            } else {
                select.append("raw.").append(name);
            }
            select.append(", ");
        }
        engine.execute(select + "_row_id, " + -record.number() + "::BIGINT AS _seq, " + key("_row_id")
                + " AS key FROM raw" + joins);
        engine.execute("DROP TABLE raw");
        long read = number("SELECT count(*) FROM slim");
        if (expected >= 0 && read != expected) {
            throw new SQLException("%d rows were read where the metadata says %d".formatted(read, expected));
        }
        String added = "SELECT * EXCLUDE (key) FROM slim WHERE key NOT IN (SELECT key FROM known)";
        if (number("SELECT count(DISTINCT key) FROM slim") < read) {
            engine.execute("DELETE FROM slim WHERE rowid NOT IN (SELECT min(rowid) FROM slim GROUP BY key)");
        }
        engine.execute("INSERT INTO unit " + added);
        long inUnit = number("SELECT count(*) FROM unit");
        unitBytes += number("SELECT coalesce(sum(" + weight() + "), 0)::BIGINT FROM slim");
        unitDuplicates += read - (inUnit - unitRows);
        unitRows = inUnit;
        engine.execute("INSERT INTO known SELECT key FROM slim WHERE key NOT IN (SELECT key FROM known)");
        engine.execute("DROP TABLE slim");
    }

    /// What a row takes, about.
    private String weight() {
        return "200 + "
                + dataset.columns().stream()
                        .filter(c -> List.of("content_text", "raw_frame", "tool_args", "attributes", "status")
                                .contains(c.name()))
                        .map(c -> "coalesce(strlen(" + c.name() + "), 0)")
                        .collect(Collectors.joining(" + "));
    }

    /// Stores the fat values that are new as payloads, before any row refers to them.
    private void keepPayloads() throws SQLException {
        String unknown = "SELECT v, h FROM fat WHERE h NOT IN (SELECT hash FROM known_payload)";
        try (Statement statement = engine.connection().createStatement();
                ResultSet values = statement.executeQuery(unknown);
                ProjectionTransaction transaction = journal.beginProjection()) {
            while (values.next()) {
                transaction.addPayload(values.getString(1), clock.instant());
            }
            transaction.commit();
        }
        engine.execute("INSERT INTO known_payload SELECT h FROM fat WHERE h NOT IN (SELECT hash FROM known_payload)");
        steps.accept(AdoptionStep.PAYLOADS_KEPT);
    }

    private void commitUnit(int filesDone, String spoolDone) throws SQLException {
        List<WrittenFile> files = unitRows == 0 ? List.of() : writer.write(table, "unit");
        steps.accept(AdoptionStep.FILES_WRITTEN);
        files.forEach(WrittenFile::sync);
        steps.accept(AdoptionStep.FILES_SYNCED);
        record = new AdoptionRecord(
                record.number(),
                AdoptionRecord.ADOPTING,
                record.source(),
                filesDone,
                record.rows() + unitRows,
                record.duplicates() + unitDuplicates,
                spoolDone,
                now());
        table.append(files, AdoptionRecord.key(partition), record.toJson());
        steps.accept(AdoptionStep.UNIT_COMMITTED);
        table = lake.table(dataset).orElseThrow();
        adoptedRows += unitRows;
        adoptedDuplicates += unitDuplicates;
        newUnit();
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
                        if (rows.bytes() >= BATCH_BYTES) {
                            drain(rows);
                        }
                        rows.add(row);
                    },
                    notes::add);
            drain(rows);
            filesRead++;
            bytesRead += Files.size(file);
            progress.advance(1, Files.size(file));
            if (unitBytes >= UNIT_BYTES) {
                commitUnit(record.files(), record.spool());
            }
        }
        commitUnit(record.files(), state);
        progress.end();
    }

    private void drain(SpoolTable rows) {
        try {
            if (rows.finish("raw")) {
                addRaw(-1);
            }
        } catch (SQLException e) {
            throw new IllegalStateException("rows of a spool of " + partition.id() + " cannot be taken", e);
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

    private static String storedType(Column column) {
        return column.type() == io.hypaware.dataset.ColumnType.JSON
                ? "VARCHAR"
                : column.type().sql();
    }

    private static String firstLine(SQLException e) {
        return String.valueOf(e.getMessage()).lines().findFirst().orElse("");
    }
}
