package io.hypaware.daemon;

import io.hypaware.home.HypHome;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Comparator;
import java.util.List;
import java.util.logging.FileHandler;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.Logger;
import java.util.stream.Stream;

/// Logs of long-lived processes: files in `logs/`, rotated, bounded.
public final class Logs {

    private static final int FILE_BYTES = 5_000_000;
    private static final int FILES = 3;
    private static final long PRINTED_BYTES = 1_000_000;
    private static final int KEPT_DEATHS = 5;

    /// Held, because the log manager itself forgets loggers that no one holds.
    private static final Logger ICEBERG = Logger.getLogger("org.apache.iceberg");

    /// It would say in each process that a module of the JDK is not there which it can do without.
    private static final Logger LUCENE = Logger.getLogger("org.apache.lucene.internal.vectorization");

    /// It would say in each process that its events for the flight recorder cannot be registered, which are off here.
    private static final Logger ENGINE_EVENTS = Logger.getLogger("org.duckdb.DuckDBMemoryMonitor");

    /// Keeps libraries quiet in commands that people run; what matters to them is said by the command.
    public static void quiet() {
        Logger.getLogger("").setLevel(Level.WARNING);
        ICEBERG.setLevel(Level.SEVERE);
        LUCENE.setLevel(Level.SEVERE);
        ENGINE_EVENTS.setLevel(Level.SEVERE);
    }

    /// Sends what this process logs to `<name>.<n>.log`.
    public static void toFile(HypHome home, String name) {
        Path folder = HypHome.privateFolder(home.logs());
        Logger root = Logger.getLogger("");
        try {
            FileHandler file = new FileHandler(folder.resolve(name + ".%g.log").toString(), FILE_BYTES, FILES, true);
            file.setFormatter(new JsonLines());
            bound(folder);
            for (Handler console : root.getHandlers()) {
                root.removeHandler(console);
            }
            root.addHandler(file);
            root.setLevel(Level.INFO);
        } catch (IOException e) {
            throw new UncheckedIOException("the log folder " + folder + " cannot be written", e);
        }
    }

    /// Keeps small what others write there: what processes print, and the JVM's reports of its own deaths.
    private static void bound(Path folder) throws IOException {
        List<Path> deaths;
        try (Stream<Path> files = Files.list(folder)) {
            List<Path> all = files.filter(Files::isRegularFile).toList();
            for (Path file : all) {
                boolean printed =
                        file.toString().endsWith(".out") || file.toString().matches(".*/daemon\\.(out|err)\\.log");
                if (printed && Files.size(file) > PRINTED_BYTES) {
                    // Emptied in place: who writes it has it open, and adds to its end.
                    Files.newOutputStream(file, StandardOpenOption.TRUNCATE_EXISTING)
                            .close();
                }
            }
            deaths = all.stream()
                    .filter(file -> file.getFileName().toString().startsWith("hs_err_pid"))
                    .sorted(Comparator.comparingLong(
                                    (Path file) -> file.toFile().lastModified())
                            .reversed())
                    .skip(KEPT_DEATHS)
                    .toList();
        }
        for (Path death : deaths) {
            Files.deleteIfExists(death);
        }
    }

    private Logs() {}
}
