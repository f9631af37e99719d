package io.hypaware.daemon;

import io.hypaware.home.HypHome;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/// Starts and stops the gateway in the background.
public final class Up {

    private static final Duration START_PATIENCE = Duration.ofSeconds(30);
    private static final Duration POLL = Duration.ofMillis(20);

    private final HypHome home;
    private final GatewayFiles files;

    public Up(HypHome home) {
        this.home = home;
        this.files = new GatewayFiles(home);
    }

    /// Starts the gateway and waits until it listens.
    ///
    /// @throws IllegalStateException if it does not come up; the message is what it said
    public GatewayFiles.Address start() throws IOException, InterruptedException {
        Path log = HypHome.privateFolder(home.logs()).resolve("gateway.out");
        Process process = HypProcess.gateway(home).redirectOutput(log.toFile()).start();
        long deadline = System.nanoTime() + START_PATIENCE.toNanos();
        while (System.nanoTime() < deadline) {
            Optional<GatewayFiles.Address> address = files.address();
            if (address.isPresent() && address.get().pid() == process.pid()) {
                return address.get();
            }
            if (process.waitFor(POLL.toMillis(), TimeUnit.MILLISECONDS)) {
                String said = Files.readString(log, StandardCharsets.UTF_8).strip();
                throw new IllegalStateException(
                        said.isEmpty() ? "the gateway ended with " + process.exitValue() : said);
            }
        }
        throw new IllegalStateException(
                "the gateway did not come up within " + START_PATIENCE.toSeconds() + " s; see " + log);
    }

    /// Tells the gateway to stop.
    ///
    /// @param now not to wait for open calls
    /// @return false if it still runs after `patience`
    public boolean stop(GatewayFiles.Address address, boolean now, Duration patience) throws InterruptedException {
        Optional<ProcessHandle> process = ProcessHandle.of(address.pid());
        if (process.isEmpty()) {
            return true;
        }
        process.get().destroy();
        if (now) {
            Thread.sleep(200);
            process.get().destroy();
        }
        return await(address, patience);
    }

    /// Waits for the gateway to end; false if it still runs after `patience`.
    public boolean await(GatewayFiles.Address address, Duration patience) throws InterruptedException {
        Optional<ProcessHandle> process = ProcessHandle.of(address.pid());
        if (process.isEmpty()) {
            return true;
        }
        long deadline = System.nanoTime() + patience.toNanos();
        while (process.get().isAlive() && System.nanoTime() < deadline) {
            Thread.sleep(POLL);
        }
        return !process.get().isAlive();
    }
}
