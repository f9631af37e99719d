package io.hypaware.query;

import io.hypaware.dataset.Column;
import io.hypaware.dataset.ColumnType;
import io.hypaware.dataset.Dataset;
import io.hypaware.dataset.Datasets;
import io.hypaware.dataset.Facts;
import io.hypaware.engine.Engine;
import io.hypaware.home.Cache;
import io.hypaware.lake.Lake;
import io.hypaware.legacy.AdoptionRecord;
import io.hypaware.payload.Payload;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.duckdb.DuckDBAppender;

/// Rows of one dataset, as they are recorded at one moment, which the engine writes to files, one for each day.
///
/// They are gathered with the hashes of their payloads, which the engine may spill. Their values are put in place piece
/// by piece as a file is written, so that memory does not grow with what rows take then.
public final class RowExport implements AutoCloseable {

    /// The engine plans each.
    private static final int MOST_PIECES = 2_000;

    /// What is gathered.
    static final String BATCH = "batch";

    private static final long ROW_GROUP_BYTES = 16L << 20;
    private static final int DICTIONARY_BYTES = 1 << 20;
    private static final long DAY_MICROS = 86_400_000_000L;

    private final QuerySession session;
    private final Dataset dataset;
    private final PayloadColumns payloads;
    private final boolean isPart;

    /// How rows are written.
    public enum Format {
        PARQUET,
        JSONL,
        CSV
    }

    /// @param compression `none`, or one that the format has
    /// @param fieldIds of the columns in Parquet, as the engine's `FIELD_IDS` takes them, by column; may be empty
    /// @param byReference whether large values are told by their hashes, as tables keep them
    public record Form(Format format, String compression, Map<String, String> fieldIds, boolean byReference) {

        public Form(Format format, String compression, Map<String, String> fieldIds) {
            this(format, compression, fieldIds, false);
        }

        public Form(Format format, String compression) {
            this(format, compression, Map.of());
        }

        /// The same with hashes in place of large values.
        public Form referring() {
            return new Form(format, compression, fieldIds, true);
        }

        /// What the name of such a file ends with.
        public String extension() {
            String packed = switch (compression) {
                case "gzip" -> ".gz";
                case "zstd" -> ".zst";
                default -> "";
            };
            return switch (format) {
                case PARQUET -> "parquet";
                case JSONL -> "jsonl" + packed;
                case CSV -> "csv" + packed;
            };
        }

        private String ids() {
            return fieldIds.entrySet().stream()
                    .map(id -> Engine.identifier(id.getKey()) + ": " + id.getValue())
                    .collect(Collectors.joining(", "));
        }

        String options() {
            return switch (format) {
                case PARQUET ->
                    "FORMAT parquet, COMPRESSION %s, ROW_GROUP_SIZE %d, ROW_GROUP_SIZE_BYTES %d, STRING_DICTIONARY_PAGE_SIZE_LIMIT %d%s"
                            .formatted(
                                    compression.equals("none") ? "uncompressed" : compression,
                                    Engine.ROW_GROUP_ROWS,
                                    ROW_GROUP_BYTES,
                                    DICTIONARY_BYTES,
                                    fieldIds.isEmpty() ? "" : ", FIELD_IDS {" + ids() + "}");
                case JSONL -> "FORMAT json, ARRAY false, COMPRESSION " + compression;
                case CSV -> "FORMAT csv, HEADER true, COMPRESSION " + compression;
            };
        }
    }

    /// The rows of one day, in UTC.
    ///
    /// @param first lowest position of a row
    public record Day(LocalDate date, long rows, long first, long last) {}

    private RowExport(QuerySession session, Dataset dataset, boolean isPart) {
        this.isPart = isPart;
        this.session = session;
        this.dataset = dataset;
        this.payloads = new PayloadColumns(session.engine(), session.payloads(), false);
    }

    /// Numbers of adopted partitions of a dataset to which no more rows are added.
    public static List<Integer> completeAdoptions(Cache cache, Dataset dataset) {
        Optional<Lake> opened = Lake.openExisting(cache);
        if (opened.isEmpty()) {
            return List.of();
        }
        try (Lake lake = opened.get()) {
            return lake.table(dataset).map(AdoptionRecord::complete).orElse(List.of());
        }
    }

    /// What is asked for.
    ///
    /// @param where a condition of a user's on the dataset's columns
    /// @param beside queries over what is recorded at the same moment
    public record Asked(Dataset dataset, Optional<String> where, List<String> beside) {

        public Asked {
            beside = List.copyOf(beside);
        }
    }

