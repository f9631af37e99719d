package io.hypaware.cli;

import java.io.Console;
import java.io.IOException;
import java.util.Optional;
import org.jline.terminal.TerminalBuilder;

/// The terminal, if output goes to one.
final class Terminal {

    /// Its columns; 0 if output goes elsewhere and need not fit.
    static int width() {
        String columns = System.getenv("COLUMNS");
        if (columns != null && columns.matches("\\d{1,4}")) {
            return Integer.parseInt(columns);
        }
        if (!isThere()) {
            return 0;
        }
        try (org.jline.terminal.Terminal terminal =
                TerminalBuilder.builder().system(true).dumb(true).build()) {
            int measured = terminal.getSize().getColumns();
            return measured > 0 ? measured : 80;
        } catch (IOException e) {
            return 80;
        }
    }

    /// Whether output goes to a terminal.
    static boolean isThere() {
        return Optional.ofNullable(System.console()).filter(Console::isTerminal).isPresent();
    }

    private Terminal() {}
}
