package io.hypaware.daemon;

/// A gateway of this home runs already; the message says which.
public final class RunsAlreadyException extends IllegalStateException {

    /// Tells the supervisor that it is one too many.
    public static final int EXIT_CODE = 69;

    private static final long serialVersionUID = 1;

    RunsAlreadyException(String message) {
        super(message);
    }
}
