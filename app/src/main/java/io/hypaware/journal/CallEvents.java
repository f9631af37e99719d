package io.hypaware.journal;

import io.hypaware.dataset.Hashes;
import java.nio.ByteBuffer;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/// What clients report of their own calls, until it is an exchange. Part of [Journal].
public final class CallEvents {

    /// The run of exchanges that nobody recorded on their way.
    private static final String RUN = "reported";

    /// The provider's name of an answer, among its headers.
    public static final String REQUEST_ID = "request-id";

    private static final String INSERT = """
            INSERT OR IGNORE INTO call_event (row_id, kind, session, prompt, source, at_us, sequence, file, body, length,
              request_id, duration_us, status, error, client_version)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)""";

    private static final String SELECT = """
            SELECT row_id, kind, session, prompt, source, at_us, sequence, file, body, length,
              request_id, duration_us, status, error, client_version
            FROM call_event WHERE (at_us, sequence, row_id) > (?, ?, ?)
            ORDER BY at_us, sequence, row_id LIMIT ?""";

    private static final int AT_ONCE = 200;

    private final Statements statements;

    CallEvents(Statements statements) {
        this.statements = statements;
    }

    static void write(Statements statements, CallEvent event) {
        statements.run(INSERT, statement -> {
            statement.setString(1, event.rowId());
            statement.setString(2, event.kind().name().toLowerCase(Locale.ROOT));
            statement.setString(3, event.speaker().session());
            statement.setString(4, event.speaker().prompt());
            statement.setString(5, event.speaker().source());
            statement.setLong(6, Micros.of(event.at()));
            statement.setLong(7, event.sequence());
            statement.setString(8, event.body().file());
            statement.setBytes(9, event.body().inline());
            statement.setLong(10, event.body().length());
            CallEvent.Told told = event.told();
            statement.setString(11, told.requestId().orElse(null));
            statement.setObject(
                    12, told.duration().map(it -> it.toNanos() / 1_000).orElse(null));
            statement.setObject(13, told.status().orElse(null));
            statement.setString(14, told.error().orElse(null));
            statement.setString(15, told.clientVersion().orElse(null));
            return statement.executeUpdate();
        });
    }

    /// The oldest of them, in the order in which they happened.
    public List<CallEvent> oldest(int most) {
        return after(Long.MIN_VALUE, Long.MIN_VALUE, "", most);
    }

    /// All of them, in the order in which they happened; some are held at a time. Who is given one may forget it.
    public Iterable<CallEvent> all() {
        return () -> Stream.iterate(oldest(AT_ONCE), page -> !page.isEmpty(), page -> after(page.getLast()))
                .flatMap(List::stream)
                .iterator();
    }

    private List<CallEvent> after(CallEvent last) {
        return after(Micros.of(last.at()), last.sequence(), last.rowId(), AT_ONCE);
    }

    private List<CallEvent> after(long atMicros, long sequence, String rowId, int most) {
        return statements.run(SELECT, statement -> {
            statement.setLong(1, atMicros);
            statement.setLong(2, sequence);
            statement.setString(3, rowId);
            statement.setInt(4, most);
            List<CallEvent> events = new ArrayList<>();
            try (ResultSet row = statement.executeQuery()) {
                while (row.next()) {
                    events.add(event(row));
                }
            }
            return events;
        });
    }

    private static CallEvent event(ResultSet row) throws SQLException {
        long duration = row.getLong(12);
        Optional<Duration> took = row.wasNull() ? Optional.empty() : Optional.of(Duration.ofNanos(duration * 1_000));
        int status = row.getInt(13);
        Optional<Integer> code = row.wasNull() ? Optional.empty() : Optional.of(status);
        return new CallEvent(
                row.getString(1),
                CallEvent.Kind.valueOf(row.getString(2).toUpperCase(Locale.ROOT)),
                new CallEvent.Speaker(row.getString(3), row.getString(4), row.getString(5)),
                Micros.toInstant(row.getLong(6)),
                row.getLong(7),
                new CallEvent.Body(row.getString(8), row.getBytes(9), row.getLong(10)),
                new CallEvent.Told(
                        Optional.ofNullable(row.getString(11)),
                        took,
                        code,
                        Optional.ofNullable(row.getString(14)),
                        Optional.ofNullable(row.getString(15))));
    }

