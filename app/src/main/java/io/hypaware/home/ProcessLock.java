package io.hypaware.home;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/// A lock between processes: a file whose lock the kernel gives back when its holder dies, however it dies.
/// The file's text says who holds it.
public final class ProcessLock implements AutoCloseable {

    private static final Duration POLL = Duration.ofMillis(20);
    private static final int ATTEMPTS = 40;
    private static final Duration ATTEMPT_PAUSE = Duration.ofMillis(7);

    /// Locks of this process. Its files are not opened again to look: POSIX gives back every lock of a process on
    /// a file as soon as any of its descriptors of that file is closed (fcntl(2)).
    private static final Set<Path> HELD_HERE = ConcurrentHashMap.newKeySet();

    private final Path file;
    private final FileChannel channel;

    private ProcessLock(Path file, FileChannel channel) {
        this.file = file;
        this.channel = channel;
    }

    /// Takes the lock if no one holds it. Who only looks whether it is taken ([#isTaken]) holds it for an
    /// instant, so that one refusal is not believed.
    ///
    /// @param purpose what the holder does, for those who find it taken
    public static Optional<ProcessLock> tryTake(Path file, String purpose) throws InterruptedException {
        Optional<ProcessLock> lock = tryOnce(file, purpose);
        for (int attempt = 1; lock.isEmpty() && attempt < ATTEMPTS; attempt++) {
            Thread.sleep(ATTEMPT_PAUSE);
            lock = tryOnce(file, purpose);
        }
        return lock;
    }

    private static Optional<ProcessLock> tryOnce(Path lockFile, String purpose) {
        Path file = lockFile.toAbsolutePath().normalize();
        if (!HELD_HERE.add(file)) {
            return Optional.empty();
        }
        boolean taken = false;
        try {
            HypHome.privateFolder(file.resolveSibling(""));
            FileChannel channel = FileChannel.open(
                    file,
                    StandardOpenOption.CREATE,
                    StandardOpenOption.READ,
                    StandardOpenOption.WRITE,
                    LinkOption.NOFOLLOW_LINKS);
            FileLock lock = channel.tryLock();
            if (lock == null) {
                channel.close();
                return Optional.empty();
            }
            writeOwner(channel, purpose);
            taken = true;
            return Optional.of(new ProcessLock(file, channel));
        } catch (IOException e) {
            throw new UncheckedIOException("the lock " + file + " cannot be used", e);
        } finally {
            if (!taken) {
                HELD_HERE.remove(file);
            }
        }
    }

    /// Waits for the lock.
    ///
    /// @throws IllegalStateException if it is still taken after `patience`; the message names the holder
    public static ProcessLock take(Path file, String purpose, Duration patience) throws InterruptedException {
        long deadline = System.nanoTime() + patience.toNanos();
        while (true) {
            Optional<ProcessLock> lock = tryOnce(file, purpose);
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
    public static boolean isTaken(Path lockFile) {
        Path file = lockFile.toAbsolutePath().normalize();
        if (HELD_HERE.contains(file)) {
            return true;
        }
        if (!Files.exists(file)) {
            return false;
        }
        try (FileChannel channel =
                FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE, LinkOption.NOFOLLOW_LINKS)) {
            FileLock lock = channel.tryLock(0, Long.MAX_VALUE, true);
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
        } finally {
            HELD_HERE.remove(file);
        }
    }
}
