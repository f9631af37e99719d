package io.hypaware.testing;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

/// A server that tests start in a process of its own: what it is made of, and where it may listen.
final class ServerModule {

    private static final int SECONDS = 300;

    /// The jars of a module below `servers`, resolved once.
    static Path libraries(String name) throws IOException, InterruptedException {
        Path module = Path.of("../servers", name).toAbsolutePath().normalize();
        Path libraries = module.resolve("target/lib");
        if (!Files.isDirectory(libraries)) {
            Process maven = new ProcessBuilder("../mvnw", "-B", "-q", "-f", module.toString(), "process-resources")
                    .inheritIO()
                    .start();
            if (!maven.waitFor(SECONDS, TimeUnit.SECONDS) || maven.exitValue() != 0) {
                throw new IOException("the class path of " + module + " cannot be resolved");
            }
        }
        return libraries;
    }

    static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    private ServerModule() {}
}
