package io.hypaware.daemon;

import io.hypaware.home.HypHome;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.logging.FileHandler;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.Logger;
import java.util.logging.SimpleFormatter;

/// Logs of long-lived processes: files in `logs/`, rotated, bounded.
public final class Logs {

    private static final int FILE_BYTES = 5_000_000;
    private static final int FILES = 3;

    /// Held, because the log manager itself forgets loggers that no one holds.
    private static final Logger ICEBERG = Logger.getLogger("org.apache.iceberg");

    /// Keeps libraries quiet in commands that people run; what matters to them is said by the command.
    public static void quiet() {
        Logger.getLogger("").setLevel(Level.WARNING);
        ICEBERG.setLevel(Level.SEVERE);
    }

    /// Sends what this process logs to `<name>.<n>.log`.
    public static void toFile(HypHome home, String name) {
        System.setProperty("java.util.logging.SimpleFormatter.format", "%1$tFT%1$tT.%1$tL %4$s %3$s %5$s%6$s%n");
        Path folder = HypHome.privateFolder(home.logs());
        Logger root = Logger.getLogger("");
        try {
            FileHandler file = new FileHandler(folder.resolve(name + ".%g.log").toString(), FILE_BYTES, FILES, true);
            file.setFormatter(new SimpleFormatter());
            for (Handler console : root.getHandlers()) {
                root.removeHandler(console);
            }
            root.addHandler(file);
            root.setLevel(Level.INFO);
        } catch (IOException e) {
            throw new UncheckedIOException("the log folder " + folder + " cannot be written", e);
        }
    }

    private Logs() {}
}
