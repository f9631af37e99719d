package io.hypaware.home;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/// Runs another program to its end, bounded in time and in what it says. One that neither says anything nor ends, and
/// one that says more than anybody reads, hold no one.
public final class Command {

    private static final int MOST_SAID = 64 * 1024;

    /// How a program ended.
    ///
    /// @param said on both of its outputs, without white space around it; at most 64 KB
    public record Ended(int code, String said) {}

    /// @return nothing, if it did not end in time; it is ended then
    /// @throws IOException if it cannot be run
    public static Optional<Ended> run(List<String> command, Duration patience)
            throws IOException, InterruptedException {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        process.getOutputStream().close();
        CompletableFuture<String> said = new CompletableFuture<>();
        Thread.ofVirtual().start(() -> {
            try (InputStream out = process.getInputStream()) {
                said.complete(new String(out.readNBytes(MOST_SAID), StandardCharsets.UTF_8).strip());
                out.transferTo(OutputStream.nullOutputStream());
            } catch (IOException e) {
                said.complete("");
            }
        });
        if (!process.waitFor(patience.toMillis(), TimeUnit.MILLISECONDS)) {
            process.destroyForcibly();
            return Optional.empty();
        }
        // What it started may hold its output open.
        String text = said.completeOnTimeout("", 1, TimeUnit.SECONDS).join();
        return Optional.of(new Ended(process.exitValue(), text));
    }

    private Command() {}
}
