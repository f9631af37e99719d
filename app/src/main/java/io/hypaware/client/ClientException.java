package io.hypaware.client;

/// An agent cannot be attached or detached. The message names the file, what is in the way, and the way out; nothing
/// was written.
public final class ClientException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    /// What kind of trouble, as JSON output names it.
    public enum Kind {
        UNREADABLE,
        MALFORMED,
        WRONG_TYPE,
        CONCURRENT_EDIT,
        NOT_WRITABLE,
        GATEWAY_DOWN,
        OVERRIDDEN,
        UNSUPPORTED
    }

    private final Kind kind;

    public ClientException(Kind kind, String message) {
        super(message);
        this.kind = kind;
    }

    public Kind kind() {
        return kind;
    }
}
