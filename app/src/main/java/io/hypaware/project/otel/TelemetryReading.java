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
import java.util.function.IntFunction;

/// One request of an exporter on its way to rows, record by record. What is held is the request as it was sent, and one
/// record.
public final class TelemetryReading {

    /// Rows that one reading makes of any request. A few bytes on the wire can be a record.
    static final int MOST_ROWS = 200_000;

    /// A row beyond is paid for with so many bytes on the wire; a number with its time takes more.
    private static final int BYTES_OF_ROW = 16;

    /// Of records that cannot be read so much is held, until they are taken over.
    private static final long MUCH_REFUSED = 4 << 20;

    /// Behind so much of them a request is left as it was sent: unpacked, it can take a thousand times as much.
    private static final long MOST_REFUSED = 32 << 20;

    /// What a record takes that says nothing.
    private static final int RECORD_ROOM = 64;

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

        /// What became of one more record, or data point, is said.
        ///
        /// @param position from which another reading goes on
        void done(long position);
    }

    private final TelemetryRequest request;
    private final TelemetryRecords records;
    private final Dataset dataset;
    private final String id;
    private final List<TelemetryRecords.Placed> refused = new ArrayList<>();
    private Optional<String> whyRefused = Optional.empty();
    private long refusedBytes;
    private long refusedInAll;
    private final int mostRows;
    private boolean isTimed;
    private int rows;

    /// @throws IOException if the request is not whole, or none
    public TelemetryReading(TelemetryRequest request) throws IOException {
        this.request = request;
        this.records = TelemetryRecords.of(request);
        this.dataset = TelemetryDatasets.of(request.signal());
        this.mostRows = Math.max(MOST_ROWS, request.body().length / BYTES_OF_ROW);
        // The same bytes, received at another time, are others' records where they say no time.
        this.id = Hashes.shortHash(request.signal() + " " + Micros.of(request.receivedAt()) + " "
                + records.outline().hash());
    }

    /// What tells the request from others that say a time. No row's id.
    public String key() {
        return "=" + records.outline().hash();
    }

    /// Whether a record that was read says when it was: the same bytes again are the same records then.
    public boolean isTimed() {
        return isTimed;
    }

    /// A row that would be one.
    private record Candidate(Row.Builder row, Optional<String> session, String rowId) {}

    /// The rows of one record. Those of a metric are made one by one: a few bytes on the wire can be a point.
    private record Rows(int size, IntFunction<Candidate> row, Optional<LogEvent> event) {}

    /// Reads records until one waits.
    ///
    /// @param after what is done with; 0 at first
    /// @return whether all are done with
    /// @throws IOException if what follows cannot be read
    public boolean read(long after, Sink sink) throws IOException {
        Position begin = Position.of(after);
        long[] number = {0};
        return records.read((resource, scope, raw) -> {
            number[0]++;
            if (number[0] <= begin.records()) {
                return true;
            }
            int done = number[0] == begin.records() + 1 ? begin.points() : 0;
            Origin origin = records.outline().origin(resource, scope);
            Rows made;
            try {
                made = rows(origin, raw.parse(), number[0]);
            } catch (IOException | RuntimeException | OutOfMemoryError | StackOverflowError e) {
                if (done > 0) {
                    throw new IOException("it cannot be read any more: " + e.getMessage(), e);
                }
                refused.add(new TelemetryRecords.Placed(resource, scope, raw));
                whyRefused = Optional.of(
                        String.valueOf(e.getMessage()).lines().findFirst().orElse(""));
                refusedBytes += raw.length() + RECORD_ROOM;
                refusedInAll += raw.length() + RECORD_ROOM;
                sink.done(number[0]);
                if (refusedInAll > MOST_REFUSED) {
                    throw new IOException("more than " + (MOST_REFUSED >> 20)
                            + " MB of its records cannot be read; those are kept, the rest is left");
                }
                return true;
            }
            if (!take(origin, made, new Position(number[0] - 1, done), sink)) {
                return false;
            }
            sink.done(number[0]);
            return true;
        });
    }

    /// Takes the rows of a record that are not done with, until one waits; whether none did.
    private boolean take(Origin origin, Rows made, Position from, Sink sink) throws IOException {
        String service = String.valueOf(origin.row().value("serviceName"));
        for (int i = from.points(); i < made.size(); i++) {
            Candidate candidate = made.row().apply(i);
            if (++rows > mostRows) {
                throw new IOException("it has more than " + mostRows + " records; those are rows, the rest is left");
            }
            Decision decision = sink.decide(candidate.session(), service);
            if (decision == Decision.WAIT) {
                return false;
            }
            if (decision == Decision.ADD) {
                sink.add(candidate.row().build(candidate.rowId()));
                made.event().ifPresent(sink::show);
            } else {
                made.event().ifPresent(sink::ignored);
            }
            sink.done(new Position(from.records(), i + 1).number());
        }
        return true;
    }

    private Rows rows(Origin origin, Message message, long number) {
        String rowId = id + "-" + number;
        return switch (message) {
            case LogRecord log -> {
                ObjectNode attributes = Values.attributes(log.getAttributesList());
                Candidate row = candidate(origin, LogRows.of(origin, log, attributes), attributes, rowId);
                isTimed |= log.getTimeUnixNano() != 0 || log.getObservedTimeUnixNano() != 0;
                LogEvent event = new LogEvent(
                        origin.resource(), origin.scope(), log, request.receivedAt(), row.session(), rowId);
                yield new Rows(1, _ -> row, Optional.of(event));
            }
            case Span span -> {
                ObjectNode attributes = Values.attributes(span.getAttributesList());
                Candidate row = candidate(origin, SpanRows.of(origin, span, attributes), attributes, rowId);
                isTimed |= span.getStartTimeUnixNano() != 0;
                yield new Rows(1, _ -> row, Optional.empty());
            }
            case Metric metric -> rows(origin, new MetricRows(origin, metric), rowId);
            default -> throw new IllegalArgumentException("a " + message.getClass() + " is no record");
        };
    }

    private Rows rows(Origin origin, MetricRows points, String rowId) {
        // Made once without keeping them: a metric is rows with all its points, or none.
        for (int i = 0; i < points.size(); i++) {
            isTimed |= points.point(i).timeUnixNano() != 0;
        }
        return new Rows(
                points.size(),
                i -> {
                    MetricRows.Point point = points.point(i);
                    return candidate(origin, point.row(), point.attributes(), rowId + "." + i);
                },
                Optional.empty());
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
        refusedBytes = 0;
        return Optional.of(part);
    }

    /// Whether records that could not be read are to be taken over now.
    public boolean isMuchRefused() {
        return refusedBytes >= MUCH_REFUSED;
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
