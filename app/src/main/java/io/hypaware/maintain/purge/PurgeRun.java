package io.hypaware.maintain.purge;

import io.hypaware.dataset.Dataset;
import io.hypaware.dataset.Datasets;
import io.hypaware.home.Cache;
import io.hypaware.home.ProcessLock;
import io.hypaware.journal.Journal;
import io.hypaware.journal.JournalException;
import io.hypaware.journal.Purges;
import io.hypaware.journal.Vacuum;
import io.hypaware.lake.FileCopies;
import io.hypaware.lake.Lake;
import io.hypaware.maintain.Maintenance;
import io.hypaware.maintain.SearchFeed;
import io.hypaware.query.QueryException;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;

/// Carries out one order, with the lock of maintenance held. Each step can be done again: what it finds gone it passes
/// by.
///
/// While rows go nothing is projected, so that no call is placed by rows that are about to go. The gateway records
/// meanwhile; what it records is projected afterwards, whole.
final class PurgeRun {

    private static final Duration PATIENCE = Duration.ofMinutes(10);

    private final Purge.Environment environment;
    private final Cache cache;
    private final Journal journal;
    private final Purges purges;
    private final Lake lake;
    private final Purges.Order order;
    private final Selection selection;
    private final Tally tally = new Tally();
    private final LakePurge files;

    PurgeRun(Purge.Environment environment, Journal journal, Lake lake, Purges.Order order) {
        this.environment = environment;
        this.cache = environment.cache();
        this.journal = journal;
        this.purges = journal.purges();
        this.lake = lake;
        this.order = order;
        this.selection = Selection.of(order);
        this.files = new LakePurge(
                cache, lake, Maintenance.limits(environment.config().maintenance(), cache), environment.steps(), tally);
    }

    PurgeResult run() throws SQLException, InterruptedException, IOException {
        long begun = System.nanoTime();
        Instant now = environment.clock().instant();
        purges.writeOverWhatGoes();
        if (!(selection instanceof Selection.Gone)) {
            everything(now);
        }
        space();
        return tally.result(Duration.ofNanos(System.nanoTime() - begun).toMillis());
    }

    private void everything(Instant now) throws SQLException, InterruptedException, IOException {
        try (ProcessLock _ = ProcessLock.take(cache.projectionLock(), "purge", PATIENCE)) {
            rows();
            payloads();
        }
        search();
        step(PurgeStep.SEARCH_FORGOTTEN);
        files.awaitReaders(environment.readers());
        files.forgetHistory();
        files.deleteUnreferenced(order.at(), now);
        new OlderCopies(cache, tally).delete(lake);
        // What was forwarded to a team may have come back in them.
        FileCopies.drop(cache);
        step(PurgeStep.OLDER_COPIES_DELETED);
        lines();
    }

    private void step(PurgeStep step) {
        environment.steps().accept(step);
    }

    private DoomedRows open() throws SQLException {
        return DoomedRows.open(cache, environment.config().maintenance().memoryBytes(), lake, journal);
    }

    private void rows() throws SQLException, IOException {
        try (DoomedRows rows = open()) {
            if (order.upToSeq().isEmpty()) {
                List<String> whole = rows.sessions(selection);
                long upTo = journal.lastAssignedSeq();
                rows.choose(selection, whole, upTo);
                Instant before = switch (selection) {
                    // A day to come bars nothing that is said until then.
                    case Selection.Before(Instant time) -> time.isBefore(order.at()) ? time : order.at();
                    case Selection.All _ -> order.at();
                    case Selection.Session _, Selection.Folder _, Selection.Matching _, Selection.Gone _ ->
                        Instant.EPOCH;
                };
                purges.choose(order, new Purges.Meaning(whole, rows.partly(), upTo, before));
            } else {
                rows.choose(
                        selection, purges.sessions(order.id()), order.upToSeq().getAsLong());
            }
            journal.sync();
            step(PurgeStep.CHOSEN);
            forget(rows);
            for (Dataset dataset : Datasets.all()) {
                if (!isLast(dataset) && !dataset.equals(Datasets.PAYLOADS)) {
                    drop(rows, dataset);
                }
            }
            drop(rows, DoomedRows.EXCHANGES);
            drop(rows, DoomedRows.MESSAGES);
        }
    }

