package io.hypaware.sink.team;

import io.hypaware.config.HypConfig;
import io.hypaware.config.Schedule;
import io.hypaware.config.TeamLakeConfig;
import io.hypaware.home.ProcessLock;
import io.hypaware.journal.RowLedger;
import io.hypaware.journal.SinkLedger;
import io.hypaware.journal.SinkState;
import io.hypaware.journal.TeamLedger;
import io.hypaware.query.QueryException;
import io.hypaware.sink.RetryTimes;
import java.io.IOException;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.logging.Level;
import java.util.logging.Logger;

/// Forwarding to the team's lake of the config: when the user has agreed, and it is time.
public final class TeamSync {

    private static final Logger LOG = Logger.getLogger(TeamSync.class.getName());

    /// Most time after one that the schedule names.
    private static final Duration LONGEST_SPREAD = Duration.ofMinutes(10);

    private static final int SHARES = 1_000;

    /// How long somebody waits for a run of the worker's.
    private static final Duration PATIENCE = Duration.ofMinutes(2);

    private final HypConfig config;
    private final TeamLakeConfig team;
    private final Forward.Environment environment;

    private TeamSync(HypConfig config, TeamLakeConfig team, Forward.Environment environment) {
        this.config = config;
        this.team = team;
        this.environment = environment;
    }

    /// Nothing where the config names no team's lake.
    public static Optional<TeamSync> of(HypConfig config, Forward.Environment environment) {
        return config.lake().team().map(team -> new TeamSync(config, team, environment));
    }

    public TeamLakeConfig team() {
        return team;
    }

    /// When the user agreed that rows go there; nothing if that is still to come.
    public Optional<Instant> consent() {
        return TeamLedger.openExisting(environment.cache().journal(), team.ledgerName())
                .flatMap(opened -> {
                    try (TeamLedger ledger = opened) {
                        return ledger.consent();
                    }
                });
    }

    /// How it stands.
    public SinkState state() {
        return SinkLedger.openExisting(environment.cache().journal())
                .map(opened -> {
                    try (SinkLedger ledger = opened) {
                        return ledger.shown(
                                team.ledgerName(), environment.cache().teamLock());
                    }
                })
                .orElseGet(() -> SinkState.fresh(team.ledgerName()));
    }

    /// Writes down that the user agreed.
    public void agree() throws QueryException {
        try (TeamLedger ledger = ledger()) {
            ledger.agree(environment.clock().instant());
        }
    }

    /// Writes down that the user does so no more.
    public void withdraw() throws QueryException {
        try (TeamLedger ledger = ledger()) {
            ledger.withdraw();
        }
    }

    private TeamLedger ledger() throws QueryException {
        return TeamLedger.openExisting(environment.cache().journal(), team.ledgerName())
                .orElseThrow(TeamSync::nothing);
    }

    private static QueryException nothing() {
        return new QueryException("nothing was recorded yet");
    }

    /// What would leave now, and what stays.
    public SyncPlan plan() throws QueryException, SQLException, IOException {
        return SyncPlan.of(environment, team.ledgerName());
    }

    /// Forwards what is due within the time of a tick, if the user agreed. What fails is written down, and tried again
    /// later, and later each time.
    public void runDue() throws InterruptedException {
        if (consent().isEmpty()) {
            return;
        }
        try (SinkLedger ledger =
                SinkLedger.openExisting(environment.cache().journal()).orElseThrow()) {
            if (!ledger.isDue(team.ledgerName(), environment.clock().instant(), false)) {
                return;
            }
            Optional<ProcessLock> lock = ProcessLock.tryTake(environment.cache().teamLock(), "sync");
            if (lock.isPresent()) {
                try (ProcessLock _ = lock.get()) {
                    run(
                            ledger,
                            Optional.of(Duration.ofMillis(
                                    config.query().cache().maintenance().maxTickMs())));
                } catch (QueryException | SQLException | IOException | RuntimeException | OutOfMemoryError e) {
                    // It is written down.
                    LOG.log(Level.WARNING, "forwarding to the team's lake failed", e);
                }
            }
        }
    }

    /// Forwards all there is now, if the user agreed.
    public Forward.Outcome run() throws QueryException, SQLException, IOException, InterruptedException {
        if (consent().isEmpty()) {
            throw new QueryException("nothing was sent, as nobody has agreed to it; see: hyp sync --plan");
        }
        try (SinkLedger ledger =
                        SinkLedger.openExisting(environment.cache().journal()).orElseThrow(TeamSync::nothing);
                ProcessLock _ = ProcessLock.take(environment.cache().teamLock(), "sync", PATIENCE)) {
            return run(ledger, Optional.empty());
        }
    }

    private Forward.Outcome run(SinkLedger ledger, Optional<Duration> time)
            throws QueryException, SQLException, IOException, InterruptedException {
        String name = team.ledgerName();
        Instant now = environment.clock().instant();
        Instant later = now.plus(RetryTimes.backOff(ledger.state(name).failures()));
        ledger.begin(name, now, later);
        try {
            long reached = ledger.lastPosition();
            Forward.Outcome outcome = new Forward(environment, team).run(time);
            if (outcome.isWhole()) {
                ledger.passed(name, reached, 0);
            }
            ledger.done(name, environment.clock().instant(), outcome.isWhole() ? next(now) : now);
            return outcome;
        } catch (QueryException | SQLException | IOException | RuntimeException | OutOfMemoryError e) {
            ledger.failed(name, e.getMessage() == null ? e.toString() : e.getMessage(), later);
            throw e;
        }
    }

    /// Machines that commit to a table at the same time hinder each other: each has a time of its own between two of
    /// the schedule.
    private Instant next(Instant now) {
        Schedule schedule = Schedule.of(team.schedule());
        Optional<Instant> next = schedule.after(now);
        Duration until = next.flatMap(schedule::after)
                .map(following -> Duration.between(next.get(), following))
                .filter(gap -> gap.compareTo(LONGEST_SPREAD) < 0)
                .orElse(LONGEST_SPREAD);
        return next.map(time -> time.plus(share(until))).orElse(now.plus(RetryTimes.NEVER));
    }

    private Duration share(Duration gap) {
        String origin = RowLedger.openExisting(environment.cache().journal(), team.ledgerName())
                .map(opened -> {
                    try (RowLedger ledger = opened) {
                        return ledger.origin();
                    }
                })
                .orElse("");
        return gap.multipliedBy(Math.floorMod(origin.hashCode(), SHARES)).dividedBy(SHARES);
    }
}
