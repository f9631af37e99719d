package io.hypaware.journal;

import com.github.f4b6a3.ulid.UlidCreator;
import io.hypaware.home.ProcessLock;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// Which processes record into a journal. While one hands over to the next, both do, and what the first has open is
/// its own to close; what a dead one left open is closed by whoever comes after it.
///
/// A run is known to live by a lock that its process holds.
final class Runs implements AutoCloseable {

    private static final String PREFIX = "recording-";
    private static final String SUFFIX = ".lock";

    private static final Pattern PID = Pattern.compile("pid (\\d{1,9})");

    private final String own;
    private final @Nullable Path folder;
    private final Optional<ProcessLock> lock;

    private Runs(String own, @Nullable Path folder, Optional<ProcessLock> lock) {
        this.own = own;
        this.folder = folder;
        this.lock = lock;
    }

    /// A run beside those that have their locks in a folder.
    static Runs in(Path folder) {
        String own = newRun();
        try {
            return new Runs(own, folder, ProcessLock.tryTake(file(folder, own), "recording"));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return new Runs(own, folder, Optional.empty());
        }
    }

    /// A run that is the only one, for who knows that.
    static Runs alone() {
        return new Runs(newRun(), null, Optional.empty());
    }

    private static String newRun() {
        return UlidCreator.getMonotonicUlid().toString();
    }

    String own() {
        return own;
    }

    /// Other runs whose processes live. What the dead ones left is taken away.
    Set<String> others() {
        if (folder == null) {
            return Set.of();
        }
        return all(folder).stream()
                .filter(run -> !run.equals(own) && lives(folder, run))
                .collect(Collectors.toUnmodifiableSet());
    }

    private static List<String> all(Path folder) {
        if (!Files.isDirectory(folder)) {
            return List.of();
        }
        try (Stream<Path> files = Files.list(folder)) {
            return files.map(file -> String.valueOf(file.getFileName()))
                    .filter(name -> name.startsWith(PREFIX) && name.endsWith(SUFFIX))
                    .map(name -> name.substring(PREFIX.length(), name.length() - SUFFIX.length()))
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(folder + " cannot be read", e);
        }
    }

    /// The numbers of the processes that live, as they wrote them into their locks.
    static List<Long> processes(Path folder) {
        return all(folder).stream()
                .map(run -> file(folder, run))
                .filter(ProcessLock::isTaken)
                .map(file -> PID.matcher(ProcessLock.owner(file)))
                .filter(Matcher::find)
                .map(pid -> Long.parseLong(pid.group(1)))
                .toList();
    }

    private static boolean lives(Path folder, String run) {
        Path file = file(folder, run);
        if (ProcessLock.isTaken(file)) {
            return true;
        }
        try {
            Files.deleteIfExists(file);
        } catch (IOException e) {
            throw new UncheckedIOException(file + " cannot be deleted", e);
        }
        return false;
    }

    private static Path file(Path folder, String run) {
        return folder.resolve(PREFIX + run + SUFFIX);
    }

    @Override
    public void close() {
        if (folder != null && lock.isPresent()) {
            try {
                Files.deleteIfExists(file(folder, own));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            } finally {
                lock.get().close();
            }
        }
    }
}
