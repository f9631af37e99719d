package io.hypaware.sink;

import java.io.IOException;
import java.time.Duration;
import java.util.Optional;

/// What was to leave could not. Nothing is lost: the next run goes on where this one stopped.
public final class SinkException extends IOException {

    private static final long serialVersionUID = 1L;

    private final transient Optional<Duration> notBefore;

    public SinkException(String message) {
        this(message, Optional.empty());
    }

    /// @param notBefore how long the receiver wants to be left alone
    public SinkException(String message, Optional<Duration> notBefore) {
        super(message);
        this.notBefore = notBefore;
    }

    public Optional<Duration> notBefore() {
        return notBefore;
    }
}
