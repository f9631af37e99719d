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
import io.hypaware.lake.WrittenFile;
import io.hypaware.query.QueryException;
import io.hypaware.query.RowExport;
import io.hypaware.query.StoredRows;
import io.hypaware.read.LeavingRows;
import io.hypaware.sink.rows.Staging;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

/// Forwards the payloads that leaving rows refer to, before the rows and each once: those of sessions that stay are
/// referred to by no row that leaves. Payloads have no positions of their own here; their batches are counted instead.
final class PayloadForward {

    private static final Dataset PAYLOADS = Datasets.PAYLOADS;

    private static final long BATCH_BYTES = 16L << 20;
    private static final int BATCH_ROWS = 20_000;

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

    /// What became of the payloads of some rows.
    enum Result {
        THERE,
        /// What may leave has changed.
        CHANGED,
        NO_TIME
    }

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

    /// Writes down what rows refer to, a line each, for [#forward].
    static void list(StoredRows rows, Path file) throws QueryException, IOException {
        try (var lines = Files.newBufferedWriter(file)) {
            rows.payloads((hash, size) ->
                    lines.append(hash).append(' ').append(Long.toString(size)).append('\n'));
        }
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
    Result forward(Path list, Asked asked) throws QueryException, SQLException, IOException, InterruptedException {
        List<String> group = new ArrayList<>();
        long bytes = 0;
        Result result = Result.THERE;
        try (BufferedReader lines = Files.newBufferedReader(list)) {
            for (String line = lines.readLine(); line != null && result == Result.THERE; line = lines.readLine()) {
                String[] parts = line.split(" ", 2);
                if (payloads.has(parts[0])) {
                    continue;
                }
                long size = Long.parseLong(parts[1]);
                if (!group.isEmpty() && (bytes + size > BATCH_BYTES || group.size() == BATCH_ROWS)) {
                    result = send(group, asked);
                    group.clear();
                    bytes = 0;
                }
                group.add(parts[0]);
                bytes += size;
            }
        }
        return result == Result.THERE && !group.isEmpty() ? send(group, asked) : result;
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
                bring(table, hashes, files);
            }
            return Result.THERE;
        } finally {
            Folders.deleteIfThere(folder);
        }
    }

    private void bring(TeamTable table, List<String> hashes, List<WrittenFile> files) throws InterruptedException {
        long before = ledger.batches(PAYLOADS.name());
        // The batch first: payloads of one that is not written down would count as sent.
        RowBatch batch = ledger.intend(PAYLOADS.name(), RowRange.positions(before, before + 1));
        payloads.intend(batch.number(), hashes);
        steps.accept(ForwardStep.PAYLOADS_INTENDED);
        delivery.bring(table, batch, files, List.of());
        done(batch, true);
        sent += hashes.size();
    }
}
