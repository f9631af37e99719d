package io.hypaware.journal;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.Optional;
import java.util.logging.Level;
import java.util.logging.Logger;

/// Where bytes wait for the journal when the queue's memory is full: a file, bounded, that is gone when the process is.
/// Writes go to the system's memory and are never synced; a disk that makes one of them wait is left alone for a while,
/// because calls do not wait for it.
///
/// Event loops write, the writer thread reads.
final class Spill implements AutoCloseable {

    private static final Logger LOG = Logger.getLogger(Spill.class.getName());

    /// A write that takes longer shows a disk that is in the way of calls.
    static final Duration SLOW = Duration.ofMillis(50);

    private static final long PAUSE_NANOS = 1_000_000_000;

    private final FileChannel channel;
    private final long limit;
    private final long slowNanos;
    private long next;
    private long waiting;
    private long pausedAtNanos;
    private boolean paused;

    private Spill(FileChannel channel, long limit, Duration slow) {
        this.channel = channel;
        this.limit = limit;
        this.slowNanos = slow.toNanos();
    }

    /// @param file made anew; what an earlier process left there is gone
    /// @param slow a write that takes longer is the last for a while
    static Spill open(Path file, long limit, Duration slow) throws IOException {
        Files.deleteIfExists(file);
        return new Spill(
                FileChannel.open(
                        file,
                        StandardOpenOption.CREATE_NEW,
                        StandardOpenOption.READ,
                        StandardOpenOption.WRITE,
                        StandardOpenOption.DELETE_ON_CLOSE,
                        LinkOption.NOFOLLOW_LINKS),
                limit,
                slow);
    }

    /// Where bytes are, and how much of the file is theirs until they are given back.
    record Place(long at, long reserved) {}

    /// Takes bytes; nothing if there is no room or the disk is slow. The file is used in a circle: what was
    /// taken first is given back first.
    synchronized Optional<Place> write(byte[] bytes, int length) {
        if (waiting == 0) {
            next = 0;
        }
        long left = limit - next;
        long skipped = left < length ? left : 0;
        if (waiting + skipped + length > limit || isPaused()) {
            return Optional.empty();
        }
        long start = skipped > 0 ? 0 : next;
        long begun = System.nanoTime();
        try {
            ByteBuffer buffer = ByteBuffer.wrap(bytes, 0, length);
            long at = start;
            while (buffer.hasRemaining()) {
                at += channel.write(buffer, at);
            }
            next = start + length;
            waiting += skipped + length;
            if (System.nanoTime() - begun > slowNanos) {
                pause();
            }
            return Optional.of(new Place(start, skipped + length));
        } catch (IOException e) {
            LOG.log(Level.FINE, "the queue's file cannot be written", e);
            pause();
            return Optional.empty();
        }
    }

    /// Reads what was written at a place.
    void read(long at, ByteBuffer target) throws IOException {
        long from = at;
        while (target.hasRemaining()) {
            int count = channel.read(target, from);
            if (count < 0) {
                throw new IOException("the queue's file ends before its time");
            }
            from += count;
        }
    }

    /// Bytes are no longer needed; once none is, the file holds none.
    synchronized void giveBack(long length) {
        waiting -= length;
        if (waiting == 0) {
            try {
                channel.truncate(0);
            } catch (IOException e) {
                LOG.log(Level.FINE, "the queue's file cannot be cut", e);
            }
        }
    }

    synchronized long waiting() {
        return waiting;
    }

    private boolean isPaused() {
        if (paused && System.nanoTime() - pausedAtNanos > PAUSE_NANOS) {
            paused = false;
        }
        return paused;
    }

    private void pause() {
        paused = true;
        pausedAtNanos = System.nanoTime();
    }

    @Override
    public void close() {
        try {
            channel.close();
        } catch (IOException e) {
            LOG.log(Level.FINE, "the queue's file cannot be closed", e);
        }
    }
}
