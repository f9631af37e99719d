package io.hypaware.sink.otlp;

import io.hypaware.read.SessionStep.Called;
import java.time.Instant;

/// How a call ended, on its span: the status, and an event where it failed or broke off.
final class CallOutcome {

    private CallOutcome() {}

    static void on(TraceSpan span, Called called, Instant end) {
        called.status().ifPresent(status -> span.number(GenAi.HTTP_STATUS, status));
        called.firstByte().ifPresent(time -> span.number(GenAi.FIRST_BYTE, time.toMillis()));
        if (!called.isFailed()) {
            return;
        }
        boolean isCut = called.isCut() || called.status().isEmpty();
        String type = isCut ? called.outcome() : called.status().get().toString();
        span.failed(type);
        if (isCut) {
            span.event("hypaware.cut", end, GenAi.CLOSED_BY, called.closedBy());
        } else {
            span.event("hypaware.error", end, GenAi.ERROR_TYPE, type);
        }
    }
}
