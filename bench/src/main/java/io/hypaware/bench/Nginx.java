package io.hypaware.bench;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/// nginx as it streams best: kept connections on both sides, nothing buffered, nothing logged.
final class Nginx {

    private static final List<String> USUAL =
            List.of("/usr/sbin", "/usr/bin", "/usr/local/bin", "/usr/local/sbin", "/opt/homebrew/bin");

    /// Before a provider; nothing where nginx is not installed.
    static Optional<Child> start(int providerPort) throws IOException, InterruptedException {
        Optional<Path> program = program();
        if (program.isEmpty()) {
            return Optional.empty();
        }
        Path folder = Files.createTempDirectory("hyp-nginx");
        int port = Child.freePort();
        Path config = Files.writeString(folder.resolve("nginx.conf"), """
            daemon off;
            worker_processes 2;
            pid %1$s/nginx.pid;
            error_log %1$s/error.log;
            events { worker_connections 1024; }
            http {
              access_log off;
              client_max_body_size 0;
              client_body_temp_path %1$s/body;
              proxy_temp_path %1$s/proxy;
              keepalive_requests 1000000;
              upstream provider { server 127.0.0.1:%3$d; keepalive 200; keepalive_requests 1000000; }
              server {
                listen 127.0.0.1:%2$d;
                location / {
                  proxy_pass http://provider;
                  proxy_http_version 1.1;
                  proxy_set_header Connection "";
                  proxy_buffering off;
                  proxy_request_buffering off;
                }
              }
            }
            """.formatted(folder, port, providerPort));
        return Optional.of(
                Child.program(port, program.get().toString(), "-p", folder.toString(), "-c", config.toString()));
    }

    static Optional<Path> program() {
        return program(System.getenv().getOrDefault("PATH", ""));
    }

    /// The first one on the path, then where systems put it that is not on everybody's.
    static Optional<Path> program(String path) {
        return Stream.concat(
                        Stream.of(path.split(File.pathSeparator, -1)).filter(folder -> !folder.isEmpty()),
                        USUAL.stream())
                .map(folder -> Path.of(folder, "nginx"))
                .filter(file -> Files.isRegularFile(file) && Files.isExecutable(file))
                .findFirst();
    }

    private Nginx() {}
}
