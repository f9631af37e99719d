package io.hypaware.legacy;

import static java.util.stream.Collectors.joining;

import io.hypaware.dataset.Column;
import io.hypaware.dataset.ColumnType;
import io.hypaware.dataset.Dataset;
import io.hypaware.dataset.Datasets;
import io.hypaware.engine.Engine;
import io.hypaware.home.Progress;
import io.hypaware.journal.Journal;
import io.hypaware.journal.ProjectionBatch;
import io.hypaware.lake.LakeTable;
import io.hypaware.lake.LiveFile;
import io.hypaware.lake.LocalFiles;
import io.hypaware.lake.ParquetWriter;
import io.hypaware.lake.Scan;
import io.hypaware.lake.WrittenFile;
import io.hypaware.payload.Cuts;
import io.hypaware.payload.Pieces;
import io.hypaware.payload.ValueBuilder;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Gatherers;

/// Writes the rows of one unit of an adoption to the lake's files, streamed through the engine: what is held is
/// ids, distinct payload values and where they stand.
final class UnitWriter {

    /// What was written, and how many rows were left out because the lake has them.
    record Written(List<WrittenFile> files, long rows, long duplicates) {}

    /// Parts of the work, for a progress bar: a tenth for the ids, a fifth for each payload column.
    private static final int IDS_SHARE = 10;

    private static final int PAYLOAD_SHARE = 5;

    /// Payload columns that one pass over the files takes: a pass opens thousands of files, and what is held of each
    /// column is its values and places.
    private static final int READ_TOGETHER = 2;

    /// Values that are read by one query, which holds two thousand of them at once.
    private static final long READ_BYTES = 8L << 20;

    private final Engine engine;
    private final Dataset dataset;
    private final String partition;
    private final int number;
    private final ParquetWriter writer;
    private final Clock clock;
    private final Progress progress;
    private final Consumer<AdoptionStep> steps;
    private Optional<Journal> journal = Optional.empty();

    /// @param number what stands, negative, in `_seq` of the rows
    UnitWriter(Engine engine, Dataset dataset, String partition, int number, Adoption.Terms terms) {
        this.engine = engine;
        this.dataset = dataset;
        this.partition = partition;
        this.number = number;
        this.writer = new ParquetWriter(engine, terms.limits().rowGroupBytes());
        this.clock = terms.clock();
        this.progress = terms.progress();
        this.steps = terms.steps();
    }

