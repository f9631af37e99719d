package io.hypaware.query;

import io.hypaware.home.HypHome;
import io.hypaware.home.Progress;
import io.hypaware.lake.FileCopies;
import io.hypaware.lake.LakeException;
import io.hypaware.lake.LiveFile;
import io.hypaware.lake.TeamTable;
import io.hypaware.store.StoreException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletionService;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorCompletionService;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.apache.iceberg.ContentFile;
import org.apache.iceberg.exceptions.NotFoundException;

/// Files of a team's bucket, fetched to a folder of one session, or linked there from the copies that earlier ones
/// left. All that a session fetches stays within one bound.
final class BucketFiles implements TeamFiles {

    /// At once: what each holds in memory is a piece.
    private static final int MOST_AT_ONCE = 4;

    private static final int PIECE = 64 * 1024;

    private static final int MOST_ATTEMPTS = 4;

    private static final Duration PAUSE = Duration.ofMillis(250);

    /// What takes less long than a look at a bar.
    private static final long QUICK_BYTES = 8 << 20;

    /// Room on the disk that a query leaves to others.
    private static final long ROOM_LEFT = 256L << 20;

    private static final FileAttribute<?> OWN =
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));

    private final Path folder;
    private final FileCopies kept;
    private final Fetching bounds;
    private final String server;
    private final Map<String, Path> fetched = new HashMap<>();
    private int tried;
    private long fetchedBytes;
    private volatile boolean isStopped;

    /// @param folder of the session, which goes with it
    /// @param server which has the bucket: another one may have files of the same names
    BucketFiles(Path folder, FileCopies kept, Fetching bounds, String server) {
        this.folder = HypHome.privateFolder(folder);
        this.kept = kept;
        this.bounds = bounds;
        this.server = server;
    }

    /// A file that is to be here.
    private record Wanted(String location, long bytes, Path path) {}

    @Override
    public boolean areFetched() {
        return true;
    }

    @Override
    public synchronized Reachable reachable(TeamTable table, List<LiveFile> files) {
        Map<String, Long> named = new LinkedHashMap<>();
        for (LiveFile file : files) {
            name(named, file.file());
            file.deletes().forEach(delete -> name(named, delete));
        }
        try {
            fetch(table, linked(named));
        } catch (IOException e) {
            throw new LakeException("the team's files cannot be fetched: " + e.getMessage(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw stopped();
        }
        List<LiveFile> here = files.stream()
                .map(file -> file.at(fetched(file.file().location())))
                .toList();
        return new Reachable(here, new CopiedFiles(this::fetched), Set.of(folder));
    }

    private static void name(Map<String, Long> named, ContentFile<?> file) {
        named.put(file.location(), file.fileSizeInBytes());
    }

    private Path fetched(String location) {
        Path path = fetched.get(location);
        if (path == null) {
            throw new IllegalArgumentException(location + " was not fetched");
        }
        return path;
    }

    /// Links the copies that there are.
    ///
    /// @return the files of which there is none
    private List<Wanted> linked(Map<String, Long> named) throws IOException {
        List<Wanted> missing = new ArrayList<>();
        for (Map.Entry<String, Long> one : named.entrySet()) {
            if (fetched.containsKey(one.getKey())) {
                continue;
            }
            if (tried >= bounds.mostFiles()) {
                throw beyond("%,d files".formatted(bounds.mostFiles()));
            }
            Wanted wanted = new Wanted(one.getKey(), one.getValue(), folder.resolve(tried++ + ".parquet"));
            if (kept.take(server + wanted.location(), wanted.bytes(), wanted.path())) {
                fetched.put(wanted.location(), wanted.path());
            } else {
                missing.add(wanted);
            }
        }
        return missing;
    }

    private static LakeException beyond(String bound) {
        return new LakeException("the query needs more of the team's bucket than the " + bound
                + " that one fetches to this machine. Narrow it by day, by _machine or by _user, or let Spark answer:"
                + " --engine spark");
    }

    private static LakeException stopped() {
        return new LakeException("the query was stopped");
    }

    private void fetch(TeamTable table, List<Wanted> missing) throws IOException, InterruptedException {
        if (missing.isEmpty()) {
            return;
        }
        long bytes = missing.stream().mapToLong(Wanted::bytes).sum();
        if (bytes > bounds.mostBytes() - fetchedBytes) {
            throw beyond("%,d MB".formatted(bounds.mostBytes() / 1_000_000));
        }
        kept.makeRoom(bytes, Instant.now());
        long room = Files.getFileStore(folder).getUsableSpace();
        if (room - ROOM_LEFT < bytes) {
            throw new LakeException(
                    "the disk of %s has %,d MB left, and the query fetches %,d MB: make room, or narrow it"
                            .formatted(folder, room / 1_000_000, bytes / 1_000_000));
        }
        Progress progress = bytes < QUICK_BYTES ? Progress.NONE : bounds.progress();
        progress.begin("fetching " + table.dataset().name(), missing.size(), bytes);
        try {
            together(table, missing, progress);
        } finally {
            progress.end();
            kept.makeRoom(0, Instant.now());
        }
    }

    private void together(TeamTable table, Collection<Wanted> missing, Progress progress)
            throws IOException, InterruptedException {
        try (ExecutorService threads = Executors.newFixedThreadPool(
                MOST_AT_ONCE, Thread.ofPlatform().daemon().factory())) {
            CompletionService<Wanted> done = new ExecutorCompletionService<>(threads);
            missing.forEach(wanted -> done.submit(() -> fetch(table, wanted)));
            try {
                for (int i = 0; i < missing.size(); i++) {
                    Wanted wanted = done.take().get();
                    fetched.put(wanted.location(), wanted.path());
                    fetchedBytes += wanted.bytes();
                    progress.advance(1, wanted.bytes());
                }
            } catch (ExecutionException e) {
                threads.shutdownNow();
                switch (e.getCause()) {
                    case IOException failed -> throw failed;
                    case RuntimeException failed -> throw failed;
                    case null, default -> throw new IOException(e);
                }
            } catch (InterruptedException e) {
                threads.shutdownNow();
                throw e;
            }
        }
    }

    private Wanted fetch(TeamTable table, Wanted wanted) throws IOException, InterruptedException {
        for (int attempt = 1; ; attempt++) {
            try {
                copy(table, wanted);
                kept.keep(server + wanted.location(), wanted.path());
                return wanted;
            } catch (NotFoundException | LakeException e) {
                throw e;
            } catch (IOException e) {
                boolean isTerminal = e instanceof StoreException failed && failed.isTerminal();
                if (isTerminal || attempt == MOST_ATTEMPTS) {
                    throw new IOException(wanted.location() + ": " + e.getMessage(), e);
                }
            }
            Thread.sleep(PAUSE.multipliedBy(attempt));
        }
    }

    private void copy(TeamTable table, Wanted wanted) throws IOException {
        long left = wanted.bytes();
        Files.deleteIfExists(wanted.path());
        Files.createFile(wanted.path(), OWN);
        try (InputStream in = table.open(wanted.location());
                OutputStream out = Files.newOutputStream(wanted.path())) {
            byte[] piece = new byte[PIECE];
            for (int read = in.read(piece); read >= 0 && left >= 0; read = in.read(piece)) {
                if (isStopped || Thread.currentThread().isInterrupted()) {
                    throw stopped();
                }
                left -= read;
                out.write(piece, 0, read);
            }
        }
        if (left != 0) {
            throw new IOException("it is not %,d bytes long, as its table says".formatted(wanted.bytes()));
        }
    }

    @Override
    public void stop() {
        isStopped = true;
    }
}
