package io.hypaware.bench;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.hypaware.dataset.Column;
import io.hypaware.lake.LocalFiles;
import io.hypaware.project.Messages;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Collectors;
import org.apache.iceberg.DataFiles;
import org.apache.iceberg.FileFormat;
import org.apache.iceberg.ManifestFile;
import org.apache.iceberg.ManifestFiles;
import org.apache.iceberg.ManifestWriter;
import org.apache.iceberg.PartitionSpec;
import org.apache.iceberg.Schema;
import org.apache.iceberg.TableMetadata;
import org.apache.iceberg.TableMetadataParser;
import org.apache.iceberg.types.Type;
import org.apache.iceberg.types.Types;
import org.duckdb.DuckDBAppender;
import org.duckdb.DuckDBConnection;

/// Writes a partition as HypAware for Node leaves it behind: one small Snappy file and one manifest for each
/// flush, JSON as VARIANT, tools and system text again and again.
final class OlderCache {

    private static final int WORDS = 4_000;
    private static final int TOOLS = 8;
    private static final int TOOL_ENTRIES = 32;
    private static final int TOOLS_BYTES = 122_000;
    private static final int SYSTEM_BYTES = 20_000;
    private static final int FAT_EVERY = 34;
    private static final long FIRST_MICROS = 1_795_000_000_000_000L;
    private static final long STEP_MICROS = 400_000;

    private final Path partition;
    private final Random random = new Random(42);
    private final List<String> words = new ArrayList<>();
    private final List<String> systems = new ArrayList<>();
    private long row;

    OlderCache(Path cache, String partition) {
        this.partition = cache.resolve("datasets/ai_gateway_messages").resolve(partition);
        for (int i = 0; i < WORDS; i++) {
            StringBuilder word = new StringBuilder();
            int length = 2 + random.nextInt(9);
            for (int c = 0; c < length; c++) {
                word.append((char) ('a' + random.nextInt(26)));
            }
            words.add(word.toString());
        }
        for (int i = 0; i < TOOLS; i++) {
            systems.add(text(SYSTEM_BYTES));
        }
    }

    /// The reference table of the design: 3,529 files, 358,892 rows, 1.35 GB.
    void reference() throws IOException, SQLException {
        List<Integer> rows = new ArrayList<>();
        for (int file = 0; file < 3_529; file++) {
            rows.add(file < 2_463 ? 102 : 101);
        }
        write(rows, new Shape(FAT_EVERY, 100, 3_000));
    }

    /// Rows of text that nothing repeats.
    void unique(int files, int rowsPerFile, int textBytes) throws IOException, SQLException {
        List<Integer> rows = new ArrayList<>();
        for (int file = 0; file < files; file++) {
            rows.add(rowsPerFile);
        }
        write(rows, new Shape(Integer.MAX_VALUE, textBytes, 0));
    }

    /// What rows are like.
    ///
    /// @param fatEvery one in so many has tools
    /// @param least bytes of text, and `spread` more at most
    private record Shape(int fatEvery, int least, int spread) {}

    private void write(List<Integer> rows, Shape shape) throws IOException, SQLException {
        Path table = Files.createDirectories(partition.resolve("table"));
        Path data = Files.createDirectories(table.resolve("data"));
        List<ManifestFile> manifests = new ArrayList<>();
        Files.createDirectories(table.resolve("metadata"));
        try (Connection connection = DriverManager.getConnection("jdbc:duckdb:")) {
            prepare(connection);
            for (int file = 0; file < rows.size(); file++) {
                Path path = data.resolve("%08d.parquet".formatted(file));
                writeFile(connection, path, rows.get(file), shape);
                manifests.add(manifest(table, file, path, rows.get(file)));
            }
        }
        metadata(table, manifests);
        long total = rows.stream().mapToLong(Integer::longValue).sum();
        Files.writeString(partition.resolve("cursor.json"), """
                {"epoch": 0, "rowCount": %d, "compaction": null, "layout": "source-table", "tableDir": "table"}
                """.formatted(total));
    }