    /// Learns the keys of rows that the lake has already.
    ///
    /// @param payloads where payloads are kept
    void begin(LakeTable table, Journal payloads) throws SQLException {
        journal = Optional.of(payloads);
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

    /// Writes the rows of a source that are new to files of the lake, synced and not yet committed. Each column
    /// is read once: ids first, then the payloads, two columns at a time, then everything else.
    ///
    /// @param expected how many rows the source must have
    Written write(LakeTable table, UnitSource source, long expected) throws SQLException {
        OlderRows rows = source.rows();
        engine.execute("CREATE OR REPLACE TEMP TABLE ids AS SELECT filename AS f, file_row_number AS r, " + dayOf(rows)
                + " AS d, " + key(rows.id(partition)) + " AS key FROM " + source.all());
        long read = count("SELECT count(*) FROM ids");
        if (read != expected) {
            throw new SQLException("%d rows were read where the metadata says %d".formatted(read, expected));
        }
        engine.execute("""
                CREATE OR REPLACE TEMP TABLE duplicate AS SELECT f, r FROM (
                  SELECT f, r, key, row_number() OVER (PARTITION BY key ORDER BY f, r) AS n FROM ids)
                WHERE n > 1 OR key IN (SELECT key FROM known)""");
        engine.execute("INSERT INTO known SELECT DISTINCT key FROM ids WHERE key NOT IN (SELECT key FROM known)");
        long duplicates = count("SELECT count(*) FROM duplicate");
        engine.execute("CREATE OR REPLACE TEMP TABLE file_day AS SELECT DISTINCT f, d FROM ids");
        engine.execute("DROP TABLE ids");
        steps.accept(AdoptionStep.IDS_READ);
        progress.advance(0, source.bytes() / IDS_SHARE);
        for (List<Column> columns :
                payloads().stream().gather(Gatherers.windowFixed(READ_TOGETHER)).toList()) {
            keepPayloads(columns, source.all(), rows);
            progress.advance(0, columns.size() * (source.bytes() / PAYLOAD_SHARE));
        }
        steps.accept(AdoptionStep.PAYLOADS_KEPT);
        List<WrittenFile> files = source.isReadOftenByDay(engine)
                ? writeAside(table, source, duplicates, read - duplicates)
                : writeByDay(table, source, duplicates);
        steps.accept(AdoptionStep.FILES_WRITTEN);
        long added = files.stream().mapToLong(f -> f.metrics().recordCount()).sum();
        if (added + duplicates != read) {
            throw new SQLException("%d rows were written of %d, %d duplicates".formatted(added, read, duplicates));
        }
        files.forEach(WrittenFile::sync);
        // The payloads that the rows refer to.
        journal.orElseThrow().sync();
        steps.accept(AdoptionStep.FILES_SYNCED);
        return new Written(files, added, duplicates);
    }

    /// How many of a unit's bytes were told to the progress while it was written.
    long announced(long bytes) {
        return bytes / IDS_SHARE + payloads().size() * (bytes / PAYLOAD_SHARE);
    }

    private List<Column> payloads() {
        return dataset.columns().stream().filter(Column::payload).toList();
    }

    /// Reads payload columns in one pass over the files, value by value with the places where each stands, and stores
    /// the large ones that are new before any row refers to them.
    private void keepPayloads(List<Column> columns, String from, OlderRows rows) throws SQLException {
        engine.execute("CREATE OR REPLACE TEMP TABLE distinct_value AS SELECT c, v, CASE WHEN strlen(v) > "
                + Datasets.PAYLOAD_INLINE_BYTES + " THEN sha256(v) END AS h, places FROM ("
                + distinctValues(columns, from, rows) + ") WHERE v IS NOT NULL");
        for (int i = 0; i < columns.size(); i++) {
            Column column = columns.get(i);
            String large = " FROM distinct_value WHERE c = " + i + " AND h IS NOT NULL"
                    + " AND h NOT IN (SELECT hash FROM known_payload)";
            keepPayloads(column, large);
            engine.execute("INSERT INTO known_payload SELECT DISTINCT h" + large);
            engine.execute("CREATE OR REPLACE TEMP TABLE " + placesOf(column)
                    + " AS SELECT val, p.f AS f, p.r AS r FROM (SELECT coalesce(h, v) AS val, unnest(places) AS p"
                    + " FROM distinct_value WHERE c = " + i + ")");
        }
        engine.execute("DROP TABLE distinct_value");
    }

    /// Each column's values, with its number as `c` and the places where it stands: grouping sets are one scan for all.
    private static String distinctValues(List<Column> columns, String from, OlderRows rows) {
        List<String> values = new ArrayList<>();
        List<String> names = new ArrayList<>();
        List<String> numbers = new ArrayList<>();
        List<String> present = new ArrayList<>();
        for (int i = 0; i < columns.size(); i++) {
            String name = "v" + i;
            values.add(rows.value(columns.get(i)) + " AS " + name);
            names.add(name);
            numbers.add(" WHEN grouping(" + name + ") = 0 THEN " + i);
            present.add(name + " IS NOT NULL");
        }
        return "SELECT CASE" + String.join("", numbers) + " END AS c, coalesce(" + String.join(", ", names)
                + ") AS v, list({'f': f, 'r': r}) FILTER (WHERE " + String.join(" OR ", present)
                + ") AS places FROM (SELECT "
                + String.join(", ", values) + ", filename AS f, file_row_number AS r FROM " + from
                + ") GROUP BY GROUPING SETS ("
                + names.stream().map(name -> "(" + name + ")").collect(joining(", ")) + ")";
    }

    private void keepPayloads(Column column, String large) throws SQLException {
        List<String> ends =
                engine.strings("SELECT max(r) FROM (SELECT rowid AS r, sum(strlen(v)) OVER (ORDER BY rowid) // "
                        + READ_BYTES + " AS piece" + large + ") GROUP BY piece ORDER BY 1");
        try (Statement statement = engine.connection().createStatement();
                ProjectionBatch batch = journal.orElseThrow().projectionBatch(() -> {})) {
            ValueBuilder.Store payloads = batch.payloads(clock.instant());
            String after = "-1";
            for (String end : ends) {
                try (ResultSet values =
                        statement.executeQuery("SELECT v" + large + " AND rowid > " + after + " AND rowid <= " + end)) {
                    while (values.next()) {
                        keep(values.getString(1), column, payloads);
                    }
                }
                after = end;
            }
            batch.writeAll();
        }
    }

    /// As a recorded value is: tools one by one. The hash of the whole is the engine's.
    private static void keep(String value, Column column, ValueBuilder.Store payloads) {
        byte[] bytes = value.getBytes(StandardCharsets.UTF_8);
        ValueBuilder builder = new ValueBuilder(payloads);
        try {
            Cuts cuts = column.type() == ColumnType.JSON ? Cuts.ofJson(new ByteArrayInputStream(bytes)) : Cuts.none();
            Pieces.read(new ByteArrayInputStream(bytes), cuts, builder::add);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        builder.finish();
    }

    private static String placesOf(Column column) {
        return Engine.identifier("places_" + column.name());
    }

    /// Each day straight from the files that hold rows of it.
    private List<WrittenFile> writeByDay(LakeTable table, UnitSource source, long duplicates) throws SQLException {
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
    private List<WrittenFile> writeAside(LakeTable table, UnitSource source, long duplicates, long rows)
            throws SQLException {
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
        return "SELECT " + columns + source.rows().id(partition) + " AS _row_id, " + -number + "::BIGINT AS _seq FROM "
                + from + " o" + joins;
    }

    private String dayOf(OlderRows rows) {
        return ParquetWriter.day(
                rows.value(dataset.column(dataset.primaryTime()).orElseThrow()));
    }

    private String key(String id) {
        return "md5_number(" + id + (dataset.column("part_id").isPresent() ? " || chr(0) || part_id" : "") + ")";
    }

    private long count(String sql) throws SQLException {
        return Long.parseLong(engine.strings(sql).getFirst());
    }
}
