package io.hypaware.web;

import io.hypaware.home.Cache;
import io.hypaware.journal.Journal;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;

/// Makes what was recorded visible, and keeps what was made of it for as long as nothing is recorded.
final class Fresh implements AutoCloseable {

    /// Values that are kept; the oldest goes.
    private static final int MOST_KEPT = 6;

    private final Cache cache;
    private final Site.Step settle;

    /// Held open, so that others who come and go need not write at the file when they leave.
    private Optional<Journal> held = Optional.empty();

    /// As the files were before they were settled last.
    private List<String> settled = List.of();

    private final Map<String, Kept> kept = new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Kept> eldest) {
            return size() > MOST_KEPT;
        }
    };

    private record Kept(List<String> stamp, Object value) {}

    Fresh(Cache cache, Site.Step settle) {
        this.cache = cache;
        this.settle = settle;
    }

    /// Settles if something was recorded since.
    ///
    /// @return whether anything changed
    synchronized boolean settle() throws Exception {
        if (held.isEmpty()) {
            held = Journal.openExisting(cache.journal());
        }
        if (stamp().equals(settled)) {
            return false;
        }
        // As they were before: what comes meanwhile is settled the next time.
        List<String> before = stamp();
        settle.run();
        settled = before;
        return true;
    }

    /// A value that was made before, if nothing was recorded since.
    <T> T get(String key, Class<T> type, Callable<T> make) throws Exception {
        List<String> now = stamp();
        synchronized (kept) {
            Kept known = kept.get(key);
            if (known != null && known.stamp().equals(now)) {
                return type.cast(known.value());
            }
        }
        T made = make.call();
        synchronized (kept) {
            kept.put(key, new Kept(now, made));
        }
        return made;
    }

    /// What changes whenever a row comes.
    private List<String> stamp() {
        List<String> stamp = new ArrayList<>();
        for (Path file : List.of(cache.journal(), cache.catalog())) {
            stamp.add(stamp(file));
            stamp.add(stamp(file.resolveSibling(file.getFileName() + "-wal")));
        }
        return stamp;
    }

    private static String stamp(Path file) {
        try {
            BasicFileAttributes attributes = Files.readAttributes(file, BasicFileAttributes.class);
            // Readers make an empty log, and take it away.
            return attributes.size() == 0 ? "" : attributes.size() + " " + attributes.lastModifiedTime();
        } catch (NoSuchFileException e) {
            return "";
        } catch (IOException e) {
            return "unknown " + System.nanoTime();
        }
    }

    @Override
    public synchronized void close() {
        held.ifPresent(Journal::close);
        held = Optional.empty();
    }
}
