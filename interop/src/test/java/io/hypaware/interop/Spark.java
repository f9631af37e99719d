package io.hypaware.interop;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/// A Spark in a process of its own, as a user's would be. Statements are sent to it one after the other.
final class Spark implements AutoCloseable {

    private static final ObjectMapper JSON = new ObjectMapper();

    private static final List<String> OPENED = List.of(
            "java.lang",
            "java.lang.invoke",
            "java.lang.reflect",
            "java.io",
            "java.net",
            "java.nio",
            "java.util",
            "java.util.concurrent",
            "java.util.concurrent.atomic",
            "jdk.internal.ref",
            "sun.nio.ch",
            "sun.nio.cs",
            "sun.util.calendar");

    private final Process process;
    private final BufferedWriter in;
    private final BufferedReader out;
    private final Path log;

    /// @param settings each `key=value`
    /// @param folder for what it says
    Spark(List<String> settings, Path folder) throws IOException {
        Path built = Path.of(System.getProperty("interop.spark"));
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        OPENED.forEach(name -> command.add("--add-opens=java.base/" + name + "=ALL-UNNAMED"));
        command.addAll(List.of(
                "-Xmx1g",
                // Arrow's buffers, in which Iceberg reads columns, need it on Java 25.
                "--sun-misc-unsafe-memory-access=allow",
                "-cp",
                built.resolve("classes") + ":" + Files.readString(built.resolve("class-path")),
                "io.hypaware.interop.spark.SparkShell"));
        command.addAll(settings);
        command.addAll(List.of(
                "spark.ui.enabled=false",
                "spark.driver.host=127.0.0.1",
                "spark.driver.bindAddress=127.0.0.1",
                "spark.sql.shuffle.partitions=2",
                "spark.local.dir=" + folder,
                "spark.sql.warehouse.dir=" + folder));
        log = folder.resolve("spark.log");
        process = new ProcessBuilder(command).redirectError(log.toFile()).start();
        in = process.outputWriter(StandardCharsets.UTF_8);
        out = process.inputReader(StandardCharsets.UTF_8);
    }

    /// The rows of a statement; columns that are null are not in them.
    List<JsonNode> rows(String statement) throws IOException {
        in.write(statement.replace('\n', ' '));
        in.newLine();
        in.flush();
        List<JsonNode> rows = new ArrayList<>();
        while (true) {
            String line = out.readLine();
            if (line == null) {
                throw new IOException("Spark has ended: " + Files.readString(log));
            } else if (line.startsWith("FAILED")) {
                throw new IOException(statement + ": " + line);
            } else if (line.equals("OK")) {
                return rows;
            }
            rows.add(JSON.readTree(line));
        }
    }

    /// Whether a statement was carried out; not if its commit met another one.
    boolean accepts(String statement) throws IOException {
        try {
            rows(statement);
            return true;
        } catch (IOException e) {
            if (String.valueOf(e.getMessage()).contains("CommitFailedException")) {
                return false;
            }
            throw e;
        }
    }

    /// The one number that a statement gives.
    long number(String statement) throws IOException {
        return rows(statement).getFirst().elements().next().asLong();
    }

    @Override
    public void close() throws IOException {
        in.close();
        try {
            if (!process.waitFor(20, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }
}
