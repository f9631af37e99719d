package io.hypaware.dataset;

import static java.util.Objects.requireNonNull;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// A named table: its columns in order, the column that says which day a row belongs to, and how rows are clustered.
///
/// Besides its own columns each dataset stores [#ROW_ID] and [#SEQ].
public record Dataset(String name, String primaryTime, List<String> clusteredBy, List<Column> columns) {

    /// Unique per dataset over pending and committed rows.
    public static final String ROW_ID = "_row_id";

    /// Whose row it is, where many machines have theirs in one table.
    public static final String MACHINE = "_machine";

    /// The person's name, beside [#MACHINE].
    public static final String USER = "_user";

    /// Position in the journal; what a table's `hyp.journal-seq` counts.
    public static final String SEQ = "_seq";

    /// Which session a row is of, where a dataset says so.
    private static final String SESSION = "session_id";

    /// The day as text, where a dataset has that beside its time.
    private static final String DATE = "date";

    public Dataset {
        requireNonNull(name, "name is null");
        requireNonNull(primaryTime, "primaryTime is null");
        clusteredBy = List.copyOf(clusteredBy);
        columns = List.copyOf(columns);
        Map<String, Column> byName = columns.stream().collect(Collectors.toMap(Column::name, Function.identity()));
        Column time = byName.get(primaryTime);
        if (time == null || time.type() != ColumnType.TIMESTAMP || !time.required()) {
            throw new IllegalArgumentException(
                    name + ": the primary time " + primaryTime + " is no required timestamp");
        }
        for (Column column : columns) {
            boolean text = column.type() == ColumnType.STRING || column.type() == ColumnType.JSON;
            if (column.payload() && !text && column.type() != ColumnType.BINARY) {
                throw new IllegalArgumentException(name + ": " + column.name() + " can be no payload");
            }
        }
        for (String column : clusteredBy) {
            if (!byName.containsKey(column) || byName.get(column).type().isList()) {
                throw new IllegalArgumentException(name + ": rows cannot be clustered by " + column);
            }
        }
    }

    /// Those of the same name are compared, and there is one of each name.
    @Override
    public int hashCode() {
        return name.hashCode();
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return this == other
                || (other instanceof Dataset(String itsName, String itsTime, List<String> itsOrder, List<Column> its)
                        && name.equals(itsName)
                        && primaryTime.equals(itsTime)
                        && clusteredBy.equals(itsOrder)
                        && columns.equals(its));
    }

    public Optional<Column> column(String columnName) {
        return columns.stream().filter(c -> c.name().equals(columnName)).findFirst();
    }

    /// The columns as stored, those of this dataset first, then [#ROW_ID] and [#SEQ].
    public List<Column> storedColumns() {
        return Stream.concat(
                        columns.stream(),
                        Stream.of(Column.required(ROW_ID, ColumnType.STRING), Column.required(SEQ, ColumnType.LONG)))
                .toList();
    }

    /// The columns by which queries are narrowed to some files, where those say between what their values are.
    public List<Column> narrowedBy() {
        Set<String> names = Stream.concat(
                        clusteredBy.stream(), Stream.of(primaryTime, DATE, SESSION, MACHINE, USER, SEQ))
                .collect(Collectors.toUnmodifiableSet());
        return storedColumns().stream()
                .filter(column -> names.contains(column.name()))
                .toList();
    }

    /// One of those.
    public Optional<Column> narrowing(String columnName) {
        return narrowedBy().stream()
                .filter(column -> column.name().equals(columnName))
                .findFirst();
    }

    /// Column name to position, for building rows by name.
    Map<String, Integer> positions() {
        return IntStream.range(0, columns.size())
                .boxed()
                .collect(Collectors.toUnmodifiableMap(i -> columns.get(i).name(), Function.identity()));
    }
}
