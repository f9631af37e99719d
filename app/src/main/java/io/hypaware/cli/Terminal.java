package io.hypaware.cli;

import java.io.Console;
import java.util.Optional;
import java.util.OptionalInt;
import org.jline.nativ.CLibrary;
import org.jline.nativ.JLineNativeLoader;

/// The terminal, if output goes to one.
final class Terminal {

    private static final int STDOUT = 1;
    private static final int STDERR = 2;
    private static final int USUAL = 80;

    /// Its columns; 0 if output goes elsewhere and need not fit.
    static int width() {
        String columns = System.getenv("COLUMNS");
        if (columns != null && columns.matches("\\d{1,4}")) {
            return Integer.parseInt(columns);
        }
        if (!isThere()) {
            return 0;
        }
        return measured(STDOUT).orElse(USUAL);
    }

    /// The columns of the terminal to which errors go, whatever becomes of output; 0 if they go elsewhere.
    static int widthOfErrors() {
        return measured(STDERR).orElse(0);
    }

    /// The library's own terminal asks the real one what it can do, and late answers land on the shell's prompt.
    private static OptionalInt measured(int descriptor) {
        try {
            JLineNativeLoader.initialize();
            CLibrary.WinSize size = new CLibrary.WinSize();
            boolean measured = CLibrary.ioctl(descriptor, CLibrary.TIOCGWINSZ, size) == 0 && size.ws_col > 0;
            return measured ? OptionalInt.of(size.ws_col) : OptionalInt.empty();
        } catch (RuntimeException | LinkageError e) {
            return OptionalInt.empty();
        }
    }

    /// Whether output goes to a terminal.
    static boolean isThere() {
        return console().isPresent();
    }

    /// The terminal, to be asked something; nothing, if there is nobody.
    static Optional<Console> console() {
        return Optional.ofNullable(System.console()).filter(Console::isTerminal);
    }

    private Terminal() {}
}
