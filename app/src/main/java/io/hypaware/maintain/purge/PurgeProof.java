package io.hypaware.maintain.purge;

import io.hypaware.dataset.Dataset;
import io.hypaware.dataset.Datasets;
import io.hypaware.home.Cache;
import io.hypaware.journal.Journal;
import io.hypaware.lake.Lake;
import io.hypaware.lake.LiveFile;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// Whether what was purged is on no byte of the disk.
///
/// @param pieces of it that were looked for
/// @param shared pieces that kept rows say, too, and that show nothing for that
/// @param files that were read, and their bytes on disk
/// @param places where something of it was found
/// @param unread what could not be looked into, or is not as it should be
public record PurgeProof(
        int pieces, int shared, long files, long bytes, Map<String, Integer> places, List<String> unread, long millis) {

    public boolean isClean() {
        return places.isEmpty() && unread.isEmpty();
    }

    /// Looks for pieces of what was purged, and whether rows are left.
    static PurgeProof of(Purge.Environment environment, Selection selection, Purge.Sample sample)
            throws SQLException, IOException {
        Cache cache = environment.cache();
        try (Lake lake = Lake.open(cache);
                Journal journal = Journal.open(cache.journal());
                DoomedRows rows = DoomedRows.open(
                        cache, environment.config().maintenance().memoryBytes(), lake, journal)) {
            List<String> pieces = OwnTexts.of(root(environment), cache, journal).without(List.copyOf(sample.pieces()));
            DiskSearch search = new DiskSearch(root(environment), new Needles(pieces));
            search.readRows(rows);
            DiskSearch.Found found = search.readFiles(cache, rows.engine(), live(lake));
            List<String> unread = new ArrayList<>(found.unread());
            left(rows, selection, sample.upToSeq(), unread);
            return proof(found, unread);
        }
    }

    /// Where texts stand, in what is kept, too.
    static PurgeProof ofTexts(Purge.Environment environment, Collection<String> texts)
            throws SQLException, IOException {
        Cache cache = environment.cache();
        try (Lake lake = Lake.open(cache);
                Journal journal = Journal.open(cache.journal());
                DoomedRows rows = DoomedRows.open(
                        cache, environment.config().maintenance().memoryBytes(), lake, journal)) {
            DiskSearch search = new DiskSearch(root(environment), new Needles(texts));
            DiskSearch.Found found = search.readFiles(cache, rows.engine(), Set.of());
            return proof(found, found.unread());
        }
    }

    private static PurgeProof proof(DiskSearch.Found found, List<String> unread) {
        return new PurgeProof(
                found.needles(),
                found.shared(),
                found.files(),
                found.bytes(),
                found.places(),
                List.copyOf(unread),
                found.millis());
    }

    private static Path root(Purge.Environment environment) {
        Path home = environment.home();
        Path parent = home.getParent();
        return parent == null ? home : parent;
    }

    private static Set<Path> live(Lake lake) {
        Set<Path> live = new HashSet<>();
        for (Dataset dataset : Datasets.all()) {
            lake.table(dataset)
                    .ifPresent(
                            table -> table.files().stream().map(LiveFile::path).forEach(live::add));
        }
        return live;
    }

    /// Rows that should have gone, which were read as kept ones.
    private static void left(DoomedRows rows, Selection selection, long upToSeq, List<String> unread)
            throws SQLException {
        rows.choose(selection, rows.sessions(selection), upToSeq);
        for (Dataset dataset : Datasets.all()) {
            long left = rows.count(dataset);
            if (left > 0) {
                unread.add("%,d rows of %s are left".formatted(left, dataset.name()));
            }
        }
        long payloads = UnreferencedPayloads.of(rows).size().payloads();
        if (payloads > 0) {
            unread.add("%,d payloads are there that nothing refers to".formatted(payloads));
        }
    }
}
