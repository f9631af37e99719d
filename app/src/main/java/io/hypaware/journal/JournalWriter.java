package io.hypaware.journal;

import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.jspecify.annotations.Nullable;

/// The gateway's way into the journal: a queue bounded in bytes, and one thread that commits what is in it in groups.
///
/// What does not fit the queue, or the disk, is dropped and counted; the caller never waits and never sees an error.
/// Nor does it wait for the journal to be opened: after a crash that means reading all that was not checkpointed.
public final class JournalWriter implements Recorder, TelemetryRecorder, AutoCloseable {

    private static final Logger LOG = Logger.getLogger(JournalWriter.class.getName());

    /// Most bytes in one commit: the fastest size measured, see docs/decisions/0002-journal.md.
    private static final int COMMIT_BYTES = 4 * 1024 * 1024;

    /// How long fewer bytes than [#GROUP_BYTES] wait for company before they are committed.
    private static final int GROUP_MILLIS = 20;

    private static final int GROUP_BYTES = 512 * 1024;

    /// How often the ends of dropped exchanges are tried again, and a journal that could not be opened.
    private static final int RETRY_SECONDS = 2;

    private static final int NICE = 10;

    private final RecorderQueue queue;
    private final long bodyLimit;
    private final Runs runs;
    private final Opening opening;
    private final @Nullable Spill spill;
    private final Thread thread;
    private volatile boolean open;
    private volatile boolean closing;

    /// How the writer thread comes to its connection.
    private interface Opening {
        GroupCommit open(RecorderQueue queue, Runs runs) throws SQLException;
    }

    private JournalWriter(Opening opening, Runs runs, long queueLimit, long bodyLimit, @Nullable Spill spill) {
        this.runs = runs;
        this.queue = new RecorderQueue(queueLimit, spill);
        this.spill = spill;
        this.bodyLimit = bodyLimit;
        this.opening = opening;
        this.thread = Thread.ofPlatform().name("journal-writer").unstarted(this::write);
    }

    /// Takes recordings at once, and opens the journal meanwhile: makes it if there is none, and closes what an earlier
    /// gateway left open as `gateway_error`. One that cannot be opened is tried again and said in [#stats].
    ///
    /// @param queueLimit most bytes in memory that wait for the disk
    /// @param bodyLimit most bytes of one body that are recorded
    /// @param runFolder where up to `spillLimit` more bytes wait in a file, and where writers see each other: what
    ///     another living one has open is its own
    /// @throws JournalException if the queue's file cannot be made
    public static JournalWriter open(Path file, long queueLimit, long bodyLimit, Path runFolder, long spillLimit) {
        Path spillFile = runFolder.resolve("queue.spill");
        try {
            Spill spill = Spill.open(spillFile, spillLimit, Spill.SLOW);
            return started(new JournalWriter(opening(file), Runs.in(runFolder), queueLimit, bodyLimit, spill));
        } catch (IOException e) {
            throw new JournalException("the queue's file " + spillFile + " cannot be made", e);
        }
    }

    /// The only writer, without a file for what the queue's memory has no room for.
    public static JournalWriter open(Path file, long queueLimit, long bodyLimit) {
        return open(file, queueLimit, bodyLimit, null);
    }

    static JournalWriter open(Path file, long queueLimit, long bodyLimit, @Nullable Spill spill) {
        return started(new JournalWriter(opening(file), Runs.alone(), queueLimit, bodyLimit, spill));
    }

    /// A writer on a connection of the caller's making, which is the writer's own from then on.
    static JournalWriter of(Connection connection, long queueLimit, long bodyLimit) {
        return started(new JournalWriter(
                (queue, runs) -> new GroupCommit(connection, queue, runs), Runs.alone(), queueLimit, bodyLimit, null));
    }

    private static Opening opening(Path file) {
        return (queue, runs) -> GroupCommit.open(file, queue, runs);
    }

    private static JournalWriter started(JournalWriter writer) {
        writer.thread.start();
        return writer;
    }

    /// The processes that record now, by what they hold in their run folder.
    public static List<Long> writers(Path runFolder) {
        return Runs.processes(runFolder);
    }

    @Override
    public Recording begin(ExchangeStart start) {
        if (!queue.takesExchanges()) {
            queue.countUnrecorded();
            return new LostRecording(queue);
        }
        ExchangeRecord exchange = new ExchangeRecord(start, runs.own());
        queue.add(new QueueEntry.Begin(exchange));
        return new QueuedRecording(queue, exchange, bodyLimit);
    }

    @Override
    public CompletableFuture<Void> record(TelemetryRequest request) {
        if (!open || closing) {
            return CompletableFuture.failedFuture(new IllegalStateException("the journal is not open"));
        }
        CompletableFuture<Void> written = new CompletableFuture<>();
        queue.add(new QueueEntry.Telemetry(request, written));
        return written;
    }

    public RecorderStats stats() {
        return queue.stats(open);
    }

    /// Writes what is queued and closes the file.
    @Override
    public void close() {
        closing = true;
        queue.add(new QueueEntry.Stop());
        try {
            thread.join();
            queue.failTelemetry();
            if (spill != null) {
                spill.close();
            }
            runs.close();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void write() {
        // Calls come first: an event loop that has something to pass on gets the processor from this thread.
        ThreadNice.lower(NICE);
        try {
            Optional<GroupCommit> opened = Optional.empty();
            while (opened.isEmpty()) {
                opened = tryOpen();
                if (opened.isEmpty() && closing) {
                    LOG.warning("the journal was never open; nothing is recorded of this time");
                    return;
                }
            }
            try (GroupCommit journal = opened.get()) {
                open = true;
                writeTo(journal);
            }
        } catch (SQLException e) {
            LOG.log(Level.WARNING, "the journal cannot be closed", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /// The journal, or nothing after a while.
    private Optional<GroupCommit> tryOpen() throws InterruptedException {
        try {
            return Optional.of(opening.open(queue, runs));
        } catch (SQLException e) {
            if (queue.error("the journal cannot be opened: " + e.getMessage())) {
                LOG.log(Level.WARNING, "the journal cannot be opened; calls go on, unrecorded", e);
            }
            for (int i = 0; i < RETRY_SECONDS * 10 && !closing; i++) {
                Thread.sleep(100);
            }
            return Optional.empty();
        }
    }

    private void writeTo(GroupCommit journal) throws InterruptedException {
        List<QueueEntry> batch = new ArrayList<>();
        boolean stop = false;
        while (!stop) {
            collect(batch);
            stop = !batch.isEmpty() && batch.getLast() instanceof QueueEntry.Stop;
            if (!batch.isEmpty() || journal.owes()) {
                journal.commit(batch);
            }
            queue.done(batch);
            batch.clear();
            journal.closeAbandoned();
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
            bytes += entry instanceof QueueEntry.Telemetry telemetry
                    ? telemetry.request().body().length
                    : entry.size();
            boolean full = bytes >= COMMIT_BYTES || entry instanceof QueueEntry.Stop;
            entry = full ? null : queue.poll();
        }
    }
}