    /// Opens a dataset.
    ///
    /// @param folder where files are written
    public static RowExport open(Cache cache, long memoryBytes, Asked asked, Path folder)
            throws QueryException, SQLException {
        List<String> sql = new ArrayList<>();
        // All values of payloads are read only for a condition that may look at them: elsewhere they are put in
        // place as rows are written.
        String columns = asked.where().isPresent()
                ? "*"
                : asked.dataset().columns().stream()
                        .filter(column -> !column.payload())
                        .map(column -> Engine.identifier(column.name()))
                        .collect(Collectors.joining(", "));
        sql.add("select _row_id, _seq, " + columns + " from " + asked.dataset().name()
                + asked.where().map(condition -> " where (" + condition + "\n)").orElse(""));
        sql.addAll(asked.beside());
        QuerySession session = QuerySession.forExport(cache, memoryBytes, String.join(";\n", sql), folder);
        try {
            RowExport export =
                    new RowExport(session, asked.dataset(), asked.where().isPresent());
            if (export.isPart) {
                export.execute("CREATE TABLE wanted AS SELECT _row_id FROM (" + session.statement(0) + ")");
            }
            return export;
        } catch (QueryException | RuntimeException e) {
            session.close();
            throw e;
        }
    }

    /// Runs one of the queries beside, from 0.
    public void beside(int number, QuerySession.ResultConsumer consumer) throws QueryException, IOException {
        session.run(number + 1, consumer);
    }

    /// Gathers the rows.
    ///
    /// @param condition in SQL, over what [#session], [#day] and stored columns of `s` say
    public void gather(String condition) throws QueryException {
        String columns = dataset.columns().stream()
                .map(column -> "s." + Engine.identifier(column.name()))
                .collect(Collectors.joining(", "));
        execute(
                "CREATE TABLE batch AS SELECT *, row_number() OVER (ORDER BY _day, _seq, _row_id) AS _place FROM (SELECT "
                        + columns + ", s._row_id, s._seq, " + session(dataset) + " AS _session, " + day(dataset)
                        + " AS _day FROM stored_" + dataset.name() + " s WHERE " + condition
                        + (isPart ? " AND s._row_id IN (SELECT _row_id FROM wanted)" : "") + ")");
    }

    /// Gathers payloads.
    public void gatherPayloads(Collection<String> hashes) throws QueryException, SQLException {
        put("chosen", hashes);
        gather("s.hash IN (SELECT text FROM chosen)");
    }

    /// The session that a row `s` names, in SQL; empty if it names none. What was learned of a row is of that row's.
    public static String session(Dataset dataset) {
        Optional<Dataset> about = Datasets.aboutOf(dataset);
        if (about.isPresent()) {
            return "coalesce((SELECT max(" + session(about.get(), "about") + ") FROM "
                    + about.get().name() + " about WHERE about._row_id = s." + Facts.TARGET + "), '')";
        }
        return session(dataset, "s");
    }

    private static String session(Dataset dataset, String row) {
        List<String> keys = new ArrayList<>();
        dataset.column("session_id").ifPresent(_ -> keys.add(row + ".session_id"));
        dataset.column("conversation_id").ifPresent(_ -> keys.add("split_part(" + row + ".conversation_id, '/', 1)"));
        keys.add("''");
        return "coalesce(" + String.join(", ", keys) + ")";
    }

    /// Whether a row `s` names a session, in SQL.
    public static String isOf(Dataset dataset, String session) {
        return session(dataset) + " = " + Engine.literal(session);
    }

    /// The day of a row `s`, in days since the epoch, in SQL.
    public static String day(Dataset dataset) {
        return "CAST(floor(epoch_us(s." + Engine.identifier(dataset.primaryTime()) + ") / " + DAY_MICROS
                + ") AS INTEGER)";
    }

    /// The sessions that gathered rows name.
    public Set<String> sessions() throws SQLException {
        return new TreeSet<>(session.engine().strings("SELECT DISTINCT _session FROM batch"));
    }

    /// Takes the rows of some sessions out.
    public void leaveOut(Collection<String> sessions) throws QueryException, SQLException {
        if (sessions.isEmpty()) {
            return;
        }
        put("left_out", sessions);
        execute("DELETE FROM batch WHERE _session IN (SELECT text FROM left_out)");
    }

    private void put(String table, Collection<String> texts) throws QueryException, SQLException {
        execute("CREATE OR REPLACE TABLE " + table + " (text VARCHAR)");
        try (DuckDBAppender rows = session.engine().connection().createAppender(table)) {
            for (String text : texts) {
                rows.beginRow();
                rows.append(text);
                rows.endRow();
            }
        }
    }

