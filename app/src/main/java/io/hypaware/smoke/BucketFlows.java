package io.hypaware.smoke;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.vertx.core.buffer.Buffer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/// What each smoke of tables and buckets does.
final class BucketFlows {

    private static final ObjectMapper JSON = new ObjectMapper();

    private static final String MESSAGES = "ai_gateway_messages";
    private static final String PARQUET = "@hypaware/format-parquet";
    private static final String ICEBERG = "@hypaware/format-iceberg";
    private static final String TABLE = "iceberg/datasets/" + MESSAGES;

    /// A table in a folder has each row once, however often the sink runs.
    static void localTable(Stage stage) throws IOException, InterruptedException {
        Path folder = stage.home().resolve("exports");
        configure(stage, "", """
                "tables": {"writer": "%s", "destination": "@hypaware/local-fs", "config": {"dir": "%s"}}""".formatted(ICEBERG, folder));
        record(stage);
        stage.expect("the sink runs", stage.hyp("sink", "force"), "tables: ");
        Path metadata = folder.resolve(TABLE + "/metadata");
        String version = Files.readString(metadata.resolve("version-hint.text"));
        JsonNode table =
                JSON.readTree(metadata.resolve("v" + version + ".metadata.json").toFile());
        stage.same("the table counts each row", records(table), recorded(stage));
        stage.hyp("sink", "force");
        stage.same("nothing is appended again", Files.readString(metadata.resolve("version-hint.text")), version);
        stage.expect("it is in shape", stage.hyp("sink", "maintain"), "nothing to do");
    }

    /// A commit is a conditional put; one that meets another's is made again.
    static void bucketTable(Stage stage) throws IOException, InterruptedException {
        try (LoopbackBucket bucket = bucket(stage)) {
            configure(stage, plugin(bucket, ""), sink("tables", ICEBERG));
            record(stage);
            bucket.conflicts(1);
            stage.expect("the sink runs", stage.hyp("sink", "force"), "tables: ");
            stage.same("and has not failed", stage.code(), 0);
            String last = bucket.commits().stream()
                    .filter(key -> key.startsWith("desk/" + TABLE))
                    .reduce("", (_, key) -> key);
            stage.expect("commits are conditional", last, "metadata.json");
            stage.same(
                    "the table counts each row",
                    records(JSON.readTree(
                            bucket.objects().getOrDefault(last, Buffer.buffer()).getBytes())),
                    recorded(stage));
        }
    }

    /// Files stand under their keys, whole, and no key of the user's stands anywhere.
    static void bucketFiles(Stage stage) throws IOException, InterruptedException {
        try (LoopbackBucket bucket = bucket(stage)) {
            configure(stage, plugin(bucket, ""), sink("files", PARQUET));
            record(stage);
            stage.expect("the sink runs", stage.hyp("sink", "force"), "files: ");
            List<Map.Entry<String, Buffer>> files = bucket.objects().entrySet().stream()
                    .filter(file -> file.getKey().matches("desk/" + MESSAGES + "/date=[0-9-]+/[^/]+\\.parquet"))
                    .toList();
            stage.check(
                    "a file of the day is there",
                    !files.isEmpty(),
                    "a file",
                    bucket.objects().keySet());
            for (Map.Entry<String, Buffer> file : files) {
                Buffer bytes = file.getValue();
                stage.same(
                        "it is whole",
                        bytes.getString(bytes.length() - 4, bytes.length(), StandardCharsets.US_ASCII.name()),
                        "PAR1");
            }
            stage.same("no key is written down", keeping(stage, LoopbackBucket.SECRET_KEY), List.of());
        }
    }

    /// What was exported can be asked for.
    static void query(Stage stage) throws IOException, InterruptedException {
        try (LoopbackBucket bucket = bucket(stage)) {
            String sources = """
                    , "query_sources": [
                      {"name": "exported_files", "format": "parquet", "prefix": "desk/%s"},
                      {"name": "exported_table", "format": "iceberg", "prefix": "desk/%s"}]""".formatted(MESSAGES, TABLE);
            configure(stage, plugin(bucket, sources), sink("files", PARQUET) + ", " + sink("tables", ICEBERG));
            record(stage);
            stage.hyp("sink", "force");
            for (String source : List.of("exported_files", "exported_table")) {
                stage.same(
                        source + " has each row",
                        stage.value("select count(distinct part_id) from " + source),
                        recorded(stage));
            }
            stage.same(
                    "they join what is recorded",
                    stage.value("select count(*) from exported_table join " + MESSAGES + " using (part_id)"),
                    recorded(stage));
        }
    }

    private static LoopbackBucket bucket(Stage stage) {
        stage.let("AWS_ACCESS_KEY_ID", LoopbackBucket.ACCESS_KEY);
        stage.let("AWS_SECRET_ACCESS_KEY", LoopbackBucket.SECRET_KEY);
        return new LoopbackBucket();
    }

    private static String plugin(LoopbackBucket bucket, String more) {
        return """
                , {"name": "@hypaware/s3", "config": {"bucket": "%s", "prefix": "desk", "endpoint_url": "%s",
                  "force_path_style": true%s}}""".formatted(LoopbackBucket.NAME, bucket.url(), more);
    }

    private static String sink(String name, String writer) {
        return "\"%s\": {\"writer\": \"%s\", \"destination\": \"@hypaware/s3\", \"config\": {}}"
                .formatted(name, writer);
    }

    private static void configure(Stage stage, String plugin, String sinks) throws IOException {
        stage.configure();
        String config = Files.readString(stage.config()).strip();
        int plugins = config.lastIndexOf(']');
        Files.writeString(stage.config(), config.substring(0, plugins) + plugin + "], \"sinks\": {" + sinks + "}}");
    }

    private static void record(Stage stage) throws IOException, InterruptedException {
        stage.up();
        for (int i = 0; i < 3; i++) {
            stage.say("question " + i);
        }
    }

    private static String recorded(Stage stage) throws IOException, InterruptedException {
        return stage.value("select count(*) from " + MESSAGES);
    }

    /// As many rows as the last snapshot says.
    private static String records(JsonNode table) {
        for (JsonNode snapshot : table.path("snapshots")) {
            if (snapshot.path("snapshot-id").equals(table.path("current-snapshot-id"))) {
                return snapshot.at("/summary/total-records").asText();
            }
        }
        return "no snapshot";
    }

    private static List<String> keeping(Stage stage, String text) throws IOException {
        try (Stream<Path> all = Files.walk(stage.home())) {
            return all.filter(Files::isRegularFile)
                    .filter(file -> holds(file, text))
                    .map(Path::toString)
                    .toList();
        }
    }

    private static boolean holds(Path file, String text) {
        try {
            return Files.readString(file, StandardCharsets.ISO_8859_1).contains(text);
        } catch (IOException e) {
            // It has just gone.
            return false;
        }
    }

    private BucketFlows() {}
}
