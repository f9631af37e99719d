package io.hypaware.journal;

import java.io.IOException;
import org.sqlite.SQLiteException;

/// The journal could not be read or written.
public final class JournalException extends RuntimeException {

    private static final long serialVersionUID = 1;

    public JournalException(String message, Throwable cause) {
        super(message + ": " + cause.getMessage(), cause);
    }

    /// Whether the file or its disk is at fault, rather than what was to be written: it is worth trying again later.
    public boolean isOfTheDisk() {
        if (getCause() instanceof IOException) {
            return true;
        }
        return getCause() instanceof SQLiteException sqlite
                && switch (sqlite.getResultCode().code & 0xff) {
                    // FULL, IOERR, READONLY, CANTOPEN, BUSY, LOCKED, NOMEM
                    case 13, 10, 8, 14, 5, 6, 7 -> true;
                    default -> false;
                };
    }
}
