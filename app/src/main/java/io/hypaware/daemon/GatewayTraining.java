package io.hypaware.daemon;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import com.fasterxml.jackson.databind.JsonNode;
import io.hypaware.config.ConfigFile;
import io.hypaware.gateway.Gateway;
import io.hypaware.home.HypHome;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/// Lets a gateway do what gateways do, once, in a home that is thrown away, so that its JVM writes down which classes
/// that takes ([JvmCache#GATEWAY]). It is started as by a supervisor; client, exporter and provider are this process.
public final class GatewayTraining {

    private static final Duration PATIENCE = Duration.ofMinutes(2);
    private static final int SOCKET_TIMEOUT_MILLIS = 20_000;

    private static final int ROUNDS = 60;

    private static final String PROMPT = "word ".repeat(2_000);

    /// @param arguments the file to write; without one, the gateway only works
    public static void main(String[] arguments) throws IOException, InterruptedException {
        HypHome home = HypHome.of(System.getenv());
        try (TrainingProvider provider = new TrainingProvider()) {
            Files.writeString(home.configFile(), config(provider.port()));
            ProcessBuilder builder = HypProcess.training(home);
            if (arguments.length > 0) {
                builder.command().addAll(1, JvmCache.writing(Path.of(arguments[0])));
            }
            SharedSocket.asStandardInput(
                    ConfigFile.read(home.configFile()).config().gateway());
            builder.environment()
                    .put("HYP_SUPERVISOR", Long.toString(ProcessHandle.current().pid()));
            Process gateway = builder.redirectInput(ProcessBuilder.Redirect.INHERIT)
                    .redirectOutput(ProcessBuilder.Redirect.INHERIT)
                    .start();
            try {
                train(new GatewayFiles(home));
            } finally {
                gateway.destroy();
            }
            // It writes the cache at its end.
            if (!gateway.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
                gateway.destroyForcibly();
                throw new IllegalStateException("the gateway did not end");
            }
        }
        System.exit(0);
    }

    /// The ports are those that others look at later, when nobody listens there.
    private static String config(int provider) throws IOException {
        return """
                {"version": 2, "plugins": [
                  {"name": "@hypaware/ai-gateway", "config": {"port": %4$d, "upstreams": [
                    {"name": "anthropic", "base_url": "http://127.0.0.1:%1$d", "provider": "anthropic"},
                    {"name": "openai", "base_url": "http://127.0.0.1:%1$d", "provider": "openai"},
                    {"name": "secured", "base_url": "https://127.0.0.1:%1$d"}]}},
                  {"name": "@hypaware/otel", "config": {"listen_port": %2$d, "grpc_port": %3$d}}]}
                """.formatted(provider, freePort(), freePort(), freePort());
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    private static void train(GatewayFiles files) throws IOException, InterruptedException {
        if (!Presence.await(files, PATIENCE)) {
            throw new IllegalStateException("the gateway did not come up");
        }
        int port = files.address().orElseThrow().port();
        for (int i = 0; i < ROUNDS; i++) {
            // With a session in some, and a history that grows.
            String session = i % 2 == 0 ? "" : "x-claude-code-session-id: training\r\n";
            call(port, "/v1/messages", session, messages(i, false));
            call(port, "/v1/messages", session, messages(i, true));
            call(port, "/v1/chat/completions", "authorization: Bearer sk-training\r\n", messages(i, true));
        }
        keep(port);
        call(port, "/nowhere", "", "{}");
        // The provider speaks no TLS: it begins, and fails.
        call(port, "/secured/v1/messages", "", "{}");
        call(port, "/v1/messages", "expect: 100-continue\r\n", messages(ROUNDS, false));
        upgrade(port);
        get(port, Gateway.STATUS_PATH);
        get(port, Gateway.LINE_PATH + "?session=training");
        if (Presence.of(files) instanceof Presence.Answering(GatewayFiles.Address _, JsonNode status)) {
            int receiver = status.at("/telemetry/http/port").asInt();
            for (String signal : new String[] {"logs", "traces", "metrics"}) {
                call(receiver, "/v1/" + signal, "", "{}");
            }
        }
    }

    /// Calls as agents make them, on a connection that is kept.
    private static void keep(int port) throws IOException {
        byte[] request =
                request(port, "/v1/messages", "", messages(ROUNDS, true)).getBytes(ISO_8859_1);
        try (Socket socket = connect(port);
                InputStream in = new BufferedInputStream(socket.getInputStream())) {
            for (int i = 0; i < ROUNDS; i++) {
                socket.getOutputStream().write(request);
                String head = TrainingProvider.head(in);
                if (!head.startsWith("http/1.1 200")) {
                    throw new IOException("no answer of the gateway");
                }
                TrainingProvider.body(in, head);
            }
        }
    }

    private static String messages(int turns, boolean streamed) {
        return "{\"model\":\"m\",\"stream\":" + streamed + ",\"messages\":[{\"role\":\"user\",\"content\":\"" + PROMPT
                + "\"}" + ",{\"role\":\"user\",\"content\":\"more\"}".repeat(turns) + "]}";
    }

    private static void call(int port, String path, String headers, String body) throws IOException {
        exchange(port, request(port, path, "connection: close\r\n" + headers, body));
    }

    private static String request(int port, String path, String headers, String body) {
        return """
                POST %s HTTP/1.1\r
                host: localhost:%d\r
                content-type: application/json\r
                content-length: %d\r
                %s\r
                %s""".formatted(path, port, body.length(), headers, body);
    }

    private static void get(int port, String path) throws IOException {
        exchange(port, "GET " + path + " HTTP/1.1\r\nhost: localhost:" + port + "\r\nconnection: close\r\n\r\n");
    }

    private static void exchange(int port, String request) throws IOException {
        try (Socket socket = connect(port)) {
            socket.getOutputStream().write(request.getBytes(ISO_8859_1));
            byte[] answer = socket.getInputStream().readAllBytes();
            if (answer.length == 0) {
                throw new IOException("no answer of the gateway");
            }
        }
    }

    /// A connection that is taken over by another protocol, and is closed by its client.
    private static void upgrade(int port) throws IOException {
        try (Socket socket = connect(port);
                InputStream in = new BufferedInputStream(socket.getInputStream())) {
            socket.getOutputStream().write("""
                    GET /v1/responses HTTP/1.1\r
                    host: localhost\r
                    connection: upgrade\r
                    upgrade: websocket\r
                    sec-websocket-version: 13\r
                    sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r
                    \r
                    """.getBytes(ISO_8859_1));
            if (!TrainingProvider.head(in).startsWith("http/1.1 101")) {
                throw new IOException("the gateway did not switch protocols");
            }
            // A text without a word, masked with zeros.
            byte[] frame = {(byte) 0x81, (byte) 0x80, 0, 0, 0, 0};
            for (int i = 0; i < ROUNDS; i++) {
                socket.getOutputStream().write(frame);
                in.readNBytes(frame.length);
            }
        }
    }

    private static Socket connect(int port) throws IOException {
        Socket socket = new Socket(InetAddress.getLoopbackAddress(), port);
        socket.setSoTimeout(SOCKET_TIMEOUT_MILLIS);
        return socket;
    }

    private GatewayTraining() {}
}
