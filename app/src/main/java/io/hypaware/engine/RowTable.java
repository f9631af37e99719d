package io.hypaware.engine;

import io.hypaware.dataset.Column;
import io.hypaware.dataset.ColumnType;
import io.hypaware.dataset.Dataset;
import io.hypaware.dataset.Row;
import java.sql.SQLException;
import java.util.List;
import java.util.stream.Collectors;
import org.duckdb.DuckDBAppender;
import org.jspecify.annotations.Nullable;

/// A table in the engine that rows of a dataset are put into, with all its stored columns.
public final class RowTable implements AutoCloseable {

    private final Dataset dataset;
    private final DuckDBAppender appender;
    private long rows;

    /// Makes the table.
    public RowTable(Engine engine, String name, Dataset dataset) throws SQLException {
        this.dataset = dataset;
        String columns = dataset.storedColumns().stream()
                .map(c -> Engine.identifier(c.name()) + " " + c.type().storedSql())
                .collect(Collectors.joining(", "));
        engine.execute("CREATE TABLE " + Engine.identifier(name) + " (" + columns + ")");
        this.appender = engine.connection().createAppender(name);
    }

    public void add(Row row, long seq) throws SQLException {
        appender.beginRow();
        for (int i = 0; i < dataset.columns().size(); i++) {
            append(dataset.columns().get(i), row.value(i));
        }
        appender.append(row.rowId());
        appender.append(seq);
        appender.endRow();
        rows++;
    }

    public long rows() {
        return rows;
    }

    /// Makes all rows visible; none can be added afterwards.
    @Override
    public void close() throws SQLException {
        appender.close();
    }

    private void append(Column column, @Nullable Object value) throws SQLException {
        switch (value) {
            case null -> appender.appendNull();
            case String text -> appender.append(text);
            case Integer number -> appender.append((int) number);
            case Long number when column.type() == ColumnType.TIMESTAMP -> appender.appendEpochMicros(number);
            case Long number -> appender.append((long) number);
            case Boolean bool -> appender.append((boolean) bool);
            case Double number -> appender.append((double) number);
            case byte[] bytes -> appender.append(bytes);
            case List<?> values -> appender.append(values);
            default -> throw new IllegalArgumentException("a row cannot hold a " + value.getClass());
        }
    }
}
