package io.hypaware.legacy;

/// Something in an older cache cannot be read, so that nothing is assumed about it. The message names file and
/// way out.
public final class UnreadableCacheException extends Exception {

    private static final long serialVersionUID = 1;

    public UnreadableCacheException(String message) {
        super(message);
    }

    public UnreadableCacheException(String message, Throwable cause) {
        super(message, cause);
    }
}
