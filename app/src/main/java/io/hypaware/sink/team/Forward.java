package io.hypaware.sink.team;

import io.hypaware.config.MaintenanceConfig;
import io.hypaware.config.TeamLakeConfig;
import io.hypaware.dataset.Dataset;
import io.hypaware.dataset.Datasets;
import io.hypaware.home.Cache;
import io.hypaware.home.Folders;
import io.hypaware.home.ProcessLock;
import io.hypaware.journal.RowBatch;
import io.hypaware.journal.RowLedger;
import io.hypaware.journal.SinkLedger;
import io.hypaware.journal.TeamLedger;
import io.hypaware.lake.FenceException;
import io.hypaware.lake.TeamLake;
import io.hypaware.lake.TeamTable;
import io.hypaware.lake.WithdrawnException;
import io.hypaware.lake.WrittenFile;
import io.hypaware.privacy.PrivacyRules;
import io.hypaware.query.QueryException;
import io.hypaware.read.LeavingRows;
import io.hypaware.sink.Permission;
import io.hypaware.sink.SinkException;
import io.hypaware.sink.rows.PayloadList;
import io.hypaware.sink.rows.RecordedRows;
import io.hypaware.sink.rows.RowCursor;
import io.hypaware.sink.rows.RowSelection;
import io.hypaware.sink.rows.Staging;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

/// Forwards what is recorded to a team's lake, batch by batch.
public final class Forward {

    private static final RowCursor.Bounds BOUNDS = new RowCursor.Bounds(50_000, 32L << 20);

    /// How often what is marked or purged meanwhile makes a batch be read again before it waits for the next run.
    private static final int MOST_READINGS = 3;

    private final Environment environment;
    private final TeamLakeConfig team;

    /// With what it works.
    ///
    /// @param steps told where a process may die
    public record Environment(Cache cache, MaintenanceConfig config, Clock clock, Consumer<ForwardStep> steps) {}

    /// What became of a run.
    ///
    /// @param rows by dataset
    /// @param withheld sessions of which rows stay here
    /// @param isWhole whether there was time for all
    public record Outcome(Map<String, Long> rows, Set<String> withheld, boolean isWhole) {

        public long sent() {
            return rows.values().stream().mapToLong(Long::longValue).sum();
        }
    }

    public Forward(Environment environment, TeamLakeConfig team) {
        this.environment = environment;
        this.team = team;
    }

    /// The datasets whose rows go. Payloads go with the rows that refer to them.
    static List<Dataset> datasets() {
        return Datasets.all().stream()
                .filter(dataset -> !dataset.equals(Datasets.PAYLOADS))
                .toList();
    }

    /// Forwards all that may leave and has not yet.
    ///
    /// @param time after which no more is begun; nothing for no end
    public Outcome run(Optional<Duration> time) throws QueryException, SQLException, IOException, InterruptedException {
        Optional<Instant> over = time.map(environment.clock().instant()::plus);
        Path journal = environment.cache().journal();
        String name = team.ledgerName();
        try (RowLedger ledger = RowLedger.openExisting(journal, name).orElseThrow(Forward::nothing);
                TeamLedger payloads = TeamLedger.openExisting(journal, name).orElseThrow(Forward::nothing);
                SinkLedger sinks = SinkLedger.openExisting(journal).orElseThrow(Forward::nothing);
                TeamLake lake = TeamLake.open(team)) {
            return new Run(ledger, payloads, sinks, lake, over).forward();
        }
    }

    private static QueryException nothing() {
        return new QueryException("nothing was recorded yet");
    }

    /// One run over all datasets.
    private final class Run {

        private final RowLedger ledger;
        private final SinkLedger sinks;
        private final LeavingRows leaving;
        private final RowCursor cursor;
        private final ForgottenReader forgotten;
        private final Delivery delivery;
        private final PayloadForward payloads;
        private final PayloadForward.Form form;
        private final Optional<Instant> over;
        private final Map<String, Long> sent = new TreeMap<>();

        private Run(RowLedger ledger, TeamLedger known, SinkLedger sinks, TeamLake lake, Optional<Instant> over) {
            this.ledger = ledger;
            this.sinks = sinks;
            this.over = over;
            this.leaving =
                    new LeavingRows(environment.cache(), environment.config().memoryBytes());
            this.cursor = new RowCursor(ledger, new RecordedRows(leaving), BOUNDS);
            this.forgotten = new ForgottenReader(environment, lake, known, ledger);
            this.delivery = new Delivery(ledger, lake, forgotten, environment.steps());
            this.form = new PayloadForward.Form(
                    Map.of(
                            TeamLake.MACHINE,
                            delivery.machine(),
                            TeamLake.USER,
                            team.user().orElseGet(() -> System.getProperty("user.name", ""))),
                    environment.config().compactBatchBytes());
            this.payloads = new PayloadForward(environment, ledger, known, delivery, form);
        }

        private boolean isEnough() {
            return over.filter(environment.clock().instant()::isAfter).isPresent();
        }

