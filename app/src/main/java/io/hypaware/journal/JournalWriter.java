package io.hypaware.journal;

import com.github.f4b6a3.ulid.UlidCreator;
import java.io.IOException;
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
import java.util.concurrent.atomic.AtomicLong;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.jspecify.annotations.Nullable;
import org.sqlite.SQLiteConfig.SynchronousMode;

/// The gateway's way into the journal: a queue bounded in bytes, and one thread that commits what is in it in groups.
///
/// What does not fit the queue, or the disk, is dropped and counted; the caller never waits and never sees an error.
public final class JournalWriter implements Recorder, AutoCloseable {

    private static final Logger LOG = Logger.getLogger(JournalWriter.class.getName());

    /// Most bytes in one commit: the fastest size measured, see docs/decisions/0002-journal.md.
    private static final int COMMIT_BYTES = 4 * 1024 * 1024;

    /// How long fewer bytes than [#GROUP_BYTES] wait for company before they are committed.
    private static final int GROUP_MILLIS = 20;

    private static final int GROUP_BYTES = 512 * 1024;

    /// How often the ends of dropped exchanges are tried again.
    private static final int RETRY_SECONDS = 2;

    /// Ends of dropped exchanges that wait for room on the disk; beyond this only the counters know.
    private static final int MOST_OWED = 1_000;

    private static final int CACHE_PAGES = 256;
    private static final int NICE = 10;

    private final RecorderQueue queue;
    private final long bodyLimit;
    private final String run = UlidCreator.getMonotonicUlid().toString();
    private final Connection connection;
    private final FrameWriter frames;
    private final @Nullable Spill spill;
    private final byte[] spilled = new byte[BlockPool.BLOCK_BYTES];
    private final Thread thread;
    private final AtomicLong nextSeq;
    private volatile boolean closing;

    // Owned by the writer thread.
    private final Map<ExchangeRecord, ExchangeEnd> owed = new LinkedHashMap<>();
    private long nextClosedOrder;

    private JournalWriter(Connection connection, long queueLimit, long bodyLimit, @Nullable Spill spill)
            throws SQLException {
        this.connection = connection;
        this.frames = new FrameWriter(connection);
        this.queue = new RecorderQueue(queueLimit, spill);
        this.spill = spill;
        this.bodyLimit = bodyLimit;
        this.nextSeq = new AtomicLong(number("SELECT coalesce(max(seq), 0) + 1 FROM exchange"));
        closeAbandoned();
        this.nextClosedOrder = number("SELECT coalesce(max(closed_order), 0) + 1 FROM exchange");
        this.thread = Thread.ofPlatform().name("journal-writer").unstarted(this::writeLoop);
    }

    /// Opens the journal, makes it if there is none, and closes what an earlier gateway left open as `gateway_error`.
    ///
    /// @param queueLimit most bytes in memory that wait for the disk
    /// @param bodyLimit most bytes of one body that are recorded
    /// @param spillFile where up to `spillLimit` more bytes wait
    /// @throws JournalException if the file cannot be opened or was written by a newer version
    public static JournalWriter open(Path file, long queueLimit, long bodyLimit, Path spillFile, long spillLimit) {
        try {
            return open(file, queueLimit, bodyLimit, Spill.open(spillFile, spillLimit));
        } catch (IOException e) {
            throw new JournalException("the queue's file " + spillFile + " cannot be made", e);
        }
    }

    /// Without a file for what the queue's memory has no room for.
    public static JournalWriter open(Path file, long queueLimit, long bodyLimit) {
        return open(file, queueLimit, bodyLimit, null);
    }

    private static JournalWriter open(Path file, long queueLimit, long bodyLimit, @Nullable Spill spill) {
        try {
            Connection connection = Sqlite.open(file, SynchronousMode.NORMAL, CACHE_PAGES);
            JournalSchema.ensure(connection);
            return of(connection, queueLimit, bodyLimit, spill);
        } catch (SQLException e) {
            throw new JournalException("the journal " + file + " cannot be opened", e);
        }
    }

    /// A writer on a connection of the caller's making, which is the writer's own from then on.
    static JournalWriter of(Connection connection, long queueLimit, long bodyLimit) throws SQLException {
        return of(connection, queueLimit, bodyLimit, null);
    }

    private static JournalWriter of(Connection connection, long queueLimit, long bodyLimit, @Nullable Spill spill)
            throws SQLException {
        JournalWriter writer = new JournalWriter(connection, queueLimit, bodyLimit, spill);
        writer.thread.start();
        return writer;
    }

