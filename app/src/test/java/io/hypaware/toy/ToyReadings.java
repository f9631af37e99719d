package io.hypaware.toy;

import io.hypaware.dataset.Column;
import io.hypaware.dataset.ColumnType;
import io.hypaware.dataset.Dataset;
import io.hypaware.dataset.DatasetProvider;
import java.util.List;

/// A dataset of what a thermometer says.
public final class ToyReadings implements DatasetProvider {

    static final Dataset DATASET = new Dataset(
            "toy_readings",
            "read_at",
            List.of("place", "read_at"),
            List.of(
                    Column.required("read_at", ColumnType.TIMESTAMP),
                    Column.required("place", ColumnType.STRING),
                    Column.optional("mean", ColumnType.DOUBLE),
                    Column.optional("degrees", ColumnType.DOUBLES),
                    Column.optional("counts", ColumnType.LONGS),
                    Column.optional("labels", ColumnType.STRINGS),
                    Column.payload("note", ColumnType.STRING)));

    @Override
    public List<Dataset> datasets() {
        return List.of(DATASET);
    }
}
