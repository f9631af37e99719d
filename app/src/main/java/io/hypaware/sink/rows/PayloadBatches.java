package io.hypaware.sink.rows;

import io.hypaware.dataset.Dataset;
import io.hypaware.dataset.Datasets;
import io.hypaware.home.Cache;
import io.hypaware.home.ProcessLock;
import io.hypaware.journal.RowBatch;
import io.hypaware.journal.RowBatch.RowRange;
import io.hypaware.journal.RowLedger;
import io.hypaware.journal.TeamLedger;
import io.hypaware.query.QueryException;
import io.hypaware.query.RowExport;
import io.hypaware.read.LeavingRows;
import io.hypaware.sink.SinkStep;
import io.hypaware.sink.rows.PayloadList.Result;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.List;
import java.util.Set;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

/// Payloads that leaving rows refer to, beside them and each once, where a sink tells large values by their hashes.
final class PayloadBatches {

    private static final Dataset PAYLOADS = Datasets.PAYLOADS;

    private final Cache cache;
    private final LeavingRows rows;
    private final RowLedger ledger;
    private final TeamLedger sent;
    private final BatchWriter writer;
    private final Consumer<SinkStep> steps;

    /// @param sent which payloads are there
    PayloadBatches(Places places, RowLedger ledger, TeamLedger sent, BatchWriter writer, Consumer<SinkStep> steps) {
        this.cache = places.cache();
        this.rows = places.rows();
        this.ledger = ledger;
        this.sent = sent;
        this.writer = writer;
        this.steps = steps;
    }

    /// Where payloads come from.
    record Places(Cache cache, LeavingRows rows) {}

    /// What is asked between batches.
    ///
    /// @param mayStill whether what was read may still leave
    /// @param isEnough whether the time is over
    record Asked(BooleanSupplier mayStill, BooleanSupplier isEnough) {}

    /// Takes back a batch in which a process died. What it brought goes again with the rows that refer to it, if they
    /// may still leave.
    void settle() throws IOException {
        RowBatch batch = ledger.intended(PAYLOADS.name()).orElse(null);
        if (batch != null) {
            try (StagedBatch nothing = new StagedBatch(Staging.folder(cache), PAYLOADS, batch, List.of(), Set.of())) {
                writer.put(nothing, () -> {});
            }
            sent.forget(batch.number());
            ledger.done(batch, List.of());
        }
    }

    /// Sends those of a list that are not there.
    Result send(PayloadList list, Asked asked) throws QueryException, SQLException, IOException, InterruptedException {
        return list.send(sent::has, wanted -> send(wanted, asked));
    }

    private Result send(List<String> wanted, Asked asked) throws QueryException, SQLException, IOException {
        if (asked.isEnough().getAsBoolean()) {
            return Result.NO_TIME;
        }
        long before = ledger.batches(PAYLOADS.name());
        RowRange range = RowRange.positions(before, before + 1);
        Path folder = Staging.folder(cache);
        List<String> hashes;
        List<StagedBatch.DayFile> files;
        try (ProcessLock _ = Staging.lease(folder);
                RowExport taken = rows.takePayloads(wanted, folder)) {
            hashes = taken.stored().hashes();
            files = Staging.files(taken, writer.form(PAYLOADS), folder);
        }
        // Closed whatever happens: it takes the folder away.
        try (StagedBatch read = new StagedBatch(
                folder,
                PAYLOADS,
                new RowBatch(PAYLOADS.name(), before + 1, range, List.of(), List.of()),
                files,
                Set.of())) {
            if (!asked.mayStill().getAsBoolean()) {
                return Result.CHANGED;
            }
            if (!hashes.isEmpty()) {
                put(read, hashes, range);
            }
            return Result.THERE;
        }
    }

    private void put(StagedBatch read, List<String> hashes, RowRange range) throws IOException {
        writer.requireNew(read);
        // The batch first: payloads of one that is not written down would count as sent.
        RowBatch batch = ledger.intend(PAYLOADS.name(), range);
        sent.intend(batch.number(), hashes);
        ledger.names(batch, writer.keys(read));
        writer.put(read, () -> steps.accept(SinkStep.DELIVERED));
        sent.there(batch.number());
        ledger.done(batch, List.of());
        steps.accept(SinkStep.WRITTEN_DOWN);
    }
}
