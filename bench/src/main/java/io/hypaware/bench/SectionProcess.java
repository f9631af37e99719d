package io.hypaware.bench;

import io.hypaware.bench.report.Figures;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;

/// A section in a process of its own, whose errors are shown and remembered.
final class SectionProcess {

    /// Says to `bench/run` that all is built, and that it must not be built in the middle of a measurement.
    private static final String BUILT = "HYP_BENCH_BUILT";

    /// Where benches make their homes.
    private static final String FOLDER = "HYP_BENCH_FOLDER";

    /// What a logger says, with its line above; no reason to end.
    private static final Pattern LOGGED = Pattern.compile("(?:WARNING|INFO|SEVERE|[A-Z][a-z]{2} \\d\\d?, \\d{4}) ?");

    private final Process process;
    private final Thread reader;
    private volatile String reason = "";

    private SectionProcess(Process process) {
        this.process = process;
        this.reader = Thread.ofVirtual().start(this::readErrors);
    }

    /// @param folder for all that the section makes; its figures are in `figures` there
    static SectionProcess start(Path root, Section section, Path folder) throws IOException {
        List<String> command = new ArrayList<>(List.of(root.resolve("bench/run").toString()));
        command.addAll(section.words());
        ProcessBuilder builder = new ProcessBuilder(command)
                .redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()))
                .redirectOutput(ProcessBuilder.Redirect.INHERIT);
        builder.environment().put(BUILT, "yes");
        builder.environment().put(FOLDER, folder.toString());
        builder.environment().put(Figures.FILE, figures(folder).toString());
        return new SectionProcess(builder.start());
    }

    static Path figures(Path folder) {
        return folder.resolve("figures");
    }

    /// Why it failed; nothing if it ended well, whether budgets were held or not.
    Optional<String> failure(Duration most) throws InterruptedException {
        if (!process.waitFor(most.toSeconds(), TimeUnit.SECONDS)) {
            process.descendants().forEach(ProcessHandle::destroy);
            process.destroy();
            return Optional.of("it did not end within " + most.toMinutes() + " minutes");
        }
        reader.join(Duration.ofSeconds(5));
        int code = process.exitValue();
        if (code == 0 || code == Figures.MISSED) {
            return Optional.empty();
        }
        return Optional.of("it ended with " + code + (reason.isEmpty() ? "" : ": " + reason));
    }

    /// The first exception is the cause of those after it; without one, the last line says most.
    private void readErrors() {
        try (BufferedReader lines = process.errorReader()) {
            boolean isCause = false;
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                System.err.println(line);
                if (!isCause && !line.isBlank() && !LOGGED.matcher(line).lookingAt()) {
                    reason = line.strip();
                    isCause = line.startsWith("Exception in thread");
                }
            }
        } catch (IOException e) {
            // it was ended
        }
    }
}
