package io.hypaware.sink.otlp;

import io.hypaware.journal.SinkState.Refused;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest;
import java.io.IOException;
import java.io.Writer;

/// A file of the protocol's JSON, a request a line, as the Collector writes and reads one.
final class OtlpFile implements SpanDelivery {

    private final Writer out;

    OtlpFile(Writer out) {
        this.out = out;
    }

    @Override
    public Refused deliver(ExportTraceServiceRequest spans) throws IOException {
        OtlpJson.line(spans, out);
        return Refused.NONE;
    }
}
