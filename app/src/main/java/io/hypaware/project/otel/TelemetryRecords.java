package io.hypaware.project.otel;

import com.google.protobuf.Message;
import io.hypaware.journal.TelemetryRequest;
import java.io.IOException;
import java.util.List;

/// The records of one request: log records, spans or metrics. It is looked through twice. First all of it, without
/// taking records apart: what is not whole is refused, and what stands around records is known wherever it stands.
/// Then record by record.
sealed interface TelemetryRecords permits ProtobufRecords, JsonRecords {

    /// A record as it was sent.
    interface Raw {
        /// @throws IOException if it is no such record
        Message parse() throws IOException;

        /// About how much it holds.
        long length();
    }

    /// A record that could not be read, and where it stood.
    record Refused(int resource, int scope, Raw raw) {}

    /// Takes records until it has had enough.
    @FunctionalInterface
    interface Taker {
        boolean take(int resource, int scope, Raw raw) throws IOException;
    }

    /// @throws IOException if the request is not whole, or none
    static TelemetryRecords of(TelemetryRequest request) throws IOException {
        RequestBody body = new RequestBody(request);
        try {
            return body.isJson() ? new JsonRecords(request, body) : new ProtobufRecords(request, body);
        } catch (StackOverflowError e) {
            throw new IOException("it is nested too deeply", e);
        }
    }

    Outline outline();

    /// @return whether the last one taken asked for more
    boolean read(Taker taker) throws IOException;

    /// A body of the same kind with nothing but some of the records, as they were sent, and what stands around them.
    byte[] alone(List<Refused> records) throws IOException;
}
