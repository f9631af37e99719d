package io.hypaware.gateway;

import org.jspecify.annotations.Nullable;

/// The gateway could not start; the message says why and what to do.
public final class GatewayException extends RuntimeException {

    private static final long serialVersionUID = 1;

    GatewayException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
