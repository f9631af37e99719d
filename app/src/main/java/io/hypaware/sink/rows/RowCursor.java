package io.hypaware.sink.rows;

import io.hypaware.dataset.Dataset;
import io.hypaware.journal.RowBatch;
import io.hypaware.journal.RowBatch.RowRange;
import io.hypaware.journal.RowLedger;
import io.hypaware.query.QueryException;
import java.io.IOException;
import java.sql.SQLException;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;

/// Which rows go to a receiver next.
///
/// Rows of the journal have positions in the order in which they were committed, whatever times they tell, so that one
/// position says which have gone. Adopted rows have the number of their partition instead, and go day by day once no
/// more of that number come. What is left out of a batch, as its session stays on this machine, is written down
/// with it, and goes in a batch of its own when it may.
///
/// A batch is written down before it is handed out, and handed out again until it is [#done]: the same rows under the
/// same names, but those that were purged or marked meanwhile.
public final class RowCursor {

    /// Of sessions that were left out and go now.
    private static final int MOST_RANGES = 400;

    private final RowLedger ledger;
    private final Recorded recorded;
    private final Bounds bounds;

    /// How much goes at once. A row that is larger is a batch of its own.
    public record Bounds(long rows, long bytes) {}

    /// What there is to go.
    public interface Recorded {

        /// The last position of a batch: behind a position, as many rows as the bounds allow, at least one; `last` if
        /// there are no more, and nothing if there are none.
        OptionalLong end(Dataset dataset, long after, long last, Bounds bounds)
                throws QueryException, SQLException, IOException;

        /// Numbers of adopted partitions to which no more rows are added.
        List<Integer> adopted(Dataset dataset);

        /// The first day, behind another one, of which there are rows under a number.
        OptionalInt nextDay(Dataset dataset, int number, int after) throws QueryException, SQLException, IOException;

        /// Those of some sessions that stay on this machine.
        Set<String> staying(Collection<String> sessions) throws QueryException, SQLException, IOException;
    }

    public RowCursor(RowLedger ledger, Recorded recorded, Bounds bounds) {
        this.ledger = ledger;
        this.recorded = recorded;
        this.bounds = bounds;
    }

    /// The batch that goes next; nothing if all that may go has gone.
    public Optional<RowBatch> next(Dataset dataset) throws QueryException, SQLException, IOException {
        Optional<RowBatch> intended = ledger.intended(dataset.name());
        if (intended.isPresent()) {
            return intended;
        }
        Optional<RowBatch> released = released(dataset.name());
        if (released.isPresent()) {
            return released;
        }
        Optional<RowBatch> adopted = adopted(dataset);
        return adopted.isPresent() ? adopted : fresh(dataset);
    }

    private Optional<RowBatch> released(String dataset) throws QueryException, SQLException, IOException {
        Set<String> withheld = ledger.withheld(dataset);
        if (withheld.isEmpty()) {
            return Optional.empty();
        }
        withheld.removeAll(recorded.staying(withheld));
        return withheld.isEmpty()
                ? Optional.empty()
                : Optional.of(ledger.intendRelease(dataset, withheld, MOST_RANGES));
    }

    private Optional<RowBatch> adopted(Dataset dataset) throws QueryException, SQLException, IOException {
        for (int number : recorded.adopted(dataset)) {
            if (!ledger.isDone(dataset.name(), number)) {
                int after = ledger.day(dataset.name(), number).orElse(Integer.MIN_VALUE);
                OptionalInt day = recorded.nextDay(dataset, number, after);
                if (day.isPresent()) {
                    return Optional.of(ledger.intend(dataset.name(), RowRange.adopted(number, day.getAsInt())));
                }
                ledger.doneAdopted(dataset.name(), number);
            }
        }
        return Optional.empty();
    }

    private Optional<RowBatch> fresh(Dataset dataset) throws QueryException, SQLException, IOException {
        long after = ledger.position(dataset.name());
        long last = ledger.lastPosition();
        if (last <= after) {
            return Optional.empty();
        }
        OptionalLong end = recorded.end(dataset, after, last, bounds);
        if (end.isEmpty()) {
            ledger.skip(dataset.name(), last);
            return Optional.empty();
        }
        return Optional.of(ledger.intend(dataset.name(), RowRange.positions(after, end.getAsLong())));
    }

    /// Says under which names the batch goes, before it does.
    public void names(RowBatch batch, Collection<String> keys) {
        ledger.names(batch, keys);
    }

    /// Says that the receiver has it.
    ///
    /// @param leftOut sessions that rows of the batch are of, and that stay on this machine
    public void done(RowBatch batch, Collection<String> leftOut) {
        ledger.done(batch, leftOut);
    }
}
