package io.hypaware.smoke;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/// What each smoke of exported files does.
final class ExportFlows {

    private static final ObjectMapper JSON = new ObjectMapper();

    private static final String MESSAGES = "ai_gateway_messages";

    /// A forced sink writes; one that cannot says so and stops no other.
    static void beside(Stage stage) throws IOException, InterruptedException {
        Path file = Files.createFile(stage.home().resolveSibling("no-folder"));
        configure(stage, sink("local", exports(stage)) + "," + sink("broken", file.resolve("below")));
        record(stage, 1);
        String said = stage.hyp("sink", "force");
        stage.same("a sink that fails is a failure", stage.code(), 1);
        stage.expect("the broken one says why", said, "broken: local_");
        stage.expect("the other has written", said, "local: ");
        stage.check("its files are there", !files(stage, ".parquet").isEmpty(), "files", "none");
        stage.expect("the list says which fails", stage.hyp("sink", "list"), "failing (1 in a row)");
        stage.hyp("sink", "force", "local");
        stage.same("what has gone goes once", rows(stage), recorded(stage));
    }

    /// Fifty rows land as Parquet that is whole.
    static void parquet(Stage stage) throws IOException, InterruptedException {
        configure(stage, sink("local", exports(stage)));
        record(stage, 25);
        stage.hyp("sink", "force", "local");
        stage.same("the manifest counts each row", rows(stage), recorded(stage));
        for (Path written : files(stage, ".parquet")) {
            try (RandomAccessFile bytes = new RandomAccessFile(written.toFile(), "r")) {
                byte[] end = new byte[4];
                bytes.seek(bytes.length() - end.length);
                bytes.readFully(end);
                stage.same("a file is whole", new String(end, StandardCharsets.US_ASCII), "PAR1");
            }
        }
    }

    /// A worker's tick writes what is due, and counts it.
    static void driver(Stage stage) throws IOException, InterruptedException {
        configure(stage, sink("local", exports(stage)));
        record(stage, 1);
        stage.hyp("worker", "--sinks");
        stage.same("a tick writes each row", rows(stage), recorded(stage));
        stage.check(
                "the status counts them",
                stage.json("status", "--json").at("/sinks/0/sent").asLong() > 0,
                "rows",
                stage.json("status", "--json").at("/sinks/0"));
    }

    private static Path exports(Stage stage) {
        return stage.home().resolve("exports");
    }

    private static String sink(String name, Path folder) {
        return """
                "%s": {"writer": "@hypaware/format-parquet", "destination": "@hypaware/local-fs",
                  "config": {"dir": "%s", "schedule": "* * * * *"}}""".formatted(name, folder);
    }

    private static void configure(Stage stage, String sinks) throws IOException {
        stage.configure();
        String config = Files.readString(stage.config()).strip();
        Files.writeString(stage.config(), config.substring(0, config.length() - 1) + ", \"sinks\": {" + sinks + "}}");
    }

    private static void record(Stage stage, int calls) throws IOException, InterruptedException {
        stage.up();
        for (int i = 0; i < calls; i++) {
            stage.say("question " + i);
        }
    }

    private static String recorded(Stage stage) throws IOException, InterruptedException {
        return stage.value("select count(*) from " + MESSAGES);
    }

    /// As many as the manifests say.
    private static String rows(Stage stage) throws IOException {
        long rows = 0;
        for (Path manifest : files(stage, ".json")) {
            JsonNode read = JSON.readTree(manifest.toFile());
            if (read.path("dataset").asText().equals(MESSAGES)) {
                rows += read.path("rows").asLong();
            }
        }
        return Long.toString(rows);
    }

    private static List<Path> files(Stage stage, String end) throws IOException {
        if (!Files.isDirectory(exports(stage))) {
            return List.of();
        }
        try (Stream<Path> all = Files.walk(exports(stage))) {
            return all.filter(file -> file.toString().endsWith(end)).toList();
        }
    }

    private ExportFlows() {}
}
