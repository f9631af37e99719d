package io.hypaware.sink.otlp;

import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest;
import java.io.IOException;

/// Where spans go.
interface SpanDelivery {

    /// Hands spans over; returns once they are taken.
    ///
    /// @return how many of them were refused, for good
    /// @throws io.hypaware.sink.SinkException if they were not taken, and may be later
    long deliver(ExportTraceServiceRequest spans) throws IOException;
}
