package io.hypaware.project.otel;

import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.protobuf.Message;
import io.hypaware.dataset.Dataset;
import io.hypaware.dataset.Hashes;
import io.hypaware.dataset.Row;
import io.hypaware.journal.Micros;
import io.hypaware.journal.TelemetryRequest;
import io.opentelemetry.proto.logs.v1.LogRecord;
import io.opentelemetry.proto.metrics.v1.Metric;
import io.opentelemetry.proto.trace.v1.Span;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// One request of an exporter on its way to rows, record by record. What is held is the request as it was sent, and one
/// record.
public final class TelemetryReading {

    /// Rows that one reading makes. A few bytes on the wire can be a record.
    public static final int MOST_ROWS = 200_000;

    /// What becomes of a row.
    public enum Decision {
        ADD,
        DROP,

        /// Its record and all behind it wait.
        WAIT
    }

    /// Who takes what is read.
    public interface Sink {

        /// @param session that the row's attributes name, or its resource
        Decision decide(Optional<String> session, String service);

        void add(Row row);

        /// A log record, whose row was added.
        void show(LogEvent event);

        /// A log record that has no row, as its session is ignored.
        void ignored(LogEvent event);

        /// A record is done with, and so are `records` of the request.
        void done(long records);
    }

    private final TelemetryRequest request;
    private final TelemetryRecords records;
    private final Dataset dataset;
    private final String id;
    private final List<TelemetryRecords.Refused> refused = new ArrayList<>();
    private Optional<String> whyRefused = Optional.empty();
    private boolean isTimed;
    private int rows;

    /// @throws IOException if the request is not whole, or none
    public TelemetryReading(TelemetryRequest request) throws IOException {
        this.request = request;
        this.records = TelemetryRecords.of(request);
        this.dataset = TelemetryDatasets.of(request.signal());
        // The same bytes, received at another time, are others' records where they say no time.
        this.id = Hashes.shortHash(request.signal() + " " + Micros.of(request.receivedAt()) + " " + records.hash());
    }

    /// What tells the request from others that say a time. No row's id.
    public String key() {
        return "=" + records.hash();
    }

    /// Whether a record that was read says when it was: the same bytes again are the same records then.
    public boolean isTimed() {
        return isTimed;
    }

    /// A row that would be one.
    private record Candidate(Row.Builder row, Optional<String> session, String rowId) {}

    /// Reads records until one waits.
    ///
    /// @param after how many are done with
    /// @return whether all are done with
    /// @throws IOException if what follows cannot be read
    public boolean read(long after, Sink sink) throws IOException {
        long[] number = {0};
        boolean[] waits = {false};
        records.read((resource, scope, raw) -> {
            number[0]++;
            if (number[0] > after) {
                waits[0] = !record(resource, scope, raw, number[0], sink);
                if (!waits[0]) {
                    sink.done(number[0]);
                }
            }
            return !waits[0];
        });
        return !waits[0];
    }

    private boolean record(int resource, int scope, TelemetryRecords.Raw raw, long number, Sink sink)
            throws IOException {
        Origin origin = records.origin(resource, scope);
        List<Candidate> candidates = new ArrayList<>();
        Optional<LogEvent> event;
        try {
            event = candidates(origin, raw.parse(), number, candidates);
        } catch (IOException | RuntimeException | OutOfMemoryError | StackOverflowError e) {
            refused.add(new TelemetryRecords.Refused(resource, scope, raw));
            whyRefused = Optional.of(
                    String.valueOf(e.getMessage()).lines().findFirst().orElse(""));
            return true;
        }
        rows += candidates.size();
        if (rows > MOST_ROWS) {
            throw new IOException("it has more than " + MOST_ROWS + " records; those are rows, the rest is left");
        }
        String service = String.valueOf(origin.row().value("serviceName"));
        List<Decision> decisions = candidates.stream()
                .map(candidate -> sink.decide(candidate.session(), service))
                .toList();
        if (decisions.contains(Decision.WAIT)) {
            return false;
        }
        for (int i = 0; i < candidates.size(); i++) {
            if (decisions.get(i) == Decision.ADD) {
                Candidate candidate = candidates.get(i);
                sink.add(candidate.row().build(candidate.rowId()));
                event.ifPresent(sink::show);
            } else {
                event.ifPresent(sink::ignored);
            }
        }
        return true;
    }

    private Optional<LogEvent> candidates(Origin origin, Message message, long number, List<Candidate> found) {
        switch (message) {
            case LogRecord log -> {
                ObjectNode attributes = Values.attributes(log.getAttributesList());
                Candidate row = candidate(origin, LogRows.of(origin, log, attributes), attributes, id + "-" + number);
                isTimed |= log.getTimeUnixNano() != 0 || log.getObservedTimeUnixNano() != 0;
                found.add(row);
                return Optional.of(new LogEvent(
                        origin.resource(), origin.scope(), log, request.receivedAt(), row.session(), row.rowId()));
            }
            case Span span -> {
                ObjectNode attributes = Values.attributes(span.getAttributesList());
                isTimed |= span.getStartTimeUnixNano() != 0;
                found.add(candidate(origin, SpanRows.of(origin, span, attributes), attributes, id + "-" + number));
            }
            case Metric metric ->
                MetricRows.read(origin, metric, (row, attributes, time) -> {
                    isTimed |= time != 0;
                    found.add(candidate(origin, row, attributes, id + "-" + number + "." + found.size()));
                });
            default -> throw new IllegalArgumentException("a " + message.getClass() + " is no record");
        }
        return Optional.empty();
    }

    private Candidate candidate(Origin origin, Row.Builder row, ObjectNode attributes, String rowId) {
        Optional<String> session = Lifted.session(attributes, origin.attributes());
        row.set(TelemetryDatasets.RECEIVED_AT, Micros.of(request.receivedAt()))
                .set(TelemetryDatasets.SESSION_ID, session.orElse(null));
        Lifted.set(row, attributes);
        return new Candidate(row, session, rowId);
    }

    /// Takes the records over that could not be read since this was asked last, as a request of their own; empty if
    /// there are none.
    public Optional<Part> takeRefused() throws IOException {
        if (refused.isEmpty()) {
            return Optional.empty();
        }
        TelemetryRequest alone = new TelemetryRequest(
                request.signal(), request.contentType(), "", request.receivedAt(), records.alone(refused));
        Part part = new Part(alone, refused.size(), whyRefused.orElse(""));
        refused.clear();
        return Optional.of(part);
    }

    /// Records that could not be read.
    ///
    /// @param why the last one was not
    public record Part(TelemetryRequest request, int records, String why) {}

    /// The dataset whose rows they are.
    public Dataset dataset() {
        return dataset;
    }
}
