package io.hypaware.dataset;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// What is learned of rows after they were written, as a dataset of its own: files of the lake do not change. A row of
/// it names the row that it is about; where it has a value, that stands in place of the row's own. Of several that have
/// one, the last written.
///
/// @param about whose rows are completed
/// @param dataset of the facts
/// @param merged a column of JSON objects, which are merged instead
/// @param bySource which columns each source knows better than the row that another one wrote
public record Facts(Dataset about, Dataset dataset, String merged, Map<String, List<String>> bySource) {

    /// The calls themselves.
    public static final String WIRE = "wire";

    /// What an agent wrote down, or its hooks.
    public static final String TRANSCRIPT = "transcript";

    /// The row that a fact is about.
    public static final String TARGET = "target_row_id";

    private static final String SOURCE = "source";
    private static final String MERGED = "attributes";

    public Facts {
        bySource = Map.copyOf(bySource);
    }

    /// @param name of the dataset of the facts
    public static Facts about(Dataset about, String name, Map<String, List<String>> bySource) {
        List<Column> columns = new ArrayList<>();
        columns.add(Column.required(TARGET, ColumnType.STRING));
        columns.add(Column.required(SOURCE, ColumnType.STRING));
        columns.add(about.column(about.primaryTime()).orElseThrow());
        for (Column column : about.columns()) {
            if (bySource.values().stream().anyMatch(known -> known.contains(column.name()))) {
                columns.add(column.asOptional());
            }
        }
        Dataset dataset = new Dataset(name, about.primaryTime(), List.of(TARGET), columns);
        return new Facts(about, dataset, MERGED, bySource);
    }

    /// The columns that a fact may complete.
    public List<Column> columns() {
        return dataset.columns().stream()
                .filter(column -> !column.name().equals(TARGET)
                        && !column.name().equals(SOURCE)
                        && !column.name().equals(dataset.primaryTime()))
                .toList();
    }

    /// The row that something is learned of.
    ///
    /// @param at its primary time
    /// @param version tells what a source says later from what it said; empty at first
    public record Target(String rowId, long at, String version) {}

    /// What a source says of a row, out of the row that it would have written itself.
    public Row of(String source, Row told, Target target) {
        Row.Builder fact =
                Row.of(dataset).set(TARGET, target.rowId()).set(SOURCE, source).set(dataset.primaryTime(), target.at());
        for (String column : bySource.getOrDefault(source, List.of())) {
            told.value(column).ifPresent(value -> fact.set(column, value));
        }
        return fact.build(target.rowId() + "@" + source + (target.version().isEmpty() ? "" : " " + target.version()));
    }
}
