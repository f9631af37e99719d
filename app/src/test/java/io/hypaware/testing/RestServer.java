package io.hypaware.testing;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;

/// Iceberg's own server of a REST catalog, in a process of its own. It knows its tables from a SQLite file.
public final class RestServer implements AutoCloseable {

    private final Process process;
    private final int port;

    private RestServer(Process process, int port) {
        this.process = process;
        this.port = port;
    }

    /// @param folder for what it keeps
    /// @param settings of its catalog, as Iceberg calls them
    static RestServer start(Path folder, Map<String, String> settings) throws IOException, InterruptedException {
        Path libraries = ServerModule.libraries("rest");
        Files.createDirectories(folder);
        for (int attempt = 0; attempt < 5; attempt++) {
            int port = ServerModule.freePort();
            ProcessBuilder builder = new ProcessBuilder(
                            Path.of(System.getProperty("java.home"), "bin", "java")
                                    .toString(),
                            "-Xmx192m",
                            "-XX:TieredStopAtLevel=1",
                            "-XX:+UseSerialGC",
                            "--enable-native-access=ALL-UNNAMED",
                            "-Djava.io.tmpdir=" + folder,
                            "-cp",
                            libraries + "/*",
                            "org.apache.iceberg.rest.RESTCatalogServer")
                    .redirectErrorStream(true)
                    .redirectOutput(folder.resolve("server.log").toFile());
            settings.forEach((name, value) -> builder.environment()
                    .put("CATALOG_" + name.replace("-", "__").replace(".", "_").toUpperCase(), value));
            builder.environment().put("CATALOG_URI", "jdbc:sqlite:" + folder.resolve("catalog.db"));
            builder.environment().put("CATALOG_CLIENTS", "1");
            builder.environment().put("CATALOG_REST_PORT", Integer.toString(port));
            builder.environment().put("AWS_ACCESS_KEY_ID", S3Server.ACCESS_KEY);
            builder.environment().put("AWS_SECRET_ACCESS_KEY", S3Server.SECRET_KEY);
            RestServer server = new RestServer(builder.start(), port);
            Runtime.getRuntime().addShutdownHook(new Thread(server.process::destroyForcibly));
            if (server.answers()) {
                return server;
            }
            server.close();
        }
        throw new IOException("the server of a REST catalog does not start: "
                + Files.readString(folder.resolve("server.log")).lines().findFirst());
    }

    private boolean answers() throws InterruptedException {
        try (HttpClient http = HttpClient.newHttpClient()) {
            HttpRequest request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/v1/config"))
                    .timeout(Duration.ofSeconds(10))
                    .build();
            for (int i = 0; i < 600 && process.isAlive(); i++) {
                try {
                    if (http.send(request, BodyHandlers.discarding()).statusCode() == 200) {
                        return true;
                    }
                } catch (IOException e) {
                    // It is not there yet.
                }
                Thread.sleep(50);
            }
        }
        return false;
    }

    public int port() {
        return port;
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }
}