    /// What is gathered, in the form in which tables keep it.
    public StoredRows stored() {
        return new StoredRows(session, dataset);
    }

    /// The days of which rows are left.
    public List<Day> days() throws QueryException {
        try (Statement statement = session.engine().connection().createStatement();
                ResultSet row = statement.executeQuery(
                        "SELECT _day, count(*), min(_seq), max(_seq) FROM batch GROUP BY 1 ORDER BY 1")) {
            List<Day> days = new ArrayList<>();
            while (row.next()) {
                days.add(new Day(LocalDate.ofEpochDay(row.getInt(1)), row.getLong(2), row.getLong(3), row.getLong(4)));
            }
            return days;
        } catch (SQLException e) {
            throw session.explained(e);
        }
    }

    /// Writes the rows of some days, in their order.
    ///
    /// @param file a new one in the folder
    public void write(LocalDate from, LocalDate to, Form form, Path file) throws QueryException, SQLException {
        String days = "_day BETWEEN " + from.toEpochDay() + " AND " + to.toEpochDay();
        StringBuilder columns = new StringBuilder();
        for (Column column : dataset.columns()) {
            String value = column.payload() && !form.byReference()
                    ? payloads.asTheyCome(column).sql()
                    : "s." + Engine.identifier(column.name());
            boolean isText = column.type() == ColumnType.STRING || column.type() == ColumnType.JSON;
            columns.append(columns.isEmpty() ? "" : ", ")
                    .append(form.format() == Format.CSV && isText ? asText(value) : value)
                    .append(" AS ")
                    .append(Engine.identifier(column.name()));
        }
        String select = "SELECT " + columns + " FROM batch s WHERE " + days;
        List<Long> ends = pieces(days);
        if (ends.size() > MOST_PIECES) {
            throw new QueryException("the rows of " + from + (from.equals(to) ? "" : " to " + to)
                    + " are more than one file is to hold; write a file for each day, or fewer rows");
        }
        List<String> pieces = new ArrayList<>();
        long begin = Long.MIN_VALUE;
        for (long end : ends) {
            pieces.add(select + " AND _place > " + begin + " AND _place <= " + end);
            begin = end;
        }
        execute("COPY (" + (pieces.isEmpty() ? select : String.join(" UNION ALL ", pieces)) + ") TO "
                + Engine.literal(file.toString()) + " (" + form.options() + ")");
    }

    /// A spreadsheet takes what begins so for a formula; a quotation mark before it says that it is text.
    private static String asText(String value) {
        return "CASE WHEN regexp_matches(" + value + ", '^[=+@\\t\\r-]') THEN '''' || " + value + " ELSE " + value
                + " END";
    }

    /// Where pieces end, each of so many rows as take the bytes of one with their payloads.
    private List<Long> pieces(String days) throws QueryException, SQLException {
        List<String> hashes = new ArrayList<>();
        List<String> sizes = new ArrayList<>(List.of("0"));
        for (Column column : dataset.columns()) {
            String stored = "s." + Engine.identifier(column.name());
            boolean binary = column.type() == ColumnType.BINARY;
            if (binary) {
                sizes.add("coalesce(octet_length(" + stored + "), 0)");
            } else if (column.type().isList()) {
                sizes.add("16 * coalesce(len(" + stored + "), 0)");
            } else if (column.type() == ColumnType.STRING || column.type() == ColumnType.JSON) {
                sizes.add("coalesce(strlen(" + stored + "), 0)");
            }
            if (column.payload()) {
                hashes.add(PayloadColumns.hash(stored, binary));
            }
        }
        List<Long> ends = new ArrayList<>();
        try (Statement statement = session.engine().connection().createStatement();
                ResultSet row = statement.executeQuery("SELECT _place, " + String.join(" + ", sizes)
                        + hashes.stream().map(hash -> ", " + hash).collect(Collectors.joining())
                        + " FROM batch s WHERE "
                        + days + " ORDER BY _place")) {
            RowPieces pieces = new RowPieces(session.payloads(), ends);
            while (row.next()) {
                List<String> refs = new ArrayList<>();
                for (int i = 0; i < hashes.size(); i++) {
                    String hash = row.getString(i + 3);
                    if (hash != null && Payload.isHash(hash)) {
                        refs.add(hash);
                    }
                }
                pieces.add(new RowPieces.Sized(row.getLong(1), row.getLong(2), refs));
            }
            pieces.end();
        }
        return ends;
    }

    private void execute(String sql) throws QueryException {
        try {
            session.engine().execute(sql);
        } catch (SQLException e) {
            throw session.explained(e);
        }
    }

    @Override
    public void close() throws SQLException {
        session.close();
    }
}