    /// By these it is known which others go.
    private static boolean isLast(Dataset dataset) {
        return dataset.equals(DoomedRows.EXCHANGES) || dataset.equals(DoomedRows.MESSAGES);
    }

    /// What the journal knows besides rows.
    private void forget(DoomedRows rows) throws SQLException, IOException {
        rows.exchanges(ids -> {
            purges.forgetExchanges(ids);
            tally.exchanges(ids.size());
        });
        new Unprojected(cache, journal, selection, order.at(), tally).forget(purges.sessions(order.id()));
        step(PurgeStep.EXCHANGES_FORGOTTEN);
        purges.forgetSessions(order.id());
        tally.sessions(purges.sessions(order.id()).size());
        if (selection instanceof Selection.All) {
            purges.forgetAllConversations();
        }
        step(PurgeStep.CONVERSATIONS_FORGOTTEN);
    }

    /// The rows of a dataset: their marks, those that wait for the lake, then those in its files.
    private void drop(DoomedRows rows, Dataset dataset) throws SQLException {
        rows.ids(dataset, ids -> purges.forgetRows(dataset.name(), ids));
        step(PurgeStep.ROWS_FORGOTTEN);
        rows.hotSeqs(dataset, seqs -> {
            purges.deleteHotRows(seqs);
            tally.rows(dataset, seqs.size());
        });
        step(PurgeStep.HOT_ROWS_DELETED);
        // What the lake loses is not to come back with the journal of before a power cut.
        journal.sync();
        files.drop(dataset, rows.files(dataset), LakePurge.condition(rows, dataset));
    }

    private void payloads() throws SQLException {
        long upTo = journal.lastAssignedSeq();
        List<String> found;
        try (DoomedRows rows = open()) {
            UnreferencedPayloads payloads = UnreferencedPayloads.of(rows);
            payloads.hashes(hashes -> {
                purges.forgetPayloads(hashes, upTo);
                tally.payloads(hashes.size());
            });
            step(PurgeStep.PAYLOADS_MARKED);
            journal.sync();
            found = payloads.files();
        }
        files.dropCollected(journal, found);
        journal.pruning().clearCollected();
        step(PurgeStep.PAYLOADS_GONE);
    }

    /// Sessions that go whole are taken out of the search index; else it is made again.
    private void search() throws IOException, SQLException, InterruptedException {
        boolean whole = selection instanceof Selection.Session || selection instanceof Selection.Folder;
        try {
            new SearchFeed(cache, environment.config().maintenance().memoryBytes())
                    .purge(whole ? purges.sessions(order.id()) : List.of(), PATIENCE);
        } catch (QueryException e) {
            throw new SQLException("the search index cannot be purged: " + e.getMessage(), e);
        }
    }

    private void lines() throws IOException {
        Path home = environment.home();
        new HomeFiles(cache, home, tally)
                .purge(HomeFiles.lines(selection, SessionNames.inLines(purges.sessions(order.id()))));
        step(PurgeStep.LINES_BLANKED);
    }

    private void space() throws SQLException {
        purges.blank(order.id());
        step(PurgeStep.BLANKED);
        if (!purges.rebuild()) {
            throw new JournalException(
                    cache.journal()
                            + " is being read, so that its log cannot be emptied; the purge goes on with the next"
                            + " hyp privacy purge or worker",
                    new IllegalStateException("busy"));
        }
        step(PurgeStep.JOURNAL_REBUILT);
        Vacuum.of(cache.catalog());
        step(PurgeStep.CATALOG_REBUILT);
    }
}
