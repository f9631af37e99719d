package io.hypaware.sink.iceberg;

import io.hypaware.lake.stored.TableCommits;
import io.hypaware.store.Destination;
import io.hypaware.store.Destination.StoredFile;
import io.hypaware.store.ObjectKey;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.ManifestFile;
import org.apache.iceberg.ManifestFiles;
import org.apache.iceberg.ManifestReader;
import org.apache.iceberg.Snapshot;
import org.apache.iceberg.TableMetadata;
import org.apache.iceberg.io.FileIO;

/// Data files that an attempt of this writer's has put into its table's folder, and died before it committed them. What
/// has another name is somebody else's. Where it cannot be read what the table names, nothing is an orphan.
final class TableOrphans {

    /// So long nobody takes who is about to commit.
    static final Duration GRACE = Duration.ofDays(7);

    private final Destination destination;
    private final TableCommits commits;
    private final Pattern ours;

    /// @param writer whose files these are
    TableOrphans(Destination destination, TableCommits commits, String writer) {
        this.destination = destination;
        this.commits = commits;
        this.ours = Pattern.compile("data/day=\\d{4}-\\d\\d-\\d\\d/" + Pattern.quote(writer)
                + "\\.[A-Za-z0-9._-]{1,80}\\.[0-9a-f]{16}\\.parquet");
    }

    List<ObjectKey> find(Instant now) throws IOException {
        ObjectKey folder = commits.folder();
        // Files first: what is committed from now on is named by what is read next.
        List<ObjectKey> old = destination.list(folder.child("data")).stream()
                .filter(file -> file.modified().plus(GRACE).isBefore(now))
                .map(StoredFile::key)
                .filter(key -> ours.matcher(key.below(folder)).matches())
                .toList();
        TableMetadata known = old.isEmpty() ? null : commits.refresh();
        if (known == null) {
            return List.of();
        }
        Set<ObjectKey> named = named(known);
        return old.stream().filter(key -> !named.contains(key)).toList();
    }

    /// Of all snapshots that the table has.
    private Set<ObjectKey> named(TableMetadata metadata) throws IOException {
        FileIO io = commits.io();
        Set<ObjectKey> named = new HashSet<>();
        Set<String> read = new HashSet<>();
        for (Snapshot snapshot : metadata.snapshots()) {
            for (ManifestFile manifest : snapshot.dataManifests(io)) {
                if (read.add(manifest.path())) {
                    try (ManifestReader<DataFile> files = ManifestFiles.read(manifest, io, metadata.specsById())) {
                        files.forEach(file -> commits.key(file.location()).ifPresent(named::add));
                    }
                }
            }
        }
        return named;
    }
}
