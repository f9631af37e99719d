package io.hypaware.maintain.purge;

import io.hypaware.dataset.Dataset;
import io.hypaware.dataset.Datasets;
import io.hypaware.home.Cache;
import io.hypaware.journal.Journal;
import io.hypaware.lake.Lake;
import io.hypaware.lake.LakeTable;
import io.hypaware.lake.LiveFile;
import io.hypaware.legacy.OlderPartition;
import java.io.IOException;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// What a purge would do.
///
/// @param sessions that go whole; the first of them
/// @param sessionCount how many they are
/// @param rows that go, by dataset
/// @param payloads that go, and the bytes of their values
/// @param shared large values, or pieces of some, that what goes has in common with what stays
/// @param files of the lake that are written again, and their bytes
/// @param beingRecorded calls that are open now: what they say is there afterwards
/// @param waiting calls, and what exporters and clients sent, that are no rows yet, or could not become any, and go
/// @param notes what somebody should know
public record PurgePlan(
        List<String> sessions,
        long sessionCount,
        Map<String, Long> rows,
        long exchanges,
        long payloads,
        long payloadBytes,
        long shared,
        int files,
        long fileBytes,
        long beingRecorded,
        long waiting,
        List<String> notes) {

    private static final int MOST_NAMED = 20;

    /// Whether there is nothing to purge.
    public boolean isEmpty() {
        return rows.isEmpty() && exchanges == 0 && waiting == 0;
    }

    static PurgePlan of(DoomedRows rows, Selection selection, Lake lake, Journal journal, Purge.Environment environment)
            throws SQLException, IOException {
        List<String> sessions = rows.sessions(selection);
        rows.choose(selection, sessions, journal.lastAssignedSeq());
        Map<String, Long> counts = new LinkedHashMap<>();
        Set<String> files = new HashSet<>();
        for (Dataset dataset : Datasets.all()) {
            long count = rows.count(dataset);
            if (count > 0) {
                counts.put(dataset.name(), count);
                files.addAll(rows.files(dataset));
            }
        }
        UnreferencedPayloads payloads = UnreferencedPayloads.of(rows);
        files.addAll(payloads.files());
        UnreferencedPayloads.Size size = payloads.size();
        Unprojected unprojected = new Unprojected(
                environment.cache(), journal, selection, environment.clock().instant(), new Tally());
        return new PurgePlan(
                sessions.stream().limit(MOST_NAMED).toList(),
                sessions.size(),
                counts,
                rows.number("SELECT count(*) FROM doomed_exchange"),
                size.payloads(),
                size.bytes(),
                size.shared(),
                files.size(),
                bytes(lake, files),
                journal.purges().beingRecorded(),
                unprojected.count(sessions),
                notes(environment.cache()));
    }

    private static long bytes(Lake lake, Set<String> files) {
        return Datasets.all().stream()
                .flatMap(dataset -> lake.table(dataset).map(LakeTable::files).orElse(List.of()).stream())
                .filter(file -> files.contains(file.path().toString()))
                .mapToLong(LiveFile::bytes)
                .sum();
    }

    private static List<String> notes(Cache cache) throws IOException {
        List<String> notes = new ArrayList<>();
        notes.add("files that hyp session export wrote are not known here; delete them yourself");
        for (OlderPartition partition : OlderPartition.all(cache)) {
            notes.add(
                    partition.folder() + " is adopted first; its own copy, from which that can be undone, is deleted");
        }
        return notes;
    }
}
