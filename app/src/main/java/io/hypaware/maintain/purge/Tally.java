package io.hypaware.maintain.purge;

import io.hypaware.dataset.Dataset;
import io.hypaware.dataset.Datasets;
import io.hypaware.lake.Generation;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// What a purge has done so far.
final class Tally {

    private final Map<String, Long> rows = new TreeMap<>();
    private final List<String> notes = new ArrayList<>();
    private long sessions;
    private long exchanges;
    private long payloads;
    private int filesRewritten;
    private long bytesRewritten;
    private long filesDeleted;
    private long bytesDeleted;
    private long linesBlanked;

    void sessions(long count) {
        sessions += count;
    }

    void exchanges(long count) {
        exchanges += count;
    }

    void payloads(long count) {
        payloads += count;
    }

    void rows(Dataset dataset, long count) {
        if (count > 0) {
            rows.merge(dataset.name(), count, Long::sum);
        }
    }

    void rewritten(Dataset dataset, long dropped, long bytes) {
        if (!dataset.equals(Datasets.PAYLOADS)) {
            rows(dataset, dropped);
        }
        filesRewritten++;
        bytesRewritten += bytes;
    }

    /// @param path about to be deleted
    void deleted(Path path) {
        if (Files.isDirectory(path)) {
            Generation.Tree tree = Generation.tree(path);
            filesDeleted += tree.files();
            bytesDeleted += tree.bytes();
        } else {
            filesDeleted++;
            bytesDeleted += path.toFile().length();
        }
    }

    void linesBlanked(long count) {
        linesBlanked += count;
    }

    void note(String note) {
        notes.add(note);
    }

    PurgeResult result(long millis) {
        return new PurgeResult(
                sessions,
                Map.copyOf(rows),
                exchanges,
                payloads,
                filesRewritten,
                bytesRewritten,
                filesDeleted,
                bytesDeleted,
                linesBlanked,
                millis,
                List.copyOf(notes));
    }
}
