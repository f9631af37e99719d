package io.hypaware.dataset;

import static java.util.Objects.requireNonNull;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/// A named table: its columns in order, the column that says which day a row belongs to, and how rows are clustered.
///
/// Besides its own columns each dataset stores [#ROW_ID] and [#SEQ].
public record Dataset(String name, String primaryTime, List<String> clusteredBy, List<Column> columns) {

    /// Unique per dataset over pending and committed rows.
    public static final String ROW_ID = "_row_id";

    /// Position in the journal; what a table's `hyp.journal-seq` counts.
    public static final String SEQ = "_seq";

    public Dataset {
        requireNonNull(name, "name is null");
        requireNonNull(primaryTime, "primaryTime is null");
        clusteredBy = List.copyOf(clusteredBy);
        columns = List.copyOf(columns);
    }

    public Optional<Column> column(String columnName) {
        return columns.stream().filter(c -> c.name().equals(columnName)).findFirst();
    }

    /// The columns as stored, those of this dataset first, then [#ROW_ID] and [#SEQ].
    public List<Column> storedColumns() {
        return java.util.stream.Stream.concat(
                        columns.stream(),
                        java.util.stream.Stream.of(
                                Column.required(ROW_ID, ColumnType.STRING), Column.required(SEQ, ColumnType.LONG)))
                .toList();
    }

    /// Column name to position, for building rows by name.
    Map<String, Integer> positions() {
        return IntStream.range(0, columns.size())
                .boxed()
                .collect(Collectors.toUnmodifiableMap(i -> columns.get(i).name(), Function.identity()));
    }
}
