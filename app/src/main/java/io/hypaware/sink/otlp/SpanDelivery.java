package io.hypaware.sink.otlp;

import io.hypaware.journal.SinkState.Refused;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest;
import java.io.IOException;

/// Where spans go.
interface SpanDelivery {

    /// Hands spans over; returns once they are taken.
    ///
    /// @return what of them was refused, for good
    /// @throws io.hypaware.sink.SinkException if they were not taken, and may be later
    Refused deliver(ExportTraceServiceRequest spans) throws IOException;
}
