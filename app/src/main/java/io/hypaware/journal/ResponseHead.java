package io.hypaware.journal;

import java.time.Duration;
import java.util.List;

/// Status and headers of the answer, and how long they took to arrive.
public record ResponseHead(int status, List<Header> headers, Duration timeToFirstByte) {

    public ResponseHead {
        headers = List.copyOf(headers);
    }
}