    /// The files that are named by any.
    public Set<String> files() {
        return statements.run("SELECT DISTINCT file FROM call_event WHERE file <> ''", statement -> {
            Set<String> files = new HashSet<>();
            try (ResultSet row = statement.executeQuery()) {
                while (row.next()) {
                    files.add(row.getString(1));
                }
            }
            return files;
        });
    }

    /// Whether all is read that exporters have sent, so that what no event names will be named by none.
    public boolean isAllRead() {
        return number("SELECT count(*) FROM (SELECT 1 FROM telemetry_request WHERE state = 1 LIMIT 1)") == 0;
    }

    /// Whether a call whose request stood in a file has become an exchange.
    public boolean isRecorded(String requestFile) {
        return statements.exists(
                "SELECT 1 FROM seen WHERE dataset = ? AND row_id = ?", "exchanges", bodyMark(requestFile));
    }

    private static String bodyMark(String file) {
        // By a hash: what is purged is named nowhere.
        return "body " + Hashes.shortHash(file);
    }

    /// An exchange of the journal.
    ///
    /// @param headers of the request
    /// @param answerHeaders empty while there is no answer
    public record Known(
            long seq,
            State state,
            Instant startedAt,
            long requestBytes,
            List<Header> headers,
            List<Header> answerHeaders) {

        /// What has become of it.
        public enum State {
            OPEN,
            CLOSED,
            PROJECTED,
            FAILED
        }

        public boolean isOpen() {
            return state == State.OPEN;
        }

        /// A header of its answer.
        public Optional<String> answered(String name) {
            return find(answerHeaders, name);
        }

        /// A header of its request.
        public Optional<String> asked(String name) {
            return find(headers, name);
        }

        private static Optional<String> find(List<Header> headers, String name) {
            return headers.stream()
                    .filter(header -> header.name().equalsIgnoreCase(name))
                    .map(Header::value)
                    .findFirst();
        }
    }

    /// Calls that were recorded on their way and began after a time.
    public List<Known> onTheWire(Instant after) {
        return known("started_us >= ? AND run <> '" + RUN + "'", Micros.of(after));
    }

    /// Those that have an answer and are closed, but not projected.
    public List<Known> pendingOnTheWire() {
        return known("state = ? AND run <> '" + RUN + "' AND response_headers IS NOT NULL", 1);
    }

    /// Exchanges that were made of what clients report.
    public List<Known> reported() {
        return known("run = '" + RUN + "' AND seq > ?", 0);
    }

    private List<Known> known(String where, long value) {
        String sql = "SELECT seq, state, started_us, request_bytes, request_headers, response_headers FROM exchange"
                + " WHERE " + where + " ORDER BY seq";
        return statements.run(sql, statement -> {
            statement.setLong(1, value);
            List<Known> found = new ArrayList<>();
            try (ResultSet row = statement.executeQuery()) {
                while (row.next()) {
                    String answer = row.getString(6);
                    found.add(new Known(
                            row.getLong(1),
                            Known.State.values()[row.getInt(2)],
                            Micros.toInstant(row.getLong(3)),
                            row.getLong(4),
                            HeaderJson.read(row.getString(5)),
                            answer == null ? List.of() : HeaderJson.read(answer)));
                }
            }
            return found;
        });
    }

    /// Whether a call with this answer has become an exchange by what its client reports.
    ///
    /// @param answer a name that no other answer has
    public boolean isReported(String answer) {
        return statements.exists(
                "SELECT 1 FROM seen WHERE dataset = ? AND row_id = ?", "exchanges", answerMark(answer));
    }

    private static String answerMark(String answer) {
        return "answer " + Hashes.shortHash(answer);
    }

