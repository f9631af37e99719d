package io.hypaware.home;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.Optional;

/// A lock between processes: a file whose lock the kernel gives back when its holder dies, however it dies.
/// The file's text says who holds it.
public final class ProcessLock implements AutoCloseable {

    private static final Duration POLL = Duration.ofMillis(20);

    private final FileChannel channel;

    private ProcessLock(FileChannel channel) {
        this.channel = channel;
    }

    /// Takes the lock if no one holds it.
    ///
    /// @param purpose what the holder does, for those who find it taken
    public static Optional<ProcessLock> tryTake(Path file, String purpose) {
        try {
            HypHome.privateFolder(file.resolveSibling("").toAbsolutePath());
            FileChannel channel = FileChannel.open(
                    file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
            try {
                FileLock lock = channel.tryLock();
                if (lock != null) {
                    writeOwner(channel, purpose);
                    return Optional.of(new ProcessLock(channel));
                }
            } catch (OverlappingFileLockException e) {
                // held by another thread of this process: taken all the same
            }
            channel.close();
            return Optional.empty();
        } catch (IOException e) {
            throw new UncheckedIOException("the lock " + file + " cannot be used", e);
        }
    }

    /// Waits for the lock.
    ///
    /// @throws IllegalStateException if it is still taken after `patience`; the message names the holder
    public static ProcessLock take(Path file, String purpose, Duration patience) throws InterruptedException {
        long deadline = System.nanoTime() + patience.toNanos();
        while (true) {
            Optional<ProcessLock> lock = tryTake(file, purpose);
            if (lock.isPresent()) {
                return lock.get();
            }
            if (System.nanoTime() > deadline) {
                throw new IllegalStateException(file + " is held by " + owner(file) + "; waited " + patience.toSeconds()
                        + " s. Try again when it is done");
            }
            Thread.sleep(POLL);
        }
    }

    /// Whether someone holds the lock now.
    public static boolean isTaken(Path file) {
        if (!Files.exists(file)) {
            return false;
        }
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            FileLock lock = channel.tryLock();
            return lock == null;
        } catch (OverlappingFileLockException e) {
            return true;
        } catch (IOException e) {
            throw new UncheckedIOException("the lock " + file + " cannot be read", e);
        }
    }

    /// Who took the lock last, such as `flush, pid 4711`.
    public static String owner(Path file) {
        try {
            String text = Files.readString(file).strip();
            return text.isEmpty() ? "an unknown process" : text;
        } catch (IOException e) {
            return "an unknown process";
        }
    }

    private static void writeOwner(FileChannel channel, String purpose) {
        byte[] owner = (purpose + ", pid " + ProcessHandle.current().pid() + "\n").getBytes(StandardCharsets.UTF_8);
        try {
            channel.truncate(0);
            channel.write(ByteBuffer.wrap(owner), 0);
        } catch (IOException e) {
            // The text only helps people; on a full disk the lock itself still holds.
        }
    }

    @Override
    public void close() {
        try {
            channel.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
