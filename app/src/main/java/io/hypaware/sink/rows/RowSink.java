package io.hypaware.sink.rows;

import io.hypaware.dataset.Dataset;
import io.hypaware.home.Cache;
import io.hypaware.journal.RowBatch;
import io.hypaware.journal.RowLedger;
import io.hypaware.journal.SinkLedger;
import io.hypaware.journal.TeamLedger;
import io.hypaware.privacy.PrivacyRules;
import io.hypaware.query.QueryException;
import io.hypaware.query.RowExport;
import io.hypaware.read.LeavingRows;
import io.hypaware.sink.Permission;
import io.hypaware.sink.Sink;
import io.hypaware.sink.SinkException;
import io.hypaware.sink.SinkStep;
import io.hypaware.sink.rows.PayloadList.Result;
import java.io.IOException;
import java.io.InterruptedIOException;
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
    /// @param byReference whether large values are told by their hashes, and go beside the rows, each once
    /// @param place where to, for which it is written down which of those are there
    public record Order(
            List<Dataset> datasets,
            RowCursor.Bounds bounds,
            Function<String, BatchWriter> writer,
            boolean byReference,
            String place) {

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
        try (RowLedger ledger = opened.get();
                TeamLedger payloads = TeamLedger.openExisting(cache.journal(), "sink " + name + " " + order.place())
                        .orElseThrow()) {
            Outcome outcome = new Run(new Sent(name, sinks, ledger, payloads), order, isEnough).send();
            if (outcome.isWhole()) {
                steps.accept(SinkStep.PASSED);
            }
            return outcome;
        }
    }

    /// One run over all datasets.
    private final class Run {

        private final String name;
        private final SinkLedger sinks;
        private final Order order;
        private final RowLedger ledger;
        private final BooleanSupplier isEnough;
        private final BatchWriter writer;
        private final RowCursor cursor;
        private final PayloadBatches payloads;
        private long sentRows;
        private long sentFiles;

        private Run(Sent sent, Order order, BooleanSupplier isEnough) {
            this.name = sent.name();
            this.sinks = sent.sinks();
            this.order = order;
            this.ledger = sent.ledger();
            this.isEnough = isEnough;
            this.writer = order.writer().apply(ledger.origin());
            this.cursor = new RowCursor(ledger, new RecordedRows(rows), order.bounds());
            this.payloads =
                    new PayloadBatches(new PayloadBatches.Places(cache, rows), ledger, sent.payloads(), writer, steps);
        }

        private Outcome send() throws QueryException, SQLException, IOException {
            payloads.settle();
            long withheld = 0;
            for (Dataset dataset : order.datasets()) {
                Optional<RowBatch> batch = cursor.next(dataset);
                while (batch.isPresent()) {
                    boolean isThere = send(dataset, batch.get());
                    if (!isThere || isEnough.getAsBoolean()) {
                        writer.end();
                        return new Outcome(sentRows, sentFiles, withheld, false);
                    }
                    batch = cursor.next(dataset);
                }
                withheld = Math.max(withheld, ledger.withheld(dataset.name()).size());
            }
            writer.end();
            return new Outcome(sentRows, sentFiles, withheld, true);
        }

        /// @return whether there was time
        private boolean send(Dataset dataset, RowBatch batch) throws QueryException, SQLException, IOException {
            Optional<StagedBatch> read = staged(dataset, batch);
            if (read.isEmpty()) {
                return false;
            }
            try (StagedBatch staged = read.get()) {
                steps.accept(SinkStep.READ);
                writer.requireNew(staged);
                cursor.names(batch, writer.keys(staged));
                writer.put(staged, () -> steps.accept(SinkStep.DELIVERED));
                steps.accept(SinkStep.LOOKED);
                cursor.done(batch, staged.leftOut());
                steps.accept(SinkStep.WRITTEN_DOWN);
                sinks.delivered(name, staged.rows());
                sentRows += staged.rows();
                sentFiles += staged.files().size();
                return true;
            }
        }

        /// Reads a batch, and sends what it refers to. What was taken back or marked while that went on does not leave:
        /// it is read again. Nothing if there was no time.
        private Optional<StagedBatch> staged(Dataset dataset, RowBatch batch)
                throws QueryException, SQLException, IOException {
            RowExport.Form form = writer.form(dataset);
            for (int reading = 1; reading <= MOST_READINGS; reading++) {
                Permission permission = Permission.of(cache, sinks, PrivacyRules.of(cache.privacyList()));
                StagedBatch staged =
                        new Staging(cache, rows).stage(dataset, batch, order.byReference() ? form.referring() : form);
                Result result = Result.CHANGED;
                try {
                    result = permission.isStill() && order.byReference()
                            ? payloads.send(staged.payloads(), new PayloadBatches.Asked(permission::isStill, isEnough))
                            : Result.THERE;
                    if (result == Result.THERE && permission.isStill()) {
                        return Optional.of(staged);
                    }
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                    throw new InterruptedIOException("interrupted");
                } catch (QueryException | SQLException | IOException | RuntimeException e) {
                    staged.close();
                    throw e;
                }
                staged.close();
                if (result == Result.NO_TIME) {
                    return Optional.empty();
                }
            }
            throw new SinkException("what may leave changed while it was read; the next run reads it again");
        }
    }

    /// What was sent, in several books.
    private record Sent(String name, SinkLedger sinks, RowLedger ledger, TeamLedger payloads) {}
}