    /// Leaves one of two exchanges of the same call: what the gateway recorded, unless the other one has rows.
    public void keepOne(Known reported, Known onTheWire) {
        boolean hasRows = reported.state() == Known.State.PROJECTED;
        new Pruning(statements).erase(List.of(hasRows ? onTheWire.seq() : reported.seq()));
    }

    /// A call as its client reports it. Of its headers it has those that the client tells.
    public record Reported(
            ExchangeStart start,
            Optional<Integer> status,
            List<Header> answerHeaders,
            Instant endedAt,
            Outcome outcome,
            Optional<String> error,
            byte[] request,
            byte[] response) {}

    /// Makes an exchange of a call and forgets its events, in one step: it waits for its projection as one that was
    /// recorded on its way.
    ///
    /// @param requestFile where its request stood; empty if in no file
    /// @param answers names of its answer
    public void record(Reported call, Collection<CallEvent> events, String requestFile, Collection<String> answers) {
        long day = ProjectionBatch.days(call.start().startedAt());
        statements.inTransaction(() -> {
            if (requestFile.isEmpty() || mark(bodyMark(requestFile), day)) {
                insert(call);
                answers.forEach(answer -> mark(answerMark(answer), day));
            }
            delete(events);
        });
    }

    /// @return whether it was not marked before
    private boolean mark(String name, long day) {
        return statements.run(
                "INSERT OR IGNORE INTO seen (dataset, row_id, day) VALUES ('exchanges', ?, ?)", statement -> {
                    statement.setString(1, name);
                    statement.setLong(2, day);
                    return statement.executeUpdate() == 1;
                });
    }

    /// Forgets events of what is not to be recorded.
    public void forget(Collection<CallEvent> events) {
        statements.inTransaction(() -> delete(events));
    }

    private void delete(Collection<CallEvent> events) {
        for (CallEvent event : events) {
            statements.run("DELETE FROM call_event WHERE row_id = ?", statement -> {
                statement.setString(1, event.rowId());
                return statement.executeUpdate();
            });
        }
    }

    private void insert(Reported call) {
        ExchangeStart start = call.start();
        long seq = number("SELECT coalesce(max(seq), 0) + 1 FROM exchange");
        boolean isNew = statements.run("""
                INSERT OR IGNORE INTO exchange (seq, id, run, state, closed_order, started_us, ended_us, upstream, provider,
                  method, path, request_headers, status, response_headers, outcome, request_bytes, response_bytes, error)
                VALUES (?, ?, '""" + RUN + """
                ', 1, (SELECT coalesce(max(closed_order), 0) + 1 FROM exchange), ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)""", statement -> {
            statement.setLong(1, seq);
            statement.setString(2, start.id());
            statement.setLong(3, Micros.of(start.startedAt()));
            statement.setLong(4, Micros.of(call.endedAt()));
            statement.setString(5, start.upstream());
            statement.setString(6, start.provider());
            statement.setString(7, start.method());
            statement.setString(8, start.path());
            statement.setString(9, HeaderJson.write(start.headers()));
            statement.setObject(10, call.status().orElse(null));
            statement.setString(11, call.status().isPresent() ? HeaderJson.write(call.answerHeaders()) : null);
            statement.setString(12, call.outcome().text());
            statement.setLong(13, call.request().length);
            statement.setLong(14, call.response().length);
            statement.setString(15, call.error().orElse(null));
            return statement.executeUpdate() == 1;
        });
        if (isNew) {
            try {
                frames(seq, Direction.REQUEST, call.request());
                frames(seq, Direction.RESPONSE, call.response());
            } catch (SQLException e) {
                throw new JournalException("the bodies of a call cannot be written", e);
            }
        }
    }

    private void frames(long seq, Direction direction, byte[] body) throws SQLException {
        FrameWriter frames = new FrameWriter(statements.connection());
        int full = frames.append(direction, direction.firstKey(seq), ByteBuffer.wrap(body));
        frames.flush(direction, direction.firstKey(seq) + full);
    }

    private long number(String sql) {
        return statements.run(sql, statement -> {
            try (ResultSet row = statement.executeQuery()) {
                return row.getLong(1);
            }
        });
    }
}
