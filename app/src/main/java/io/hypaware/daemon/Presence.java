package io.hypaware.daemon;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.hypaware.gateway.Gateway;
import io.hypaware.home.ProcessLock;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.HttpURLConnection;
import java.net.Proxy;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.Optional;
import java.util.Random;

/// Whether a gateway of a home is there. What it answers counts, not its files: a lock may be held by a process that
/// hangs, and a file may be left by one that is gone.
public sealed interface Presence {

    /// No process holds the lock.
    record Absent() implements Presence {}

    /// It answered.
    ///
    /// @param status what it said of itself
    record Answering(GatewayFiles.Address address, JsonNode status) implements Presence {}

    /// A process holds the lock and does not answer: it starts, or it hangs.
    ///
    /// @param address where it should, as far as it is known
    record Silent(Optional<GatewayFiles.Address> address, String owner, String why) implements Presence {

        /// The process, if it is beyond doubt the one that took the lock: its number and the time it began agree with
        /// what it wrote down. Never by a number alone, which the system gives out again.
        Optional<ProcessHandle> process() {
            return address.flatMap(GatewayFiles.Address::process);
        }
    }

    int TIMEOUT_MILLIS = 2_000;

    int POLL_MILLIS = 50;

    /// Waits for a gateway to answer; whether one does.
    static boolean await(GatewayFiles files, Duration patience) throws InterruptedException {
        long deadline = System.nanoTime() + patience.toNanos();
        while (!(of(files) instanceof Answering)) {
            if (System.nanoTime() > deadline) {
                return false;
            }
            Thread.sleep(POLL_MILLIS);
        }
        return true;
    }

    static Presence of(GatewayFiles files) {
        Optional<GatewayFiles.Address> address = files.address();
        boolean taken = ProcessLock.isTaken(files.lockFile());
        if (address.isEmpty()) {
            return taken
                    ? new Silent(address, ProcessLock.owner(files.lockFile()), "it has not begun to listen")
                    : new Absent();
        }
        try {
            JsonNode status = ask(address.get(), TIMEOUT_MILLIS);
            // By number and start time, not by the home's path, which may have several names.
            if (status.path("pid").asLong() == address.get().pid()
                    && status.path("started_ms").asLong() == address.get().startedMillis()) {
                return new Answering(address.get(), status);
            }
            return taken
                    ? new Silent(address, ProcessLock.owner(files.lockFile()), "another program answers at its port")
                    : new Absent();
        } catch (IOException e) {
            return taken
                    ? new Silent(address, ProcessLock.owner(files.lockFile()), "no answer: " + e.getMessage())
                    : new Absent();
        }
    }

    /// Sends bytes to a gateway, which says them back.
    ///
    /// @throws IOException if it does not
    static void echo(String url, int length) throws IOException {
        byte[] sent = new byte[length];
        new Random().nextBytes(sent);
        HttpURLConnection connection =
                (HttpURLConnection) URI.create(url + Gateway.ECHO_PATH).toURL().openConnection(Proxy.NO_PROXY);
        connection.setConnectTimeout(TIMEOUT_MILLIS);
        connection.setReadTimeout(TIMEOUT_MILLIS);
        connection.setDoOutput(true);
        try (OutputStream out = connection.getOutputStream()) {
            out.write(sent);
        }
        try (InputStream in = connection.getInputStream()) {
            if (!Arrays.equals(sent, in.readNBytes(length + 1))) {
                throw new IOException("what came back is not what was sent");
            }
        } finally {
            connection.disconnect();
        }
    }

    /// What a gateway says of itself in one line; nothing if there is none that answers.
    static Optional<String> line(GatewayFiles files) {
        try {
            Optional<GatewayFiles.Address> address = files.address();
            return address.isEmpty()
                    ? Optional.empty()
                    : new String(get(address.get().url() + Gateway.LINE_PATH, TIMEOUT_MILLIS), StandardCharsets.UTF_8)
                            .lines()
                            .findFirst();
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    /// Asks a gateway for its status, by a request as any client makes one.
    static JsonNode ask(GatewayFiles.Address address, int timeoutMillis) throws IOException {
        return new ObjectMapper().readTree(get(address.url() + Gateway.STATUS_PATH, timeoutMillis));
    }

    private static byte[] get(String url, int timeoutMillis) throws IOException {
        // Whatever proxy the user's network has, this machine is reached without it.
        HttpURLConnection connection =
                (HttpURLConnection) URI.create(url).toURL().openConnection(Proxy.NO_PROXY);
        connection.setConnectTimeout(timeoutMillis);
        connection.setReadTimeout(timeoutMillis);
        try (InputStream in = connection.getInputStream()) {
            return in.readNBytes(1 << 20);
        } finally {
            connection.disconnect();
        }
    }
}
