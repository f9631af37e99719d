package io.hypaware.journal;

import io.hypaware.dataset.Column;
import io.hypaware.dataset.ColumnType;
import io.hypaware.dataset.Dataset;
import io.hypaware.dataset.Datasets;
import io.hypaware.dataset.Row;
import io.hypaware.dataset.RowJson;
import io.hypaware.payload.HashCache;
import io.hypaware.payload.Part;
import io.hypaware.payload.Payload;
import io.hypaware.payload.ValueBuilder;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// What exchanges have become, gathered in memory and then written in one short transaction: rows, what was seen,
/// conversations and the exchanges' state change together or not at all. The gateway records in the same file, and
/// waits while anybody writes; so all that takes time is done before.
///
/// What is gathered is seen by the next exchange as if it were written. Payloads may be written before the rest:
/// what a crash leaves of them nothing refers to yet.
///
/// Used by one thread. For exchanges that is the one that holds `settle.lock`: what it writes follows
/// from what it has read before.
public final class ProjectionBatch implements AutoCloseable {

    /// More is written at once, which keeps a transaction short.
    private static final long MOST_BYTES = 1L << 20;

    private static final int MOST_EXCHANGES = 64;

    /// Rows of one exchange beyond this go to an open transaction, one by one, so that memory is bounded.
    private static final long MOST_HELD_ROWS = 8L << 20;

    private static final int MOST_KNOWN = 20_000;

    /// A few calls of long sessions.
    private static final long HASHED_BYTES = 8L << 20;

    /// To five minutes: what every call of a session repeats is not written with every call.
    static final long SIGHTING_MICROS = TimeUnit.MINUTES.toMicros(5);

    private final Statements statements;
    private final Runnable written;

    /// Of exchanges that are whole, and of the one at hand.
    private final Gathered whole = new Gathered();

    private final Gathered current = new Gathered();

