package io.hypaware.maintain.purge;

import io.hypaware.config.CacheConfig;
import io.hypaware.home.Cache;
import io.hypaware.home.ProcessLock;
import io.hypaware.home.Progress;
import io.hypaware.journal.Journal;
import io.hypaware.journal.Purges;
import io.hypaware.lake.Lake;
import io.hypaware.legacy.OlderPartition;
import io.hypaware.maintain.Maintenance;
import io.hypaware.maintain.Settle;
import io.hypaware.maintain.Writing;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/// Purges: orders them, says what they mean, and carries out what is ordered. An order is carried out to its end by
/// whoever comes first, whatever died before: the next purge, or the worker.
public final class Purge {

    /// Where and with what it works.
    ///
    /// @param home the folder `hypaware` of the home, where logs are
    /// @param readers how long queries that have begun are waited for
    /// @param steps told of each step
    public record Environment(
            Cache cache,
            CacheConfig config,
            Path home,
            Clock clock,
            Progress progress,
            Duration readers,
            Consumer<PurgeStep> steps) {

        private static final Duration READERS = Duration.ofSeconds(30);

        public static Environment of(Cache cache, CacheConfig config, Path home, Progress progress) {
            return new Environment(cache, config, home, Clock.systemUTC(), progress, READERS, _ -> {});
        }
    }

    private static final Duration PATIENCE = Duration.ofMinutes(10);

    private final Environment environment;

    public Purge(Environment environment) {
        this.environment = environment;
    }

    /// Orders that everything which was accepted of a session goes, within the caller's transaction if there is one.
    /// Maintenance carries it out soon after. For a session that is to be ignored once it has begun.
    public static void session(Journal journal, String session, Instant now) {
        journal.purges().order(Purges.SESSION, session, now);
    }

    /// Orders a purge.
    public void order(Selection selection) {
        try (Journal journal = Journal.open(environment.cache().journal())) {
            journal.purges()
                    .order(
                            selection.kind(),
                            selection.argument(),
                            environment.clock().instant());
            journal.sync();
        }
    }

    /// Pieces of what is to go, in memory only.
    ///
    /// @param upToSeq the last position that was recorded then
    public record Sample(List<String> pieces, long upToSeq) {}

    /// What a purge would do now. Calls that wait to be projected are projected first.
    public PurgePlan plan(Selection selection, Writing writing) throws SQLException, InterruptedException, IOException {
        return planned(selection, writing, Optional.empty());
    }

    /// The same, and takes samples of what is to go, by which it can be proved that it has gone.
    public PurgePlan plan(Selection selection, Writing writing, Consumer<Sample> sampled)
            throws SQLException, InterruptedException, IOException {
        return planned(selection, writing, Optional.of(sampled));
    }

    private PurgePlan planned(Selection selection, Writing writing, Optional<Consumer<Sample>> sampled)
            throws SQLException, InterruptedException, IOException {
        settle(writing);
        try (Lake lake = Lake.open(environment.cache());
                Journal journal = Journal.open(environment.cache().journal());
                DoomedRows rows = DoomedRows.open(
                        environment.cache(), environment.config().maintenance().memoryBytes(), lake, journal)) {
            long upTo = journal.lastAssignedSeq();
            PurgePlan plan = PurgePlan.of(rows, selection, lake, journal, environment);
            if (sampled.isPresent()) {
                sampled.get().accept(new Sample(NeedleSample.of(rows, rows.sessions(selection)), upTo));
            }
            return plan;
        }
    }

    /// Reads every byte, and says what of a purge is left.
    public PurgeProof verify(Selection selection, Sample sample) throws SQLException, IOException {
        return PurgeProof.of(environment, selection, sample);
    }

    /// Reads every byte, and says where texts stand.
    public PurgeProof find(Collection<String> texts) throws SQLException, IOException {
        return PurgeProof.ofTexts(environment, texts);
    }

    /// Takes what an older cache holds to the lake, where its rows can be told apart; whether there was any.
    public boolean adopt(Writing writing) throws SQLException, InterruptedException, IOException {
        if (OlderPartition.all(environment.cache()).isEmpty()) {
            return false;
        }
        // Rows can be told apart there, and an older cache may be all there is.
        environment.cache().make();
        new Maintenance(environment.cache(), environment.config(), writing, environment.clock(), environment.progress())
                .run(new Maintenance.Options(Optional.empty(), false, false, false, false, Optional.empty()), PATIENCE);
        return true;
    }

    /// Carries out everything that is ordered.
    public List<PurgeResult> run(Writing writing) throws SQLException, InterruptedException, IOException {
        adopt(writing);
        settle(writing);
        try (ProcessLock _ = ProcessLock.take(environment.cache().maintenanceLock(), "purge", PATIENCE);
                Journal journal = Journal.open(environment.cache().journal())) {
            return runLocked(journal);
        }
    }

    /// The same for a caller that holds the lock of maintenance.
    public List<PurgeResult> runLocked(Journal journal) throws SQLException, InterruptedException, IOException {
        List<PurgeResult> results = new ArrayList<>();
        for (Purges.Order order : journal.purges().open()) {
            try (Lake lake = Lake.open(environment.cache())) {
                results.add(new PurgeRun(environment, journal, lake, order).run());
            }
            journal.purges().done(order.id());
        }
        return results;
    }

    private void settle(Writing writing) throws InterruptedException {
        new Settle(environment.cache(), writing, environment.clock()).run();
    }
}
