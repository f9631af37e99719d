package io.hypaware.cli;

import io.hypaware.config.ConfigFile;
import io.hypaware.query.QuerySession;
import java.sql.SQLException;
import java.util.List;
import java.util.Set;

/// What nearly each command needs and what takes time until it is there, loaded by a second thread while the first one
/// reads the command line. A command that comes too early waits for the same, as it would without.
final class WarmUp {

    /// Those that ask the engine.
    private static final Set<String> ASKING = Set.of("exchange", "query", "session");

    /// Those that nobody waits for, or that need none of it.
    private static final Set<String> WITHOUT = Set.of("completion", "daemon", "help", "statusline", "worker");

    /// Longer than loading takes; the JVM ends without it then.
    private static final long MOST_MILLIS = 1_000;

    private final Thread thread;

    private WarmUp(Thread thread) {
        this.thread = thread;
    }

    /// Begins with what a command line needs.
    static WarmUp begin(List<String> arguments) {
        String command = arguments.isEmpty() ? "help" : arguments.getFirst();
        Thread thread = new Thread(() -> load(command), "warm-up");
        thread.setDaemon(true);
        // One core would do the same one after the other, and more.
        if (Runtime.getRuntime().availableProcessors() > 1 && !WITHOUT.contains(command) && !command.startsWith("-")) {
            thread.start();
        }
        return new WarmUp(thread);
    }

    private static void load(String command) {
        try {
            ConfigFile.load();
            if (ASKING.contains(command)) {
                QuerySession.load();
            }
        } catch (SQLException | RuntimeException | LinkageError _) {
            // Whoever needs it says why it is not there.
        }
    }

    /// Waits for it: a process that ends while the engine is being loaded might not end well.
    void await() {
        try {
            thread.join(MOST_MILLIS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
