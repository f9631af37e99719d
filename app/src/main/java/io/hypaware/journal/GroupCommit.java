package io.hypaware.journal;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.sqlite.SQLiteConfig.SynchronousMode;

/// The writer thread's connection to the journal, on which it commits what was queued.
final class GroupCommit implements AutoCloseable {

    private static final Logger LOG = Logger.getLogger(GroupCommit.class.getName());

    /// Ends of dropped exchanges that wait for room on the disk; beyond this only the counters know.
    private static final int MOST_OWED = 1_000;

    private static final int CACHE_PAGES = 256;

    /// How often it is looked whether another writer is still there.
    private static final long LOOK_NANOS = 2_000_000_000;

    private final RecorderQueue queue;
    private final Runs runs;
    private final Connection connection;
    private final FrameWriter frames;
    private final TelemetryCommit telemetry;
    private final byte[] spilled = new byte[BlockPool.BLOCK_BYTES];
    private final Map<ExchangeRecord, ExchangeEnd> owed = new LinkedHashMap<>();

    /// Others that wrote when it was last looked; nothing until then.
    private Optional<Set<String>> others = Optional.empty();

    private long nextLookNanos;
    private long nextSeq;
    private long nextClosedOrder;

    /// @param connection the object's own from then on
    GroupCommit(Connection connection, RecorderQueue queue, Runs runs) throws SQLException {
        this.connection = connection;
        this.queue = queue;
        this.runs = runs;
        this.frames = new FrameWriter(connection);
        this.telemetry = new TelemetryCommit(connection);
        closeAbandonedNow();
        this.nextClosedOrder = number("SELECT coalesce(max(closed_order), 0) + 1 FROM exchange");
    }

    /// Opens the journal, makes it if there is none, and closes what an earlier gateway left open as `gateway_error`.
    static GroupCommit open(Path file, RecorderQueue queue, Runs runs) throws SQLException {
        Connection connection = Sqlite.open(file, SynchronousMode.NORMAL, CACHE_PAGES);
        try {
            JournalSchema.ensure(connection);
            return new GroupCommit(connection, queue, runs);
        } catch (SQLException | RuntimeException e) {
            connection.close();
            throw e;
        }
    }

    @Override
    public void close() throws SQLException {
        connection.close();
    }

    /// Closes what writers have left open that were there and are not any more. Looks from time to time, as long as
    /// there are others; what cannot be closed now is closed later.
    void closeAbandoned() {
        if (others.filter(Set::isEmpty).isPresent() || System.nanoTime() < nextLookNanos) {
            return;
        }
        try {
            closeAbandonedNow();
        } catch (SQLException | UncheckedIOException e) {
            LOG.log(Level.WARNING, "what another gateway left open is not closed yet", e);
        }
    }

    private void closeAbandonedNow() throws SQLException {
        Set<String> living = runs.others();
        nextLookNanos = System.nanoTime() + LOOK_NANOS;
        if (others.filter(living::equals).isPresent()) {
            return;
        }
        List<String> abandoned = new ArrayList<>();
        try (Statement statement = connection.createStatement();
                ResultSet open = statement.executeQuery("SELECT DISTINCT run FROM exchange WHERE state = 0")) {
            while (open.next()) {
                String run = open.getString(1);
                if (!run.equals(runs.own()) && !living.contains(run)) {
                    abandoned.add(run);
                }
            }
        }
        for (String run : abandoned) {
            close(run);
        }
        others = Optional.of(living);
    }

    private void close(String run) throws SQLException {
        try (PreparedStatement update = connection.prepareStatement("""
                UPDATE exchange SET state = 1, outcome = 'gateway_error', closed_by = 'gateway', ended_us = started_us,
                  closed_order = seq + (SELECT coalesce(max(closed_order), 0) FROM exchange),
                  request_bytes = (SELECT coalesce(sum(length(bytes)), 0) FROM frame
                    WHERE frame.id >= exchange.seq << 24 AND frame.id < (exchange.seq << 24) + 8388608),
                  response_bytes = (SELECT coalesce(sum(length(bytes)), 0) FROM frame
                    WHERE frame.id >= (exchange.seq << 24) + 8388608 AND frame.id < (exchange.seq + 1) << 24),
                  error = 'the gateway ended before the call did'
                WHERE state = 0 AND run = ?""")) {
            update.setString(1, run);
            int closed = update.executeUpdate();
            LOG.warning(closed + " calls were open when the gateway ended; closed as gateway_error");
        }
    }