    /// Payloads that are known to be stored, and when they were last sighted, as far as this object knows.
    private final Map<String, Long> knownPayloads = new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Long> eldest) {
            return size() > MOST_KNOWN;
        }
    };

    private final FirstSeen firstSeen = new FirstSeen();
    private final HashCache hashes = new HashCache(HASHED_BYTES);
    private final Branches branches;
    private final Transcripts transcripts;
    private boolean writingThrough;

    /// @param written told after each transaction
    ProjectionBatch(Statements statements, Runnable written) {
        this.statements = statements;
        this.written = written;
        this.branches = new Branches(statements, whole, current);
        this.transcripts = new Transcripts(statements, whole, current);
    }

    /// What has become of exporters' requests.
    public TelemetryMarks telemetry() {
        return current.telemetry;
    }

    /// What is known of conversations.
    public Branches branches() {
        return branches;
    }

    /// Which transcripts have told of what.
    public Transcripts transcripts() {
        return transcripts;
    }

    /// Adds a row that is the latest of what it is about.
    ///
    /// @param name what that is
    public void addLatest(String name, Row row, Instant at) {
        add(row, at);
        current.latest.put(new Gathered.LatestKey(row.dataset().name(), name), RowJson.write(row));
    }

    /// Adds what a client reports of one of its calls.
    public void add(CallEvent event) {
        current.add(event);
    }

    /// What is known of connections of more than one call.
    public Connections connections() {
        return new Connections(statements);
    }

    /// A turn of a connection is whole, which may be open still. Written at once: the next look at the
    /// connection begins after it.
    ///
    /// @param turns of that recording, with this one
    public void turnProjected(long exchangeSeq, int turns) {
        current.turns.put(exchangeSeq, turns);
        if (writingThrough) {
            endWritingThrough();
        } else {
            whole.take(current);
            write();
        }
    }

    /// Keeps what a recording ended with, for the one that follows it.
    ///
    /// @param connection the exchange that began it
    public void putCarried(String connection, Connections.Carried carried, Instant at) {
        current.carried.put(connection, carried);
        current.day = days(at);
    }

    /// Stores a branch, in place of the one with its id if it has one.
    ///
    /// @return its id
    public long put(Branch branch) {
        long id = branch.id() == 0 ? branches.newId() : branch.id();
        current.put(branch.withId(id));
        return id;
    }

    /// Keeps where a history stands after an answer, by the provider's id of it.
    ///
    /// @param size how many messages the history has
    public void putAnswered(Branch branch, String answer, int size, Instant at) {
        current.answered.put(
                new Gathered.AnswerKey(branch.session(), answer), new Answered(branch.id(), size, days(at)));
    }

    /// Whether a row with this id was ever added.
    public boolean isSeen(Dataset dataset, String rowId) {
        Gathered.Seen seen = new Gathered.Seen(dataset.name(), rowId);
        return current.seen.containsKey(seen)
                || whole.seen.containsKey(seen)
                || statements.exists("SELECT 1 FROM seen WHERE dataset = ? AND row_id = ?", dataset.name(), rowId);
    }

    /// Marks a row's id, or a key that is like one; whether it was not marked before.
    public boolean markSeen(Dataset dataset, String rowId, Instant at) {
        if (isSeen(dataset, rowId)) {
            return false;
        }
        current.seen.put(new Gathered.Seen(dataset.name(), rowId), days(at));
        return true;
    }

    /// Adds a row unless one with its id was ever added. Large values of payload columns go to
    /// `payloads`, once; one that looks like the hash of a payload is taken for that.
    public void add(Row row, Instant at) {
        if (markSeen(row.dataset(), row.rowId(), at)) {
            addNew(row, at);
        }
    }

    /// Adds a row of which its writer knows that none with its id was ever added.
    public void addNew(Row row, Instant at) {
        Row stored = row;
        for (Column column : row.dataset().columns()) {
            if (column.payload()) {
                Object value = row.value(column.name()).orElse(null);
                String hash = value == null ? null : addIfLarge(value, at);
                if (hash != null) {
                    stored = stored.with(
                            column.name(),
                            column.type() == ColumnType.BINARY ? hash.getBytes(StandardCharsets.UTF_8) : hash);
                }
            }
        }
        current.addRow(new Gathered.HeldRow(stored.dataset().name(), stored.rowId(), RowJson.write(stored)));
        if (writingThrough) {
            writeRowsThrough();
        } else if (current.bytes > MOST_HELD_ROWS) {
            writeThrough();
        }
    }

    private @Nullable String addIfLarge(Object value, Instant at) {
        return switch (value) {
            case String text
            when text.length() > Datasets.PAYLOAD_INLINE_BYTES / 4 -> {
                byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
                yield Payload.isLarge(bytes.length) ? addPayload(bytes, at) : null;
            }
            case byte[] bytes when Payload.isLarge(bytes.length) -> addPayload(bytes, at);
            default -> null;
        };
    }

    /// Stores a value once, whatever its size; returns its hash.
    public String addPayload(byte[] bytes, Instant at) {
        return Payload.keep(bytes, payloads(at));
    }

    /// Where elements and values made of them are stored, each once.
    public ValueBuilder.Store payloads(Instant at) {
        return new ValueBuilder.Store() {
            @Override
            public HashCache hashes() {
                return hashes;
            }

            @Override
            public void put(String hash, Supplier<Payload> payload) {
                if (!isKnown(hash, at)) {
                    store(payload.get(), at);
                }
            }
        };
    }

    /// Whether a payload is stored; if so, it is sighted again.
    private boolean isKnown(String hash, Instant at) {
        Long sighted = knownPayloads.get(hash);
        if (sighted == null && !isSeen(Datasets.PAYLOADS, hash)) {
            return false;
        }
        long micros = Micros.of(at);
        if (!firstSeen.holds(hash, micros) && (sighted == null || micros >= sighted + SIGHTING_MICROS)) {
            current.sightings.merge(hash, micros, Math::max);
            knownPayloads.put(hash, micros);
        }
        return true;
    }

    private void store(Payload payload, Instant at) {
        long micros = Micros.of(at);
        current.seen.put(new Gathered.Seen(Datasets.PAYLOADS.name(), payload.hash()), days(at));
        firstSeen.add(payload.hash(), micros);
        Row.Builder row = Row.of(Datasets.PAYLOADS)
                .set("hash", payload.hash())
                .set("size", payload.size())
                .set("first_seen_at", micros)
                .set("last_seen_at", micros);
        switch (payload.content()) {
            case Payload.Content.Text(String text) -> row.set("text", text);
            case Payload.Content.Bytes(byte[] bytes) -> row.set("bytes", bytes);
            case Payload.Content.Parts(List<Part> parts) -> row.set("parts", Part.toJson(parts));
        }
        current.addPayload(new Gathered.HeldRow(
                Datasets.PAYLOADS.name(), payload.hash(), RowJson.write(row.build(payload.hash()))));
        if (current.payloadBytes > MOST_BYTES) {
            if (writingThrough) {
                current.writePayloads(statements);
                current.clearPayloads();
            } else {
                write(true);
            }
        }
    }

    /// The exchange at hand is whole; it is written now or with the next ones.
    public void projected(long exchangeSeq) {
        current.projected.add(exchangeSeq);
        if (writingThrough) {
            endWritingThrough();
            return;
        }
        whole.take(current);
        if (whole.bytes + whole.payloadBytes > MOST_BYTES || whole.projected.size() >= MOST_EXCHANGES) {
            write();
        }
    }

    private void endWritingThrough() {
        current.writeRows(statements);
        current.writeRest(statements);
        statements.run("COMMIT");
        writingThrough = false;
        current.clear();
        written.run();
    }

    /// Forgets what was gathered of the exchange at hand.
    public void discard() {
        if (writingThrough) {
            writingThrough = false;
            statements.rollback();
        }
        // What it was the first to hold is not stored, and who was sighted may not be written.
        knownPayloads.clear();
        firstSeen.clear();
        current.clear();
    }

    /// Gives the memory back that remembered hashes take.
    public void forgetHashes() {
        hashes.clear();
    }

    /// Forgets all that is not written, of whole exchanges, too: they are pending still.
    public void discardAll() {
        discard();
        whole.clear();
        branches.clear();
    }

    /// Writes what is whole.
    public void write() {
        if (!whole.projected.isEmpty() || !whole.turns.isEmpty()) {
            write(false);
        }
    }

    /// Whether more is gathered, of no exchange, than one transaction should take.
    public boolean isMuch() {
        return writingThrough || whole.bytes + current.bytes + current.payloadBytes > 2 * MOST_BYTES;
    }

    /// Writes all that is gathered, of no exchange: what comes to the lake on another way.
    public void writeAll() {
        if (writingThrough) {
            endWritingThrough();
            return;
        }
        whole.take(current);
        write(false);
    }

    private void write(boolean payloadsOfCurrent) {
        statements.inTransaction(() -> {
            whole.writeRows(statements);
            whole.writeRest(statements);
            if (payloadsOfCurrent) {
                current.writePayloads(statements);
            }
        });
        whole.clear();
        if (payloadsOfCurrent) {
            current.clearPayloads();
        }
        written.run();
    }

    /// An exchange with more rows than are held: the transaction stays open until it is whole.
    private void writeThrough() {
        write();
        statements.run("BEGIN IMMEDIATE");
        writingThrough = true;
        writeRowsThrough();
    }

    private void writeRowsThrough() {
        current.writeRows(statements);
        current.clearRows();
    }

    /// Undoes everything that was not written.
    @Override
    public void close() {
        if (writingThrough) {
            writingThrough = false;
            statements.rollback();
        }
    }

    static long days(Instant at) {
        return TimeUnit.SECONDS.toDays(at.getEpochSecond());
    }
}
