package io.hypaware.journal;

import static java.util.Objects.requireNonNull;

/// One header field as it stood on the wire.
public record Header(String name, String value) {

    public Header {
        requireNonNull(name, "name is null");
        requireNonNull(value, "value is null");
    }
}
