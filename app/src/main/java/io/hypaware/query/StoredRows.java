package io.hypaware.query;

import io.hypaware.dataset.ColumnType;
import io.hypaware.dataset.Dataset;
import io.hypaware.dataset.Datasets;
import io.hypaware.engine.Engine;
import io.hypaware.lake.FileFacts;
import io.hypaware.lake.LakeTable;
import io.hypaware.lake.ParquetWriter;
import io.hypaware.lake.WrittenFile;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/// Rows that were gathered, in the form in which tables keep them: with hashes in place of large values.
public final class StoredRows {

    private static final String UNIT = "unit";
    private static final String PAYLOADS = "stored_" + Datasets.PAYLOADS.name();

    private final QuerySession session;
    private final Engine engine;
    private final Dataset dataset;

    StoredRows(QuerySession session, Dataset dataset) {
        this.session = session;
        this.engine = session.engine();
        this.dataset = dataset;
    }

    /// Takes a payload that rows refer to.
    @FunctionalInterface
    public interface PayloadConsumer {
        void accept(String hash, long size) throws IOException;
    }

    /// Names the payloads that the rows refer to, directly or as parts of others.
    public void payloads(PayloadConsumer consumer) throws QueryException, IOException {
        try {
            References references = new References(engine);
            references.add(dataset, RowExport.BATCH);
            references.followPartsOf(PAYLOADS);
            try (Statement statement = engine.connection().createStatement();
                    ResultSet row = statement.executeQuery("SELECT hash, max(size) FROM " + PAYLOADS
                            + " WHERE hash IN (SELECT hash FROM reference) GROUP BY hash ORDER BY hash")) {
                while (row.next()) {
                    consumer.accept(row.getString(1), row.getLong(2));
                }
            }
        } catch (SQLException e) {
            throw session.explained(e);
        }
    }

    /// The hashes of payloads.
    public List<String> hashes() throws SQLException {
        return engine.strings("SELECT hash FROM " + RowExport.BATCH);
    }

    /// Writes the rows to files of a table, one for each day.
    ///
    /// @param more columns that each row gets besides, with their value
    /// @param rowGroupBytes most that a row group is to hold
    public List<WrittenFile> write(LakeTable target, Map<String, String> more, long rowGroupBytes, Path folder)
            throws QueryException {
        String others = more.entrySet().stream()
                .map(one -> ", " + Engine.literal(one.getValue()) + " AS " + Engine.identifier(one.getKey()))
                .collect(Collectors.joining());
        try {
            engine.execute("CREATE OR REPLACE VIEW " + UNIT + " AS SELECT *" + others + " FROM " + RowExport.BATCH);
            long most = Math.min(rowGroupBytes, Engine.mostLargeBytes(engine.memoryBytes()));
            return new ParquetWriter(engine, most).write(target, UNIT, bytes(), folder);
        } catch (SQLException e) {
            throw session.explained(e);
        }
    }

    /// What a table is told of a Parquet file that rows were written to.
    public FileFacts facts(Path file) throws QueryException {
        try {
            return FileFacts.read(engine, dataset, file);
        } catch (SQLException e) {
            throw session.explained(e);
        }
    }

    /// What the rows' texts take, about.
    private long bytes() throws SQLException {
        String texts = dataset.columns().stream()
                .filter(column -> column.type().storedSql().matches("VARCHAR|BLOB"))
                .map(column -> " + coalesce(" + (column.type() == ColumnType.BINARY ? "octet_length(" : "strlen(")
                        + Engine.identifier(column.name()) + "), 0)")
                .collect(Collectors.joining("", "0", ""));
        return Long.parseLong(engine.strings("SELECT coalesce(sum(" + texts + "), 0)::BIGINT FROM " + RowExport.BATCH)
                .getFirst());
    }
}