        private Outcome forward() throws QueryException, SQLException, IOException, InterruptedException {
            payloads.settle();
            forgotten.read();
            boolean isWhole = true;
            Set<String> withheld = new TreeSet<>();
            for (Dataset dataset : datasets()) {
                isWhole &= forward(dataset);
                withheld.addAll(ledger.withheld(dataset.name()));
            }
            if (payloads.sent() > 0) {
                sent.put(Datasets.PAYLOADS.name(), payloads.sent());
            }
            return new Outcome(Map.copyOf(sent), withheld, isWhole);
        }

        /// @return whether there was time for all
        private boolean forward(Dataset dataset)
                throws QueryException, SQLException, IOException, InterruptedException {
            while (!isEnough()) {
                Optional<RowBatch> next = cursor.next(dataset);
                if (next.isEmpty()) {
                    return true;
                }
                environment.steps().accept(ForwardStep.INTENDED);
                Optional<Collection<String>> leftOut = bring(dataset, next.get());
                if (leftOut.isEmpty()) {
                    return false;
                }
                cursor.done(next.get(), leftOut.get());
                environment.steps().accept(ForwardStep.DONE);
            }
            return false;
        }

        /// @return sessions that were left out; nothing if there was no time
        private Optional<Collection<String>> bring(Dataset dataset, RowBatch intended)
                throws QueryException, SQLException, IOException, InterruptedException {
            RowBatch batch = intended;
            Optional<String> before = delivery.broughtBefore(dataset, batch);
            if (before.isPresent()) {
                return Optional.of(leftOut(dataset, batch, before.get()));
            }
            for (int reading = 1; reading <= MOST_READINGS; reading++) {
                Path folder = Staging.folder(environment.cache());
                try {
                    Permission permission = Permission.of(
                            environment.cache(),
                            sinks,
                            PrivacyRules.of(environment.cache().privacyList()));
                    TeamTable table = delivery.table(dataset);
                    Staged staged = stage(dataset, batch, table, folder);
                    environment.steps().accept(ForwardStep.READ);
                    PayloadList.Result result = permission.isStill()
                            ? payloads.forward(
                                    staged.payloads(), new PayloadForward.Asked(permission::isStill, this::isEnough))
                            : PayloadList.Result.CHANGED;
                    if (result == PayloadList.Result.NO_TIME) {
                        return Optional.empty();
                    }
                    if (result == PayloadList.Result.THERE && permission.isStill()) {
                        return Optional.of(bring(dataset, batch, table, staged, permission::isStill));
                    }
                } catch (FenceException | WithdrawnException e) {
                    // The attempt is written down, and may not be counted out.
                    batch = ledger.intended(dataset.name()).orElseThrow();
                } finally {
                    Folders.deleteIfThere(folder);
                }
            }
            throw new SinkException("what may leave changed while it was read; the next run reads it again");
        }

        private Collection<String> bring(
                Dataset dataset, RowBatch batch, TeamTable table, Staged staged, BooleanSupplier mayStill)
                throws QueryException, SQLException, IOException, InterruptedException {
            if (staged.files().isEmpty() && batch.keys().isEmpty()) {
                return staged.leftOut();
            }
            String token =
                    delivery.bring(table, batch, new Delivery.Brought(staged.files(), staged.leftOut(), mayStill));
            if (batch.keys().contains(token)) {
                return leftOut(dataset, batch, token);
            }
            if (staged.rows() > 0) {
                sent.merge(dataset.name(), staged.rows(), Long::sum);
                sinks.delivered(team.ledgerName(), staged.rows());
            }
            return staged.leftOut();
        }

        /// What was left out of an earlier attempt.
        private Collection<String> leftOut(Dataset dataset, RowBatch batch, String token)
                throws QueryException, SQLException, IOException {
            if (!Delivery.hasLeftOut(batch, token)) {
                return List.of();
            }
            Path folder = Staging.folder(environment.cache());
            try (LeavingRows.Leaving rows = leaving.takeStored(dataset, RowSelection.sql(dataset, batch), folder)) {
                return Delivery.leftOut(batch, token, rows.sessions());
            } finally {
                Folders.deleteIfThere(folder);
            }
        }

        /// Writes what of a batch may leave by now to files of this machine.
        private Staged stage(Dataset dataset, RowBatch batch, TeamTable table, Path folder)
                throws QueryException, SQLException, IOException {
            try (ProcessLock _ = Staging.lease(folder);
                    LeavingRows.Leaving rows = leaving.takeStored(dataset, RowSelection.sql(dataset, batch), folder)) {
                PayloadList list = PayloadList.of(rows.stored(), folder.resolve("payloads"));
                return new Staged(
                        rows.stored().write(table.target(), form.whose(), form.rowGroupBytes(), folder),
                        list,
                        rows.count(),
                        rows.leftOut());
            }
        }
    }

    /// A batch on this machine's disk, of which no query is open any more.
    ///
    /// @param payloads that the rows refer to
    private record Staged(List<WrittenFile> files, PayloadList payloads, long rows, Set<String> leftOut) {}
}
