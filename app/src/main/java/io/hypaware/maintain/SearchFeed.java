package io.hypaware.maintain;

import io.hypaware.dataset.Dataset;
import io.hypaware.home.Cache;
import io.hypaware.home.Progress;
import io.hypaware.journal.Journal;
import io.hypaware.lake.CatalogGlance;
import io.hypaware.lake.Lake;
import io.hypaware.lake.LakeException;
import io.hypaware.lake.LakeTable;
import io.hypaware.legacy.AdoptionRecord;
import io.hypaware.project.Messages;
import io.hypaware.query.QueryException;
import io.hypaware.read.Recorded;
import io.hypaware.read.SearchableParts;
import io.hypaware.search.IndexedPart;
import io.hypaware.search.PartIndex;
import io.hypaware.search.PartSearch;
import io.hypaware.search.Position;
import java.io.IOException;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.stream.Gatherers;

/// Brings the search index to what is recorded by now. It reads rows in the order of their positions, so many at
/// a time, and commits each time how far it has come: dying repeats no part and misses none. An index that is
/// lost, or of another cache, is made again.
public final class SearchFeed {

    private static final Dataset PARTS = Messages.DATASET;

    /// Positions at a time, which takes some seconds. Payloads have positions, too.
    private static final long AT_A_TIME = 50_000;

    /// So many times as many of what was adopted, of which there is much at once: while a piece ends, one thread is at
    /// work.
    private static final int ADOPTED_TIMES = 4;

    /// Of so many positions that are read as they were at one moment; opening that takes long.
    private static final int PIECES = 8;

    /// Fewer take no time.
    private static final long WORTH_SHOWING = 5_000;

    private static final int TORN_AT_A_TIME = 2_000;
    private static final long FEED_POLL_MILLIS = 50;

    /// What there is to be fed.
    ///
    /// @param last position of a row that was ever written
    /// @param adopted whether rows of older caches were taken over, too
    private record Reach(long last, boolean adopted) {}

    private final Cache cache;
    private final SearchableParts parts;
    private final long atATime;
    private final Consumer<FeedStep> steps;
    private long fed;

    /// Parts of older caches.
    private long left;

    private boolean begun;
    private boolean enough;

    /// @param memoryBytes most that a query may take; rows of many kilobytes need more than 64 MB of it
    public SearchFeed(Cache cache, long memoryBytes) {
        this(cache, new SearchableParts(new Recorded(cache, memoryBytes)), AT_A_TIME, _ -> {});
    }

    /// @param atATime positions
    /// @param steps told of each step that is done
    SearchFeed(Cache cache, SearchableParts parts, long atATime, Consumer<FeedStep> steps) {
        this.cache = cache;
        this.parts = parts;
        this.atATime = atATime;
        this.steps = steps;
    }

    /// How many positions were given out since the index was fed, and what it left then, at least one if it cannot be
    /// read. This costs less to ask than to feed it.
    public long due() {
        try {
            Optional<PartSearch> index = PartSearch.open(cache.search());
            Position position = Position.NONE;
            if (index.isPresent()) {
                try (PartSearch open = index.get()) {
                    position = open.position();
                }
            }
            long ofLake = CatalogGlance.of(cache).values().stream()
                    .mapToLong(CatalogGlance.Table::journalSeq)
                    .max()
                    .orElse(0);
            long last = Math.max(ofLake, ofJournal());
            // One that is further is of another cache. What was adopted has no positions, but is known to be left.
            boolean isFed = index.isPresent() && last == position.seq() && position.left() == 0;
            return isFed ? 0 : Math.max(1, last - position.seq() + position.left());
        } catch (IOException | RuntimeException e) {
            // Feeding mends it, or says what is wrong.
            return 1;
        }
    }

    /// Feeds the index, unless another process does.
    ///
    /// @param firstKept what is older is forgotten
    /// @param isEnough asked between pieces of work, so that there is always one; what is left is fed the next time
    /// @return how many parts were added; nothing while another process feeds it
    public OptionalLong run(Optional<Instant> firstKept, Progress progress, BooleanSupplier isEnough)
            throws IOException, SQLException, QueryException {
        Optional<PartIndex> opened = PartIndex.open(cache.search());
        if (opened.isEmpty()) {
            return OptionalLong.empty();
        }
        fed = 0;
        begun = false;
        enough = false;
        try (PartIndex index = opened.get()) {
            Reach reach = reach();
            long last = reach.last();
            if (index.position().seq() > last) {
                // It is of rows that are not here.
                index.clear();
            }
            if (firstKept.isPresent()) {
                index.forgetBefore(firstKept.get());
            }
            List<Position.Begun> adopted = reach.adopted() ? adopted(index.position()) : List.of();
            left = adopted.stream().mapToLong(some -> some.of() - some.held()).sum();
            long due = last - index.position().seq() + left;
            boolean shown = due > WORTH_SHOWING;
            if (shown) {
                progress.begin("indexing what was said", "rows", due);
            }
            try {
                recent(index, last, progress, isEnough);
                for (Position.Begun some : adopted) {
                    adopted(index, some, progress, isEnough);
                }
                if (index.position().left() != left) {
                    // What was begun is not there any more.
                    commit(index, index.position());
                }
            } finally {
                if (shown) {
                    progress.end();
                }
            }
            index.commitForgotten();
        }
        return OptionalLong.of(fed);
    }

