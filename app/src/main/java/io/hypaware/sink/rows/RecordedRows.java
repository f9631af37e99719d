package io.hypaware.sink.rows;

import io.hypaware.dataset.Dataset;
import io.hypaware.query.QueryException;
import io.hypaware.read.LeavingRows;
import java.io.IOException;
import java.sql.SQLException;
import java.util.Collection;
import java.util.List;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;

/// What is recorded, as the cursor asks for it.
public record RecordedRows(LeavingRows rows) implements RowCursor.Recorded {

    @Override
    public OptionalLong end(Dataset dataset, long after, long last, RowCursor.Bounds bounds)
            throws QueryException, SQLException, IOException {
        return rows.end(dataset, after, last, bounds.rows(), bounds.bytes());
    }

    @Override
    public List<Integer> adopted(Dataset dataset) {
        return rows.adopted(dataset);
    }

    @Override
    public OptionalInt nextDay(Dataset dataset, int number, int after)
            throws QueryException, SQLException, IOException {
        return rows.nextDay(dataset, number, after);
    }

    @Override
    public Set<String> staying(Collection<String> sessions) throws QueryException, SQLException, IOException {
        return rows.staying(sessions);
    }
}
