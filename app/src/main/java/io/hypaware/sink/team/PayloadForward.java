package io.hypaware.sink.team;

import io.hypaware.dataset.Dataset;
import io.hypaware.dataset.Datasets;
import io.hypaware.home.Cache;
import io.hypaware.home.Folders;
import io.hypaware.home.ProcessLock;
import io.hypaware.journal.RowBatch;
import io.hypaware.journal.RowBatch.RowRange;
import io.hypaware.journal.RowLedger;
import io.hypaware.journal.TeamLedger;
import io.hypaware.lake.TeamTable;
import io.hypaware.lake.WithdrawnException;
import io.hypaware.lake.WrittenFile;
import io.hypaware.query.QueryException;
import io.hypaware.query.RowExport;
import io.hypaware.read.LeavingRows;
import io.hypaware.sink.rows.PayloadList;
import io.hypaware.sink.rows.PayloadList.Result;
import io.hypaware.sink.rows.Staging;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

/// Forwards the payloads that leaving rows refer to, before the rows and each once: those of sessions that stay are
/// referred to by no row that leaves. Payloads have no positions of their own here; their batches are counted instead.
final class PayloadForward {

    private static final Dataset PAYLOADS = Datasets.PAYLOADS;

    private final Cache cache;
    private final LeavingRows rows;
    private final RowLedger ledger;
    private final TeamLedger payloads;
    private final Delivery delivery;
    private final Form form;
    private final Consumer<ForwardStep> steps;
    private long sent;

    /// How rows are written.
    ///
    /// @param whose columns that each row gets besides
    record Form(Map<String, String> whose, long rowGroupBytes) {}

    /// What is asked between batches.
    ///
    /// @param mayStill whether what was read may still leave
    /// @param isEnough whether the time is over
    record Asked(BooleanSupplier mayStill, BooleanSupplier isEnough) {}

    PayloadForward(
            Forward.Environment environment, RowLedger ledger, TeamLedger payloads, Delivery delivery, Form form) {
        this.cache = environment.cache();
        this.rows = new LeavingRows(cache, environment.config().memoryBytes());
        this.ledger = ledger;
        this.payloads = payloads;
        this.delivery = delivery;
        this.form = form;
        this.steps = environment.steps();
    }

    /// How many were sent.
    long sent() {
        return sent;
    }

    /// Finds out what became of a batch in which a process died. What it did not bring goes with the rows that refer to
    /// it, if they may still leave.
    void settle() throws InterruptedException {
        Optional<RowBatch> intended = ledger.intended(PAYLOADS.name());
        if (intended.isPresent()) {
            RowBatch batch = intended.get();
            Optional<String> token = delivery.broughtBefore(PAYLOADS, batch);
            if (token.isEmpty() && !batch.keys().isEmpty()) {
                token = Optional.of(delivery.bringNothing(delivery.table(PAYLOADS), batch));
            }
            done(batch, token.filter(brought -> !Delivery.isNothing(brought)).isPresent());
        }
    }

    private void done(RowBatch batch, boolean isThere) {
        if (isThere) {
            payloads.there(batch.number());
        } else {
            payloads.forget(batch.number());
        }
        ledger.done(batch, List.of());
        steps.accept(ForwardStep.DONE);
    }

    /// Forwards those of a list that are not there.
    Result forward(PayloadList list, Asked asked)
            throws QueryException, SQLException, IOException, InterruptedException {
        return list.send(payloads::has, wanted -> send(wanted, asked));
    }

    private Result send(List<String> wanted, Asked asked)
            throws QueryException, SQLException, IOException, InterruptedException {
        if (asked.isEnough().getAsBoolean()) {
            return Result.NO_TIME;
        }
        TeamTable table = delivery.table(PAYLOADS);
        Path folder = Staging.folder(cache);
        try {
            List<String> hashes;
            List<WrittenFile> files;
            try (ProcessLock _ = Staging.lease(folder);
                    RowExport taken = rows.takePayloads(wanted, folder)) {
                hashes = taken.stored().hashes();
                files = taken.stored().write(table.target(), form.whose(), form.rowGroupBytes(), folder);
            }
            if (!asked.mayStill().getAsBoolean()) {
                return Result.CHANGED;
            }
            if (!hashes.isEmpty()) {
                bring(table, hashes, new Delivery.Brought(files, List.of(), asked.mayStill()));
            }
            return Result.THERE;
        } catch (WithdrawnException e) {
            // It is written down, and is not to come late.
            settle();
            return Result.CHANGED;
        } finally {
            Folders.deleteIfThere(folder);
        }
    }

    private void bring(TeamTable table, List<String> hashes, Delivery.Brought what) throws InterruptedException {
        long before = ledger.batches(PAYLOADS.name());
        // The batch first: payloads of one that is not written down would count as sent.
        RowBatch batch = ledger.intend(PAYLOADS.name(), RowRange.positions(before, before + 1));
        payloads.intend(batch.number(), hashes);
        steps.accept(ForwardStep.PAYLOADS_INTENDED);
        delivery.bring(table, batch, what);
        done(batch, true);
        sent += hashes.size();
    }
}