    private long number(String sql) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet result = statement.executeQuery(sql)) {
            return result.getLong(1);
        }
    }

    /// Commits what is in the batch; what cannot be written is counted, and no error leaves. Telemetry has a
    /// transaction of its own after that of the calls: none takes the other with it.
    void commit(List<QueueEntry> batch) {
        List<QueueEntry> ofCalls = new ArrayList<>(batch);
        List<QueueEntry.Telemetry> ofExporters = QueueEntry.takeTelemetry(ofCalls);
        if (!ofCalls.isEmpty() || owes()) {
            commitCalls(ofCalls);
        }
        if (!ofExporters.isEmpty()) {
            telemetry.commit(ofExporters);
        }
    }

    private void commitCalls(List<QueueEntry> batch) {
        // One exchange after the other: their order within a commit means nothing, and one buffer then serves all.
        Map<ExchangeRecord, List<QueueEntry>> byExchange = new LinkedHashMap<>();
        for (QueueEntry entry : batch) {
            entry.about()
                    .ifPresent(e -> byExchange
                            .computeIfAbsent(e, _ -> new ArrayList<>())
                            .add(entry));
        }
        Map<ExchangeRecord, ExchangeEnd> ended = ended(batch);
        try {
            Sqlite.execute(connection, "BEGIN IMMEDIATE");
            // Another may have begun some since.
            nextSeq = Math.max(nextSeq, number("SELECT coalesce(max(seq), 0) + 1 FROM exchange"));
            for (Map.Entry<ExchangeRecord, List<QueueEntry>> exchange : byExchange.entrySet()) {
                for (QueueEntry entry : exchange.getValue()) {
                    apply(entry);
                }
                exchange.getKey().flush(frames);
            }
            for (Map.Entry<ExchangeRecord, ExchangeEnd> late : owed.entrySet()) {
                late.getKey().end(connection, late.getValue(), nextClosedOrder++);
            }
            Sqlite.execute(connection, "COMMIT");
            byExchange.keySet().forEach(ExchangeRecord::committed);
            owed.keySet().forEach(ExchangeRecord::committed);
            queue.countRecorded(
                    ended.keySet().stream().filter(e -> !e.isDropped()).count());
            owed.clear();
        } catch (SQLException | IOException | RuntimeException e) {
            Map<ExchangeRecord, Long> lost = new LinkedHashMap<>();
            owed.keySet().forEach(exchange -> lost.put(exchange, 0L));
            byExchange.forEach((exchange, entries) -> lost.put(
                    exchange, entries.stream().mapToLong(QueueEntry::bodyBytes).sum()));
            fail(e, lost, ended);
        }
    }

    /// Whether ends of dropped exchanges wait for another commit.
    boolean owes() {
        return !owed.isEmpty();
    }

    private void bytes(ExchangeRecord exchange, Direction direction, ByteBuffer bytes) throws SQLException {
        int length = bytes.remaining();
        if (!exchange.bytes(frames, direction, bytes)) {
            queue.countDropped(exchange, length);
        }
    }

    private void apply(QueueEntry entry) throws SQLException, IOException {
        switch (entry) {
            case QueueEntry.Begin(ExchangeRecord exchange) -> {
                exchange.number(nextSeq++);
                exchange.begin(connection);
            }
            case QueueEntry.Head(ExchangeRecord exchange, ResponseHead head) -> exchange.head(connection, head);
            case QueueEntry.Bytes bytes -> bytes(bytes.exchange(), bytes.direction(), bytes.take());
            case QueueEntry.Spilled waiting -> {
                ByteBuffer bytes = ByteBuffer.wrap(spilled, 0, waiting.length());
                queue.read(waiting, bytes);
                bytes(waiting.exchange(), waiting.direction(), bytes.flip());
            }
            case QueueEntry.End(ExchangeRecord exchange, ExchangeEnd end) ->
                exchange.end(connection, end, nextClosedOrder++);
            case QueueEntry.Telemetry _, QueueEntry.Stop _ -> {}
        }
    }

    private static Map<ExchangeRecord, ExchangeEnd> ended(List<QueueEntry> batch) {
        Map<ExchangeRecord, ExchangeEnd> ended = new LinkedHashMap<>();
        for (QueueEntry entry : batch) {
            if (entry instanceof QueueEntry.End(ExchangeRecord exchange, ExchangeEnd end)) {
                ended.put(exchange, end);
            }
        }
        return ended;
    }

    /// @param lost bytes of each exchange's bodies that the transaction would have written
    private void fail(Exception cause, Map<ExchangeRecord, Long> lost, Map<ExchangeRecord, ExchangeEnd> ended) {
        if (queue.error("the journal could not be written: " + cause.getMessage())) {
            LOG.log(Level.WARNING, "the journal could not be written; calls go on, unrecorded", cause);
        }
        frames.discard();
        Sqlite.rollBack(connection);
        lost.forEach((exchange, bytes) -> {
            queue.countDropped(exchange, bytes);
            exchange.rolledBack();
        });
        ended.entrySet().stream()
                .limit(Math.max(0, MOST_OWED - owed.size()))
                .forEach(e -> owed.put(e.getKey(), e.getValue()));
    }
}
