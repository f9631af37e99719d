package io.hypaware.spark;

import static java.util.Objects.requireNonNull;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.hypaware.home.HypHome;
import io.hypaware.spark.console.Console;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/// A Spark in a process of its own, which is sent SQL and answers with rows. It ends when this process does.
public final class SparkProcess implements AutoCloseable {

    /// What Spark reaches into, on a Java that keeps its packages closed.
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
            "sun.security.action",
            "sun.util.calendar");

    /// On a new Java, Netty does without what Iceberg's copy of Arrow takes for granted; then no file is read.
    private static final List<String> NETTY = List.of(
            "-Dio.netty.noUnsafe=false",
            "-Dio.netty.tryReflectionSetAccessible=true",
            "-Dorg.apache.iceberg.shaded.io.netty.noUnsafe=false",
            "-Dorg.apache.iceberg.shaded.io.netty.tryReflectionSetAccessible=true");

    private static final List<String> CONSOLE =
            List.of("Console.class", "PlainQuery.class", "PlainQuery$Look.class", "JsonMerge.class");

    private static final ObjectMapper JSON = new ObjectMapper();

    private static final int MOST_BYTES = 64 << 20;

    private static final int SECONDS_TO_END = 20;

    /// Takes rows one after the other.
    @FunctionalInterface
    public interface RowConsumer {
        void accept(JsonNode row) throws IOException;
    }

    private final Process process;
    private final DataInputStream in;
    private final DataOutputStream out;
    private final Path log;

    private SparkProcess(Process process, Path log) {
        this.process = process;
        this.log = log;
        this.in = new DataInputStream(new BufferedInputStream(process.getInputStream()));
        this.out = new DataOutputStream(new BufferedOutputStream(process.getOutputStream()));
    }

    /// Starts Spark, which takes some seconds.
    ///
    /// @param work a folder of the user's own for what Spark keeps meanwhile
    /// @param settings as Spark's configuration calls them; they may hold keys, and are on no command line
    /// @param log gets what Spark says
    public static SparkProcess start(SparkJars jars, Path work, Map<String, String> settings, Path log)
            throws IOException {
        return start(jars, work, settings, Map.of(), log);
    }

    /// @param environment variables besides this process's own
    static SparkProcess start(
            SparkJars jars, Path work, Map<String, String> settings, Map<String, String> environment, Path log)
            throws IOException {
        HypHome.privateFolder(work);
        HypHome.privateFolder(log.resolveSibling("").toAbsolutePath());
        List<String> command = new ArrayList<>();
        command.add(jars.java().toString());
        OPENED.forEach(name -> command.add("--add-opens=java.base/" + name + "=ALL-UNNAMED"));
        command.addAll(NETTY);
        command.addAll(List.of(
                "-Djdk.reflect.useDirectMethodHandle=false",
                "-Djava.io.tmpdir=" + work,
                "-Xmx" + jars.heap(),
                "-cp",
                consoleFolder(work) + File.pathSeparator + jars.classPath(),
                Console.class.getName()));
        ProcessBuilder builder = new ProcessBuilder(command).redirectError(log.toFile());
        builder.environment().putAll(environment);
        SparkProcess spark = new SparkProcess(builder.start(), log);
        try {
            spark.configure(settings);
            return spark;
        } catch (IOException e) {
            spark.close();
            throw e;
        }
    }

    /// What of ours Spark needs, alone in a folder.
    private static Path consoleFolder(Path work) throws IOException {
        Path folder = work.resolve("console");
        Path files = folder.resolve(Console.class.getPackageName().replace('.', '/'));
        HypHome.privateFolder(files);
        for (String name : CONSOLE) {
            try (InputStream bytes = Console.class.getResourceAsStream(name)) {
                Files.write(
                        files.resolve(name),
                        requireNonNull(bytes, "the console is not in the program")
                                .readAllBytes());
            }
        }
        return folder;
    }

    private void configure(Map<String, String> settings) throws IOException {
        try {
            out.writeInt(settings.size());
            for (Map.Entry<String, String> setting : settings.entrySet()) {
                send(setting.getKey());
                send(setting.getValue());
            }
            out.flush();
        } catch (IOException e) {
            throw ended(e);
        }
        answers(_ -> {}, _ -> {});
    }

    /// The rows of a statement whose result is small.
    ///
    /// @throws SparkException if the statement fails, or Spark has ended
    public List<JsonNode> rows(String sql) throws IOException {
        List<JsonNode> rows = new ArrayList<>();
        query(sql, rows::add);
        return rows;
    }

    /// Keeps the rows of a query as they are now, as a view of this session: what is changed later does not change
    /// them.
    public void keep(String view, String select) throws IOException {
        query("KEEP " + view + " AS " + select, _ -> {});
    }

    /// Takes what a result looks like, as Spark says it, before its rows.
    @FunctionalInterface
    public interface SchemaConsumer {
        void accept(JsonNode schema) throws IOException;
    }

    /// Runs a statement.
    ///
    /// @throws SparkException if the statement fails, or Spark has ended
    public void query(String sql, RowConsumer consumer) throws IOException {
        run('S', sql, _ -> {}, consumer);
    }

    /// Runs a statement of a user, if it is a query over views.
    ///
    /// @throws SparkException if it is something else, or fails, or Spark has ended
    public void plainQuery(String sql, SchemaConsumer schema, RowConsumer consumer) throws IOException {
        run('Q', sql, schema, consumer);
    }

    private void run(char kind, String sql, SchemaConsumer schema, RowConsumer consumer) throws IOException {
        try {
            out.writeByte(kind);
            send(sql);
            out.flush();
        } catch (IOException e) {
            throw ended(e);
        }
        answers(schema, consumer);
    }

    private void answers(SchemaConsumer schema, RowConsumer consumer) throws IOException {
        while (true) {
            byte kind;
            String text;
            try {
                kind = in.readByte();
                int bytes = in.readInt();
                if (bytes < 0 || bytes > MOST_BYTES) {
                    throw new IOException(bytes + " bytes of text");
                }
                text = new String(in.readNBytes(bytes), StandardCharsets.UTF_8);
            } catch (IOException e) {
                throw ended(e);
            }
            switch (kind) {
                case 'S' -> schema.accept(json(text));
                case 'R' -> consumer.accept(json(text));
                case 'D' -> {
                    return;
                }
                default ->
                    throw new SparkException(
                            "Spark: " + text.lines().findFirst().orElse("it failed"));
            }
        }
    }

    private static JsonNode json(String text) throws SparkException {
        try {
            return JSON.readTree(text);
        } catch (JsonProcessingException e) {
            throw new SparkException("a row of Spark's is no JSON", e);
        }
    }

    private SparkException ended(IOException e) {
        return new SparkException("Spark has ended before it answered; why is in " + log, e);
    }

    private void send(String text) throws IOException {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        out.writeInt(bytes.length);
        out.write(bytes);
    }

    /// Ends what runs, from another thread.
    public void kill() {
        process.destroyForcibly();
    }

    @Override
    public void close() throws IOException {
        try {
            out.close();
        } catch (IOException e) {
            // it has ended
        }
        try {
            if (!process.waitFor(SECONDS_TO_END, TimeUnit.SECONDS)) {
                kill();
            }
        } catch (InterruptedException e) {
            kill();
            Thread.currentThread().interrupt();
        }
    }
}
