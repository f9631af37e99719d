package io.hypaware.project.otel;

import com.google.protobuf.Message;
import io.hypaware.journal.TelemetryRequest;
import java.io.IOException;
import java.util.ArrayList;
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

        /// What it says, with what is between its texts.
        String text();
    }

    /// A record, and where it stood.
    record Placed(int resource, int scope, Raw raw) {

        /// Those that stood in one scope, and one after the other.
        static List<List<Placed>> together(List<Placed> records) {
            List<List<Placed>> all = new ArrayList<>();
            for (Placed record : records) {
                if (all.isEmpty() || !record.isBeside(all.getLast().getLast())) {
                    all.add(new ArrayList<>());
                }
                all.getLast().add(record);
            }
            return all;
        }

        private boolean isBeside(Placed other) {
            return resource == other.resource && scope == other.scope;
        }
    }

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
    byte[] alone(List<Placed> records) throws IOException;
}
