package io.hypaware.journal;

/// The journal could not be read or written.
public final class JournalException extends RuntimeException {

    private static final long serialVersionUID = 1;

    public JournalException(String message, Throwable cause) {
        super(message + ": " + cause.getMessage(), cause);
    }
}
