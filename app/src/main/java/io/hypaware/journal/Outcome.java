package io.hypaware.journal;

import java.util.Locale;

/// How an exchange ended.
public enum Outcome {
    /// The answer reached its end, whatever its status.
    COMPLETED,
    /// The provider could not be reached; the client got a 502 from the gateway.
    UPSTREAM_ERROR,
    /// The provider's answer broke off.
    UPSTREAM_CUT,
    /// The client went away before the end.
    CLIENT_ABORTED,
    /// The gateway itself ended the exchange, or died in it.
    GATEWAY_ERROR,
    /// The call was whole; a body longer than the cap is recorded up to the cap.
    CAPTURE_TRUNCATED,
    /// The call was whole; some or all of it could not be recorded.
    CAPTURE_DROPPED;

    public String text() {
        return name().toLowerCase(Locale.ROOT);
    }

    public static Outcome of(String text) {
        return valueOf(text.toUpperCase(Locale.ROOT));
    }
}
