package io.hypaware.testing;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.hypaware.dataset.Column;
import io.hypaware.dataset.ColumnType;
import io.hypaware.home.Cache;
import io.hypaware.project.Messages;
import io.hypaware.query.QuerySession;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/// A home that HypAware for Node left behind, copied for a test, and the rows that live in it.
public final class OlderHome {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Path RESOURCES = Path.of("src/test/resources/older");

    /// How many days the rows of a home are of.
    public enum Days {
        ALL(List.of()),
        NINETEEN(List.of("source=claude"));

        private final List<String> without;

        Days(List<String> without) {
            this.without = without;
        }
    }

    /// Copies the home; returns its cache folder. Every file is as old as `mtime` says, and what is marked as retired
    /// was retired an hour ago: the date that the fixture bears would be old some day.
    public static Path copyTo(Path home, Instant mtime) throws IOException {
        return copyTo(home, mtime, Days.ALL);
    }

    /// Copies the home with the rows of a few days only, for tests that go through it many times.
    public static Path copyTo(Path home, Instant mtime, Days days) throws IOException {
        Path source = RESOURCES.resolve("home");
        try (Stream<Path> files = Files.walk(source)) {
            for (Path file : files.filter(file -> days.without.stream().noneMatch(file.toString()::contains))
                    .toList()) {
                Path target = home.resolve(source.relativize(file).toString());
                if (Files.isDirectory(file)) {
                    Files.createDirectories(target);
                } else {
                    Files.copy(file, target);
                }
            }
        }
        retireAnHourAgo(home);
        setTimes(home, mtime);
        return home.resolve("hypaware/cache");
    }

    private static void retireAnHourAgo(Path home) throws IOException {
        try (Stream<Path> files = Files.walk(home)) {
            for (Path mark : files.filter(f -> f.endsWith(".retired")).toList()) {
                Files.writeString(mark, Instant.now().minus(Duration.ofHours(1)).toString());
            }
        }
    }

    /// Sets the mtime of everything in a tree.
    public static void setTimes(Path root, Instant mtime) throws IOException {
        try (Stream<Path> files = Files.walk(root)) {
            for (Path file : files.toList()) {
                Files.setLastModifiedTime(file, FileTime.from(mtime));
            }
        }
    }

    /// The live rows by id, each as JSON with the columns that are not null.
    public static Map<String, String> expectedRows() throws IOException {
        return expectedRows(Days.ALL);
    }

    /// Those of them that a home of fewer days has.
    public static Map<String, String> expectedRows(Days days) throws IOException {
        Map<String, String> rows = new TreeMap<>();
        for (String line : Files.readAllLines(RESOURCES.resolve("expected.jsonl"))) {
            ObjectNode row = (ObjectNode) JSON.readTree(line);
            if (!days.without.contains(partitionOf(row))) {
                String id = row.remove("_hyp_cache_row_id").asText();
                rows.put(id, canonical(row));
            }
        }
        return rows;
    }

    private static String partitionOf(JsonNode row) {
        if (row.path("client_name").asText().equals("codex")) {
            return "source=codex";
        }
        boolean ofAnEpoch = row.path("date").asText().equals("2026-05-20");
        boolean ofTheSpool = row.path("conversation_id").asText().equals("conv-6");
        return ofAnEpoch || ofTheSpool ? "another" : "source=claude";
    }

    /// What a query sees, in the same form; a row that is there twice shows as such.
    public static List<String> storedRows(Path cache) throws Exception {
        List<String> rows = new ArrayList<>();
        String sql = "SELECT *, _row_id FROM ai_gateway_messages ORDER BY _row_id";
        try (QuerySession session = QuerySession.open(new Cache(cache), 200_000_000, sql)) {
            session.run(result -> {
                while (result.next()) {
                    ObjectNode row = JSON.createObjectNode();
                    for (Column column : Messages.DATASET.columns()) {
                        String text = result.getString(column.name());
                        if (text != null) {
                            row.set(column.name(), value(column, text));
                        }
                    }
                    rows.add(result.getString("_row_id") + " " + canonical(row));
                }
            });
        }
        return rows;
    }

    private static JsonNode value(Column column, String text) {
        try {
            return switch (column.type()) {
                case STRING -> JSON.getNodeFactory().textNode(text);
                case TIMESTAMP ->
                    JSON.getNodeFactory()
                            .textNode(java.time.OffsetDateTime.parse(text)
                                    .toInstant()
                                    .toString());
                default -> JSON.readTree(text);
            };
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    private static String canonical(ObjectNode row) {
        Map<String, String> fields = new TreeMap<>();
        row.properties().forEach(field -> {
            if (!field.getValue().isNull()) {
                boolean time = Messages.DATASET
                        .column(field.getKey())
                        .map(c -> c.type() == ColumnType.TIMESTAMP)
                        .orElse(false);
                fields.put(
                        field.getKey(),
                        time ? Instant.parse(field.getValue().asText()).toString() : sorted(field.getValue()));
            }
        });
        return fields.toString();
    }

    /// JSON with its fields in order.
    private static String sorted(JsonNode node) {
        if (node.isObject()) {
            Map<String, String> fields = new TreeMap<>();
            node.properties().forEach(f -> fields.put(f.getKey(), sorted(f.getValue())));
            return fields.toString();
        }
        if (node.isArray()) {
            List<String> elements = new ArrayList<>();
            node.forEach(e -> elements.add(sorted(e)));
            return elements.toString();
        }
        return node.toString();
    }

    private OlderHome() {}
}
