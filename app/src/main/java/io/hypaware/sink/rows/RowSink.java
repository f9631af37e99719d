package io.hypaware.sink.rows;

import io.hypaware.dataset.Dataset;
import io.hypaware.home.Cache;
import io.hypaware.journal.RowBatch;
import io.hypaware.journal.RowLedger;
import io.hypaware.journal.SinkLedger;
import io.hypaware.privacy.PrivacyRules;
import io.hypaware.query.QueryException;
import io.hypaware.query.RowExport;
import io.hypaware.read.LeavingRows;
import io.hypaware.sink.Permission;
import io.hypaware.sink.Sink;
import io.hypaware.sink.SinkException;
import io.hypaware.sink.SinkStep;
import java.io.IOException;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.Function;

/// Sends rows that have not gone yet as files to a destination.
public final class RowSink {

    /// How often what is marked or purged meanwhile makes a batch be read again before it waits for the next run.
    private static final int MOST_READINGS = 3;

    private final Cache cache;
    private final LeavingRows rows;
    private final Consumer<SinkStep> steps;

    /// @param memoryBytes most memory of a query
    /// @param steps told where a process may die
    public RowSink(Cache cache, long memoryBytes, Consumer<SinkStep> steps) {
        this.cache = cache;
        this.rows = new LeavingRows(cache, memoryBytes);
        this.steps = steps;
    }

    /// What goes, and how.
    ///
    /// @param writer where to, made for whom the batches are of: this machine's journal
    public record Order(List<Dataset> datasets, RowCursor.Bounds bounds, Function<String, BatchWriter> writer) {

        public Order {
            datasets = List.copyOf(datasets);
        }
    }

    /// What became of a run.
    ///
    /// @param withheld sessions of which rows were left out, ever, and that stay on this machine
    /// @param isWhole whether there was time for all
    public record Outcome(long rows, long files, long withheld, boolean isWhole) implements Sink.Outcome {

        @Override
        public String text() {
            return "%,d rows in %,d files%s%s"
                    .formatted(
                            rows,
                            files,
                            withheld > 0 ? "; %,d sessions stay on this machine".formatted(withheld) : "",
                            isWhole ? "" : "; there is more");
        }
    }

    /// Sends what there is.
    ///
    /// @param name under which what was sent is written down
    /// @param sinks where it is counted
    /// @param isEnough asked between batches
    public Outcome send(String name, SinkLedger sinks, Order order, BooleanSupplier isEnough)
            throws QueryException, SQLException, IOException {
        Optional<RowLedger> opened = RowLedger.openExisting(cache.journal(), name);
        if (opened.isEmpty()) {
            return new Outcome(0, 0, 0, true);
        }
        try (RowLedger ledger = opened.get()) {
            BatchWriter writer = order.writer().apply(ledger.origin());
            RowCursor cursor = new RowCursor(ledger, new RecordedRows(rows), order.bounds());
            long sentRows = 0;
            long sentFiles = 0;
            long withheld = 0;
            for (Dataset dataset : order.datasets()) {
                Optional<RowBatch> batch = cursor.next(dataset);
                while (batch.isPresent()) {
                    try (StagedBatch staged = staged(writer.form(dataset), dataset, batch.get(), sinks)) {
                        steps.accept(SinkStep.READ);
                        cursor.names(batch.get(), writer.keys(staged));
                        writer.put(staged, () -> steps.accept(SinkStep.DELIVERED));
                        steps.accept(SinkStep.LOOKED);
                        cursor.done(batch.get(), staged.leftOut());
                        steps.accept(SinkStep.WRITTEN_DOWN);
                        sinks.delivered(name, staged.rows());
                        sentRows += staged.rows();
                        sentFiles += staged.files().size();
                    }
                    if (isEnough.getAsBoolean()) {
                        writer.end();
                        return new Outcome(sentRows, sentFiles, withheld, false);
                    }
                    batch = cursor.next(dataset);
                }
                withheld = Math.max(withheld, ledger.withheld(dataset.name()).size());
            }
            writer.end();
            steps.accept(SinkStep.PASSED);
            return new Outcome(sentRows, sentFiles, withheld, true);
        }
    }

    /// Reads a batch. What was taken back or marked while that went on does not leave: it is read again.
    private StagedBatch staged(RowExport.Form form, Dataset dataset, RowBatch batch, SinkLedger sinks)
            throws QueryException, SQLException, IOException {
        for (int reading = 1; reading <= MOST_READINGS; reading++) {
            Permission permission = Permission.of(cache, sinks, PrivacyRules.of(cache.privacyList()));
            StagedBatch staged = new Staging(cache, rows).stage(dataset, batch, form);
            if (permission.isStill()) {
                return staged;
            }
            staged.close();
        }
        throw new SinkException("what may leave changed while it was read; the next run reads it again");
    }
}
