package io.hypaware.smoke;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.hypaware.daemon.HypProcess;
import io.hypaware.home.Folders;
import java.io.IOException;
import java.net.HttpURLConnection;
import java.net.InetAddress;
import java.net.Proxy;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/// Where a flow plays: a home and a user's folder of its own, a provider, and the commands. Nothing of the person who
/// runs it is read or written.
final class Stage implements AutoCloseable {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int ANSWER_MILLIS = 20_000;
    private static final int END_SECONDS = 60;

    private final Consumer<String> steps;
    private final Path folder;
    private final LoopbackProvider provider;
    private final int port;
    private final int telemetryPort;
    private final Map<String, String> variables = new HashMap<>();
    private int code;

    /// @param steps told of each step that went well
    Stage(Consumer<String> steps) throws IOException {
        this.steps = steps;
        this.folder = Files.createTempDirectory("hyp-smoke");
        this.provider = new LoopbackProvider();
        Files.createDirectories(user().resolve(".claude"));
        try (ServerSocket one = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
                ServerSocket other = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            this.port = one.getLocalPort();
            this.telemetryPort = other.getLocalPort();
        }
    }

    Path home() {
        return folder.resolve("home");
    }

    Path user() {
        return folder.resolve("user");
    }

    Path config() {
        return home().resolve("hypaware-config.json");
    }

    int port() {
        return port;
    }

    /// Writes a config that sends all calls to the provider here.
    void configure() throws IOException {
        Files.createDirectories(home());
        Files.writeString(config(), """
                {"version": 2, "plugins": [{"name": "@hypaware/ai-gateway", "config": {"port": %d, "upstreams": [%s]}}]}
                """.formatted(port, upstreams()));
    }

    int telemetryPort() {
        return telemetryPort;
    }

    /// The same, and telemetry is received.
    void configureTelemetry() throws IOException {
        Files.createDirectories(home());
        Files.writeString(config(), """
                {"version": 2, "plugins": [{"name": "@hypaware/ai-gateway", "config": {"port": %d, "upstreams": [%s]}},
                  {"name": "@hypaware/otel", "config": {"listen_port": %d, "grpc_port": 0}}]}
                """.formatted(port, upstreams(), telemetryPort));
    }

    String upstreams() {
        String url = provider.url();
        return """
                {"name": "anthropic", "base_url": "%s", "provider": "anthropic"},
                {"name": "openai", "base_url": "%s", "provider": "openai"},
                {"name": "chatgpt", "base_url": "%s", "path_prefix": "/backend-api", "provider": "chatgpt"}
                """.formatted(url, url, url);
    }

    /// Sets a variable of commands' environment.
    void let(String variable, String value) {
        variables.put(variable, value);
    }

    ProcessBuilder command(String... arguments) {
        ProcessBuilder builder = HypProcess.command(arguments);
        Map<String, String> environment = builder.environment();
        environment
                .keySet()
                .removeIf(name -> name.startsWith("CLAUDE") || name.startsWith("CODEX") || name.endsWith("_BASE_URL"));
        environment.keySet().removeIf(name -> name.startsWith("AWS_"));
        environment.putAll(variables);
        environment.remove("HYP_CONFIG");
        environment.put("HYP_HOME", home().toString());
        environment.put("HOME", user().toString());
        return builder.directory(user().toFile()).redirectErrorStream(true);
    }

    /// Runs a command to its end; returns what it said.
    String hyp(String... arguments) throws IOException, InterruptedException {
        Process process = command(arguments).start();
        process.getOutputStream().close();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (!process.waitFor(END_SECONDS, TimeUnit.SECONDS)) {
            process.destroyForcibly();
            throw new SmokeFailure("hyp " + String.join(" ", arguments) + " did not end");
        }
        code = process.exitValue();
        return said;
    }

    /// How the last command ended.
    int code() {
        return code;
    }

    JsonNode json(String... arguments) throws IOException, InterruptedException {
        String said = hyp(arguments);
        try {
            return JSON.readTree(said);
        } catch (JsonProcessingException e) {
            throw new SmokeFailure("hyp " + String.join(" ", arguments) + ": expected JSON, found " + said.strip());
        }
    }

    /// The one value of a query.
    String value(String sql) throws IOException, InterruptedException {
        JsonNode rows = json("query", "sql", sql, "--format", "json");
        return rows.path(0).properties().stream()
                .findFirst()
                .map(column -> column.getValue().asText())
                .orElse("");
    }

    /// Makes a call through the recorder; returns the answer's body.
    ///
    /// @param headers name and value, in turn
    String call(String path, String body, String... headers) throws IOException {
        return post(port, path, body, headers);
    }

    /// Sends telemetry; returns the answer's body.
    String export(String signal, String body) throws IOException {
        return post(telemetryPort, "/v1/" + signal, body);
    }

    private static String post(int port, String path, String body, String... headers) throws IOException {
        HttpURLConnection connection = (HttpURLConnection)
                URI.create("http://127.0.0.1:" + port + path).toURL().openConnection(Proxy.NO_PROXY);
        connection.setReadTimeout(ANSWER_MILLIS);
        connection.setDoOutput(true);
        connection.setRequestProperty("content-type", "application/json");
        for (int i = 0; i < headers.length; i += 2) {
            connection.setRequestProperty(headers[i], headers[i + 1]);
        }
        try (var out = connection.getOutputStream()) {
            out.write(body.getBytes(StandardCharsets.UTF_8));
        }
        try (var in = connection.getInputStream()) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    String say(String prompt) throws IOException {
        return call(
                "/v1/messages",
                "{\"model\":\"claude-smoke\",\"stream\":true,\"max_tokens\":9,\"messages\":[{\"role\":\"user\",\"content\":\""
                        + prompt + "\"}]}",
                "anthropic-version",
                "2023-06-01");
    }

    void up() throws IOException, InterruptedException {
        expect("the recorder answers", hyp("up"), "HypAware records at http://127.0.0.1:" + port);
    }

    /// A step: what was found has to contain what is expected.
    void expect(String step, String found, String expected) {
        check(step, found.contains(expected), expected, found);
    }

    void same(String step, Object found, Object expected) {
        check(step, expected.equals(found), expected, found);
    }

    void check(String step, boolean holds, Object expected, Object found) {
        if (!holds) {
            throw new SmokeFailure(step + ": expected " + expected + ", found "
                    + String.valueOf(found).strip());
        }
        steps.accept(step);
    }

    /// Ends what runs, and takes all away.
    @Override
    public void close() throws IOException {
        try {
            hyp("down", "--now");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        provider.close();
        Folders.delete(folder);
    }
}