    @Override
    public Recording begin(ExchangeStart start) {
        if (!queue.takesExchanges()) {
            queue.countUnrecorded();
            return new LostRecording(queue);
        }
        ExchangeRecord exchange = new ExchangeRecord(start, nextSeq.getAndIncrement(), run);
        queue.add(new QueueEntry.Begin(exchange));
        return new QueuedRecording(queue, exchange, bodyLimit);
    }

    public RecorderStats stats() {
        return queue.stats();
    }

    /// Writes what is queued and closes the file.
    @Override
    public void close() {
        closing = true;
        queue.add(new QueueEntry.Stop());
        try {
            thread.join();
            connection.close();
            if (spill != null) {
                spill.close();
            }
        } catch (SQLException e) {
            throw new JournalException("the journal cannot be closed", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void closeAbandoned() throws SQLException {
        try (PreparedStatement update = connection.prepareStatement("""
                UPDATE exchange SET state = 1, outcome = 'gateway_error', closed_by = 'gateway', ended_us = started_us,
                  closed_order = seq + (SELECT coalesce(max(closed_order), 0) FROM exchange),
                  request_bytes = (SELECT coalesce(sum(length(bytes)), 0) FROM frame
                    WHERE frame.id >= exchange.seq << 24 AND frame.id < (exchange.seq << 24) + 8388608),
                  response_bytes = (SELECT coalesce(sum(length(bytes)), 0) FROM frame
                    WHERE frame.id >= (exchange.seq << 24) + 8388608 AND frame.id < (exchange.seq + 1) << 24),
                  error = 'the gateway ended before the call did'
                WHERE state = 0""")) {
            int closed = update.executeUpdate();
            if (closed > 0) {
                LOG.warning(closed + " calls were open when the gateway ended; closed as gateway_error");
            }
        }
    }

    private long number(String sql) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet result = statement.executeQuery(sql)) {
            return result.getLong(1);
        }
    }

    private void writeLoop() {
        // Calls come first: an event loop that has something to pass on gets the processor from this thread.
        ThreadNice.lower(NICE);
        List<QueueEntry> batch = new ArrayList<>();
        boolean stop = false;
        while (!stop) {
            try {
                collect(batch);
                stop = !batch.isEmpty() && batch.getLast() instanceof QueueEntry.Stop;
                if (!batch.isEmpty() || !owed.isEmpty()) {
                    commit(batch);
                }
                queue.done(batch);
                batch.clear();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return;
            }
        }
    }

    private void collect(List<QueueEntry> batch) throws InterruptedException {
        @Nullable QueueEntry entry = queue.poll(RETRY_SECONDS);
        // A burst does not wait: it would fill the queue meanwhile.
        for (int i = 0; entry != null && i < GROUP_MILLIS && !closing && queue.bytes() < GROUP_BYTES; i++) {
            Thread.sleep(1);
        }
        long bytes = 0;
        while (entry != null) {
            batch.add(entry);
            bytes += entry.size();
            boolean full = bytes >= COMMIT_BYTES || entry instanceof QueueEntry.Stop;
            entry = full ? null : queue.poll();
        }
    }

    private void commit(List<QueueEntry> batch) {
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

    private void bytes(ExchangeRecord exchange, Direction direction, ByteBuffer bytes) throws SQLException {
        int length = bytes.remaining();
        if (!exchange.bytes(frames, direction, bytes)) {
            queue.countDropped(exchange, length);
        }
    }

    private void apply(QueueEntry entry) throws SQLException, IOException {
        switch (entry) {
            case QueueEntry.Begin(ExchangeRecord exchange) -> exchange.begin(connection);
            case QueueEntry.Head(ExchangeRecord exchange, ResponseHead head) -> exchange.head(connection, head);
            case QueueEntry.Bytes bytes -> bytes(bytes.exchange(), bytes.direction(), bytes.take());
            case QueueEntry.Spilled waiting -> {
                ByteBuffer bytes = ByteBuffer.wrap(spilled, 0, waiting.length());
                queue.read(waiting, bytes);
                bytes(waiting.exchange(), waiting.direction(), bytes.flip());
            }
            case QueueEntry.End(ExchangeRecord exchange, ExchangeEnd end) ->
                exchange.end(connection, end, nextClosedOrder++);
            case QueueEntry.Stop() -> {}
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
        try {
            Sqlite.execute(connection, "ROLLBACK");
        } catch (SQLException e) {
            // SQLite has rolled back by itself, as it does when the disk is full.
            LOG.log(Level.FINE, "nothing to roll back", e);
        }
        lost.forEach((exchange, bytes) -> {
            queue.countDropped(exchange, bytes);
            exchange.rolledBack();
        });
        ended.entrySet().stream()
                .limit(Math.max(0, MOST_OWED - owed.size()))
                .forEach(e -> owed.put(e.getKey(), e.getValue()));
    }
}