    /// Empties the index, unless another process feeds it.
    public void forget() throws IOException {
        Optional<PartIndex> opened = PartIndex.open(cache.search());
        if (opened.isPresent()) {
            try (PartIndex index = opened.get()) {
                index.clear();
                index.commit(Position.NONE);
            }
        }
    }

    /// Takes sessions out of the index, so that no file has anything of them left; all of it, where that costs less.
    ///
    /// @throws IllegalStateException if another process feeds it for longer than `patience`
    public void purge(Collection<String> sessions, Duration patience)
            throws IOException, SQLException, QueryException, InterruptedException {
        try (PartIndex index = taken(patience)) {
            Optional<List<String>> torn = sessions.isEmpty() ? Optional.empty() : index.forgetSessions(sessions);
            if (torn.isEmpty()) {
                index.clear();
                index.commit(Position.NONE);
                return;
            }
            for (List<String> rows : torn.get().stream()
                    .gather(Gatherers.windowFixed(TORN_AT_A_TIME))
                    .toList()) {
                parts.of(rows, index::add);
            }
            index.commitPurged();
        }
    }

    private PartIndex taken(Duration patience) throws IOException, InterruptedException {
        long deadline = System.nanoTime() + patience.toNanos();
        Optional<PartIndex> opened = PartIndex.open(cache.search());
        while (opened.isEmpty()) {
            if (System.nanoTime() > deadline) {
                throw new IllegalStateException("another process feeds the search index for longer than "
                        + patience.toSeconds() + " s; run hyp privacy purge --continue when it is done");
            }
            Thread.sleep(FEED_POLL_MILLIS);
            opened = PartIndex.open(cache.search());
        }
        return opened.get();
    }

    private void recent(PartIndex index, long last, Progress progress, BooleanSupplier isEnough)
            throws IOException, SQLException, QueryException {
        while (index.position().seq() < last && isToGoOn(isEnough)) {
            try (SearchableParts.Pieces pieces = parts.pieces(index.position().seq(), last, atATime, PIECES)) {
                do {
                    long from = index.position().seq();
                    long to = pieces.next(part -> add(index, part));
                    commit(index, index.position().to(to));
                    progress.advance(0, to - from);
                } while (pieces.hasNext() && isToGoOn(isEnough));
            }
        }
    }

    /// What was adopted has no position of its own; a partition of which there are more parts than before is taken
    /// anew.
    private List<Position.Begun> adopted(Position position) throws IOException, SQLException, QueryException {
        List<Position.Begun> due = new ArrayList<>();
        for (Map.Entry<Long, Long> partition : parts.adopted().entrySet()) {
            long number = partition.getKey();
            long all = partition.getValue();
            if (all > position.adopted().getOrDefault(number, 0L)) {
                due.add(position.begun()
                        .filter(some -> some.number() == number && some.of() >= all)
                        .orElse(new Position.Begun(number, all, 0, Long.MIN_VALUE)));
            }
        }
        return due;
    }

    /// Goes on with a partition of an older cache, or begins with it.
    private void adopted(PartIndex index, Position.Begun begun, Progress progress, BooleanSupplier isEnough)
            throws IOException, SQLException, QueryException {
        long number = begun.number();
        long held = begun.held();
        List<SearchableParts.Span> due = parts.spans(number, begun.before(), ADOPTED_TIMES * atATime);
        for (List<SearchableParts.Span> spans :
                due.stream().gather(Gatherers.windowFixed(PIECES)).toList()) {
            try (SearchableParts.Pieces pieces = parts.adopted(number, spans)) {
                for (SearchableParts.Span span : spans) {
                    if (!isToGoOn(isEnough)) {
                        return;
                    }
                    if (held == 0) {
                        index.forgetAdopted(number);
                    }
                    long to = pieces.next(part -> add(index, part));
                    held += span.parts();
                    left = Math.max(0, left - span.parts());
                    commit(index, index.position().with(new Position.Begun(number, begun.of(), held, to)));
                    progress.advance(0, span.parts());
                }
            }
        }
        left = Math.max(0, left - Math.max(0, begun.of() - held));
        commit(index, index.position().with(number, begun.of()));
    }

    private boolean isToGoOn(BooleanSupplier isEnough) {
        enough = enough || (begun && isEnough.getAsBoolean());
        begun = true;
        return !enough;
    }

    private void add(PartIndex index, IndexedPart part) throws IOException {
        index.add(part);
        fed++;
    }

    private void commit(PartIndex index, Position to) throws IOException {
        steps.accept(FeedStep.ADDED);
        index.commit(to.leaving(left));
        steps.accept(FeedStep.COMMITTED);
    }

    /// @throws LakeException if that cannot be known
    private Reach reach() {
        try (Lake lake = Lake.open(cache)) {
            Optional<LakeTable> table = lake.table(PARTS);
            return new Reach(
                    Math.max(ofJournal(), table.map(LakeTable::journalSeq).orElse(0L)),
                    table.flatMap(AdoptionRecord::newest).isPresent());
        }
    }

    private long ofJournal() {
        Optional<Journal> journal = Journal.openExisting(cache.journal());
        if (journal.isEmpty()) {
            return 0;
        }
        try (Journal open = journal.get()) {
            return open.lastAssignedSeq();
        }
    }
}
