package io.hypaware.cli;

import io.hypaware.config.ConfigFile;
import io.hypaware.config.HypConfig;
import io.hypaware.daemon.Logs;
import io.hypaware.gateway.Gateway;
import io.hypaware.gateway.SessionSwitch;
import io.hypaware.home.HypHome;
import io.hypaware.journal.JournalWriter;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.net.HttpURLConnection;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import picocli.CommandLine;

/// Walks through what commands usually do, once, at build time, in a home that is thrown away. The JVM writes down
/// which classes that loads and compiles, and later starts need not find out again.
final class Training {

    private static final String MCP = """
            {"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-06-18","capabilities":{},\
            "clientInfo":{"name":"training","version":"1"}}}
            {"jsonrpc":"2.0","method":"notifications/initialized"}
            {"jsonrpc":"2.0","id":2,"method":"tools/list","params":{}}
            """;

    public static void main(String[] arguments) throws IOException {
        HypHome home = HypHome.of(System.getenv());
        HypConfig config = ConfigFile.read(home.configFile()).config();
        home.cache(config).make();
        try (JournalWriter journal = JournalWriter.open(home.cache(config).journal(), 1 << 24, 1 << 20);
                Gateway gateway = Gateway.start(
                        freePort(),
                        new Gateway.Parts(new byte[32], journal, () -> "{}", SessionSwitch.NONE, Clock.systemUTC()))) {
            call(
                    gateway.port(),
                    "/v1/messages",
                    "{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}]}");
            call(gateway.port(), "/v1/chat/completions", "{}");
        }
        Logs.quiet();
        PrintStream terminal = System.out;
        System.setOut(new PrintStream(OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8));
        run("status");
        run("query", "sql", "select role, count(*) from ai_gateway_messages group by 1 order by 1");
        run("query", "refresh");
        run("query", "sql", "--format", "json", "select * from ai_gateway_messages limit 1; select 1");
        run("query", "schema", "exchanges");
        run("search", "hi");
        run("session", "list");
        run("exchange", "list", "--format", "json");
        run("config", "show");
        run("status", "--json");
        run("--help");
        // The last, as it keeps its logs in a file.
        System.setIn(new ByteArrayInputStream(MCP.getBytes(StandardCharsets.UTF_8)));
        run("mcp");
        System.setOut(terminal);
    }

    private static void run(String... command) {
        CommandLine commandLine = Hyp.commandLine();
        int code = commandLine.execute(command);
        if (code != 0) {
            throw new IllegalStateException(String.join(" ", command) + " ended with " + code);
        }
    }

    /// The providers are out of reach here: a closed port stands for them.
    private static io.hypaware.config.GatewayConfig freePort() throws IOException {
        java.nio.file.Path file = java.nio.file.Files.createTempFile("training", ".json");
        try {
            java.nio.file.Files.writeString(file, """
                    {"plugins": [{"name": "@hypaware/ai-gateway", "config": {"port": 0, "upstreams": [
                      {"name": "anthropic", "base_url": "http://127.0.0.1:1", "provider": "anthropic"},
                      {"name": "openai", "base_url": "http://127.0.0.1:1", "provider": "openai"}]}}]}""");
            return ConfigFile.read(file).config().gateway();
        } finally {
            java.nio.file.Files.delete(file);
        }
    }

    private static void call(int port, String path, String body) throws IOException {
        HttpURLConnection connection = (HttpURLConnection)
                URI.create("http://127.0.0.1:" + port + path).toURL().openConnection();
        connection.setRequestMethod("POST");
        connection.setDoOutput(true);
        connection.getOutputStream().write(body.getBytes(StandardCharsets.UTF_8));
        if (connection.getResponseCode() != 502) {
            throw new IllegalStateException("expected 502, got " + connection.getResponseCode());
        }
        connection.disconnect();
    }

    private Training() {}
}
