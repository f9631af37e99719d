package io.hypaware.query;

import com.fasterxml.jackson.databind.JsonNode;
import io.hypaware.engine.Engine;
import io.hypaware.home.Cache;
import java.io.IOException;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.duckdb.DuckDBAppender;

/// Rows that another engine found, gathered here so that they are written as ours are. What does not fit in memory is
/// on disk meanwhile.
public final class GatheredRows implements AutoCloseable {

    private static final long MOST_BYTES = 4L << 30;

    private static final int FLUSHED_ROWS = 10_000;

    private static final Pattern DECIMAL = Pattern.compile("decimal\\((\\d+),(\\d+)\\)");

    private static final Map<String, String> TYPES = Map.of(
            "string", "VARCHAR",
            "boolean", "BOOLEAN",
            "byte", "TINYINT",
            "short", "SMALLINT",
            "integer", "INTEGER",
            "long", "BIGINT",
            "float", "FLOAT",
            "double", "DOUBLE",
            "date", "DATE",
            "timestamp", "TIMESTAMPTZ");

    /// A column of the result.
    ///
    /// @param type as Spark's schema says it
    public record Column(String name, JsonNode type) {}

    private final Engine engine;
    private final List<Column> columns;
    private final DuckDBAppender appender;
    private long bytes;
    private long rows;

    private GatheredRows(Engine engine, List<Column> columns, DuckDBAppender appender) {
        this.engine = engine;
        this.columns = columns;
        this.appender = appender;
    }

    /// @param cache where what does not fit in memory goes
    public static GatheredRows open(Cache cache, long memoryBytes, List<Column> columns) throws SQLException {
        Engine engine = Engine.open(memoryBytes, 1, cache.spill());
        try {
            List<String> texts = new ArrayList<>();
            for (int i = 0; i < columns.size(); i++) {
                texts.add("c" + i + " VARCHAR");
            }
            engine.execute("CREATE TABLE gathered (" + String.join(", ", texts) + ")");
            return new GatheredRows(engine, columns, engine.connection().createAppender("gathered"));
        } catch (SQLException e) {
            engine.close();
            throw e;
        }
    }

    /// Adds a row.
    ///
    /// @param row values under the numbers of their columns
    public void add(JsonNode row) throws SQLException, QueryException {
        appender.beginRow();
        for (int i = 0; i < columns.size(); i++) {
            JsonNode value = row.path(Integer.toString(i));
            if (value.isNull() || value.isMissingNode()) {
                appender.appendNull();
            } else {
                String text = value.isTextual() ? value.asText() : value.toString();
                bytes += text.length();
                appender.append(text);
            }
        }
        appender.endRow();
        if (++rows % FLUSHED_ROWS == 0) {
            appender.flush();
        }
        if (bytes > MOST_BYTES) {
            throw new QueryException("the result is larger than " + MOST_BYTES + " characters; narrow it");
        }
    }

    /// Hands over the rows that were added; none can be added afterwards.
    public void show(QuerySession.ResultConsumer consumer) throws SQLException, IOException {
        appender.close();
        List<String> shown = new ArrayList<>();
        for (int i = 0; i < columns.size(); i++) {
            shown.add(shown("c" + i, columns.get(i).type()) + " AS "
                    + Engine.identifier(columns.get(i).name()));
        }
        try (Statement statement = engine.connection().createStatement();
                ResultSet result = statement.executeQuery("SELECT " + String.join(", ", shown) + " FROM gathered")) {
            consumer.accept(new QueryResult(
                    result, new PayloadReader(NO_PAYLOADS), UUID.randomUUID().toString()));
        }
    }

    private static String shown(String column, JsonNode type) {
        String name = type.asText();
        Matcher decimal = DECIMAL.matcher(name);
        if (decimal.matches()) {
            return column + "::DECIMAL(" + decimal.group(1) + ", " + decimal.group(2) + ")";
        }
        if (name.equals("binary")) {
            return "from_base64(" + column + ")";
        }
        String element = TYPES.get(type.path("elementType").asText());
        if (type.path("type").asText().equals("array") && element != null) {
            return "from_json(" + column + ", '[\"" + element + "\"]')";
        }
        return column + "::" + TYPES.getOrDefault(name, "VARCHAR");
    }

    private static final PayloadStore NO_PAYLOADS = new PayloadStore() {
        @Override
        public Map<String, byte[]> elements(Collection<String> hashes) {
            return Map.of();
        }

        @Override
        public Map<String, Shape> shapes(Collection<String> hashes) {
            return Map.of();
        }

        @Override
        public void close() {}
    };

    @Override
    public void close() throws SQLException {
        engine.close();
    }
}
