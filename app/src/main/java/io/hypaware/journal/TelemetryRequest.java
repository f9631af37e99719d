package io.hypaware.journal;

import java.time.Instant;
import java.util.Locale;

/// What an OpenTelemetry exporter sent in one request, as it was sent.
///
/// @param contentType `application/x-protobuf` or `application/json`; gRPC's messages are protobuf
/// @param contentEncoding `gzip`, `zstd`, `deflate`, or empty
public record TelemetryRequest(
        Signal signal, String contentType, String contentEncoding, Instant receivedAt, byte[] body) {

    /// Header by which a request says that it is of HypAware itself. It is answered and not recorded: a recorder that
    /// records what it sends never comes to an end.
    public static final String OWN_HEADER = "x-hypaware-telemetry";

    /// What that header says in an answer: the receiver is HypAware's, and has kept nothing.
    public static final String NOT_RECORDED = "not-recorded";

    /// What a protobuf message is called.
    public static final String PROTOBUF = "application/x-protobuf";

    public static final String JSON = "application/json";

    /// What telemetry is about, and its dataset's name.
    public enum Signal {
        LOGS,
        TRACES,
        METRICS;

        /// As it is called in paths of OTLP/HTTP, in the journal and in queries.
        public String dataset() {
            return name().toLowerCase(Locale.ROOT);
        }
    }
}
