package io.hypaware.config;

import static java.util.Objects.requireNonNull;

/// A config that cannot be used. The message names the file, the JSON pointer, what was found and what is allowed.
public final class ConfigException extends RuntimeException {

    private static final long serialVersionUID = 1;

    private final String pointer;
    private final String reason;

    public ConfigException(String pointer, String message) {
        super(message);
        this.reason = message;
        this.pointer = requireNonNull(pointer, "pointer is null");
    }

    /// What was found and what is allowed.
    public String reason() {
        return reason;
    }

    /// Where in the file, as an RFC 6901 JSON pointer; empty for the whole file.
    public String pointer() {
        return pointer;
    }
}