    private void prepare(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute("SET TimeZone = 'UTC'");
            statement.execute("SET threads = 2");
            statement.execute("CREATE TABLE tools (id INTEGER, tools VARIANT)");
            for (int i = 0; i < TOOLS; i++) {
                StringBuilder json = new StringBuilder("[");
                for (int entry = 0; entry < TOOL_ENTRIES; entry++) {
                    json.append(entry == 0 ? "" : ",")
                            .append("{\"name\":\"tool_%d_%d\",\"description\":\"%s\"}"
                                    .formatted(i, entry, text(TOOLS_BYTES / TOOL_ENTRIES - 40)));
                }
                statement.execute("INSERT INTO tools SELECT " + i + ", ('" + json.append("]") + "'::JSON)::VARIANT");
            }
        }
    }

    private void writeFile(Connection connection, Path path, int rows, Shape shape) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(
                    "CREATE OR REPLACE TEMP TABLE part (n BIGINT, tool INTEGER, system VARCHAR, content VARCHAR)");
            try (DuckDBAppender appender =
                    connection.unwrap(DuckDBConnection.class).createAppender("temp", "main", "part")) {
                for (int i = 0; i < rows; i++, row++) {
                    double skewed = random.nextDouble() * random.nextDouble();
                    boolean fat = i % shape.fatEvery() == 0 && shape.fatEvery() < rows;
                    appender.beginRow();
                    appender.append(row);
                    if (fat) {
                        int tool = random.nextInt(TOOLS);
                        appender.append(tool);
                        appender.append(systems.get(tool));
                    } else {
                        appender.appendNull();
                        appender.appendNull();
                    }
                    appender.append(text((int) (shape.least() + skewed * shape.spread())));
                    appender.endRow();
                }
            }
            String columns = older().stream()
                    .map(c -> value(c) + " AS \"" + c.name() + "\"")
                    .collect(Collectors.joining(", "));
            statement.execute("COPY (SELECT " + columns
                    + ", 'r' || n AS _hyp_cache_row_id FROM part LEFT JOIN tools ON part.tool = tools.id ORDER BY n) TO '"
                    + path + "' (FORMAT parquet, COMPRESSION snappy)");
        }
    }

    private static List<Column> older() {
        return Messages.DATASET.columns().stream()
                .takeWhile(c -> !c.name().equals("session_id"))
                .toList();
    }

    private static String value(Column column) {
        return switch (column.name()) {
            case "gateway_id" -> "'gw'";
            case "schema_version" -> "4::INTEGER";
            case "conversation_id" -> "'conv-' || (n // 400)";
            case "provider" -> "'anthropic'";
            case "model" -> "'claude-sonnet-4'";
            case "system_text" -> "system";
            case "tools" -> "tools.tools";
            case "conversation_started_at" ->
                "make_timestamptz(%d + n // 400 * 400 * %d)".formatted(FIRST_MICROS, STEP_MICROS);
            case "message_created_at" -> "make_timestamptz(%d + n * %d)".formatted(FIRST_MICROS, STEP_MICROS);
            case "date" ->
                "strftime(make_timestamptz(%d + n * %d), '%%Y-%%m-%%d')".formatted(FIRST_MICROS, STEP_MICROS);
            case "client_name" -> "'claude'";
            case "cwd" -> "'/home/u/p' || (n % 5)";
            case "message_id" -> "'m' || n";
            case "previous_message_id" -> "('[\"m' || (n - 1) || '\"]')::JSON::VARIANT";
            case "message_index" -> "(n % 400)::INTEGER";
            case "role" -> "CASE n % 2 WHEN 0 THEN 'user' ELSE 'assistant' END";
            case "part_id" -> "'m' || n || '#0'";
            case "part_index" -> "0::INTEGER";
            case "part_type" -> "'text'";
            case "content_text" -> "content";
            case "attributes" ->
                "('{\"usage\":{\"input_tokens\":' || (n * 37 % 90000) || ',\"output_tokens\":' || (n % 2000) || '}}')::JSON::VARIANT";
            default ->
                switch (column.type()) {
                    case JSON -> "NULL::VARIANT";
                    case BOOLEAN -> "NULL::BOOLEAN";
                    case INT -> "NULL::INTEGER";
                    default -> "NULL::VARCHAR";
                };
        };
    }

    private String text(int length) {
        StringBuilder text = new StringBuilder(length + 12);
        while (text.length() < length) {
            text.append(words.get(random.nextInt(WORDS))).append(' ');
        }
        return text.toString();
    }

    private static Schema schema() {
        List<Types.NestedField> fields = new ArrayList<>();
        int id = 1;
        for (Column column : older()) {
            Type type = switch (column.type()) {
                case JSON -> Types.VariantType.get();
                case BOOLEAN -> Types.BooleanType.get();
                case INT -> Types.IntegerType.get();
                case TIMESTAMP -> Types.TimestampType.withZone();
                default -> Types.StringType.get();
            };
            fields.add(Types.NestedField.optional(id++, column.name(), type));
        }
        fields.add(Types.NestedField.optional(id, "_hyp_cache_row_id", Types.StringType.get()));
        return new Schema(fields);
    }

    private static ManifestFile manifest(Path table, int number, Path file, int rows) throws IOException {
        Path path = table.resolve("metadata/%08d-m0.avro".formatted(number));
        ManifestWriter<org.apache.iceberg.DataFile> writer = ManifestFiles.write(
                3, PartitionSpec.unpartitioned(), org.apache.iceberg.Files.localOutput(path.toFile()), null);
        try (writer) {
            writer.add(DataFiles.builder(PartitionSpec.unpartitioned())
                    .withPath("file:///home/user/.hyp/table/data/" + file.getFileName())
                    .withFormat(FileFormat.PARQUET)
                    .withFileSizeInBytes(Files.size(file))
                    .withRecordCount(rows)
                    .build());
        }
        return writer.toManifestFile();
    }

    /// One snapshot that is whole, and as many older entries as there were flushes.
    private static void metadata(Path table, List<ManifestFile> manifests) throws IOException {
        String location = "file:///home/user/.hyp/table";
        OneCommit operations = new OneCommit(
                table,
                TableMetadata.newTableMetadata(
                        schema(), PartitionSpec.unpartitioned(), location, Map.of("format-version", "3")));
        var append = new org.apache.iceberg.BaseTable(operations, "older").newFastAppend();
        manifests.forEach(append::appendManifest);
        append.commit();
        ObjectMapper mapper = new ObjectMapper();
        ObjectNode json = (ObjectNode) mapper.readTree(TableMetadataParser.toJson(operations.current()));
        ArrayNode snapshots = (ArrayNode) json.get("snapshots");
        ObjectNode current = (ObjectNode) snapshots.get(0);
        current.put("manifest-list", moved(current.get("manifest-list").asText(), table, location));
        for (int i = 0; i + 1 < manifests.size(); i++) {
            ObjectNode older = current.deepCopy();
            older.put("snapshot-id", 1_000_000_000_000L + i);
            older.put("manifest-list", location + "/metadata/snap-" + i + ".avro");
            snapshots.insert(i, older);
        }
        String name = "v" + (manifests.size() + 1) + ".metadata.json";
        mapper.writeValue(table.resolve("metadata").resolve(name).toFile(), json);
        Files.writeString(table.resolve("metadata/version-hint.text"), Integer.toString(manifests.size() + 1));
    }

    private static String moved(String path, Path table, String location) {
        return path.replace(table.toUri().toString().replaceAll("/$", ""), location)
                .replace(table.toString(), location);
    }

    /// Table operations that keep the metadata in memory.
    private static final class OneCommit implements org.apache.iceberg.TableOperations {

        private final Path table;
        private TableMetadata metadata;

        private OneCommit(Path table, TableMetadata metadata) {
            this.table = table;
            this.metadata = metadata;
        }

        @Override
        public TableMetadata current() {
            return metadata;
        }

        @Override
        public TableMetadata refresh() {
            return metadata;
        }

        @Override
        public void commit(TableMetadata base, TableMetadata changed) {
            metadata = changed;
        }

        @Override
        public org.apache.iceberg.io.FileIO io() {
            return new LocalFiles();
        }

        @Override
        public String metadataFileLocation(String fileName) {
            return table.resolve("metadata").resolve(fileName).toString();
        }

        @Override
        public org.apache.iceberg.io.LocationProvider locationProvider() {
            throw new UnsupportedOperationException();
        }
    }

    /// Usage: cache folder, then `reference`, or `unique` with files, rows per file and bytes per row.
    public static void main(String[] arguments) throws IOException, SQLException {
        OlderCache cache = new OlderCache(Path.of(arguments[0]), "source=claude");
        if (arguments[1].equals("reference")) {
            cache.reference();
        } else {
            cache.unique(
                    Integer.parseInt(arguments[2]), Integer.parseInt(arguments[3]), Integer.parseInt(arguments[4]));
        }
    }
}
