package io.hypaware.dataset;

import static java.util.Objects.requireNonNull;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/// One row of a dataset: a value or nothing for each column, and the id that makes it unique.
///
/// What a value is, its column's [ColumnType] says.
public final class Row {

    private static final Map<String, Known> KNOWN = new ConcurrentHashMap<>();

    private record Known(Dataset dataset, Map<String, Integer> positions) {}

    private final Dataset dataset;
    private final String rowId;
    private final @Nullable Object[] values;

    private Row(Dataset dataset, String rowId, @Nullable Object[] values) {
        this.dataset = dataset;
        this.rowId = rowId;
        this.values = values;
    }

    public static Builder of(Dataset dataset) {
        return new Builder(dataset);
    }

    public Dataset dataset() {
        return dataset;
    }

    public String rowId() {
        return rowId;
    }

    public @Nullable Object value(int position) {
        return values[position];
    }

    public Optional<Object> value(String column) {
        return Optional.ofNullable(values[position(dataset, column)]);
    }

    /// This row with one column's value replaced.
    public Row with(String column, @Nullable Object value) {
        @Nullable Object[] copy = Arrays.copyOf(values, values.length);
        copy[position(dataset, column)] = value;
        return new Row(dataset, rowId, copy);
    }

    private static Map<String, Integer> positions(Dataset dataset) {
        Known known = KNOWN.computeIfAbsent(dataset.name(), _ -> new Known(dataset, dataset.positions()));
        // A team's tables have the names of those here, and more columns.
        return known.dataset().equals(dataset) ? known.positions() : dataset.positions();
    }

    private static int position(Dataset dataset, String column) {
        return position(dataset, positions(dataset), column);
    }

    private static int position(Dataset dataset, Map<String, Integer> positions, String column) {
        Integer position = positions.get(column);
        if (position == null) {
            throw new IllegalArgumentException("dataset " + dataset.name() + " has no column " + column);
        }
        return position;
    }

    /// Collects a row's values by column name; setting nothing leaves a column null.
    public static final class Builder {
        private final Dataset dataset;
        private final Map<String, Integer> positions;
        private final @Nullable Object[] values;

        private Builder(Dataset dataset) {
            this.dataset = requireNonNull(dataset, "dataset is null");
            this.positions = positions(dataset);
            this.values = new @Nullable Object[dataset.columns().size()];
        }

        public Builder set(String column, @Nullable Object value) {
            int position = position(dataset, positions, column);
            if (value != null && !dataset.columns().get(position).type().holds(value)) {
                throw new IllegalArgumentException(dataset.name() + "." + column + " is "
                        + dataset.columns().get(position).type() + " and cannot hold " + described(value));
            }
            values[position] = value instanceof String text ? wellFormed(text) : value;
            return this;
        }

        /// What a column was set to.
        public @Nullable Object value(String column) {
            return values[position(dataset, positions, column)];
        }

        /// The column of that name, if the dataset has it.
        Optional<Column> column(String name) {
            Integer position = positions.get(name);
            return position == null
                    ? Optional.empty()
                    : Optional.of(dataset.columns().get(position));
        }

        private static String described(Object value) {
            String type = value.getClass().getSimpleName();
            return value instanceof List<?> list
                    ? "a list of " + list.size() + " such elements"
                    : "a value of type " + type;
        }

        /// JSON can carry half a surrogate pair, UTF-8 cannot; such a half becomes a question mark.
        private static String wellFormed(String text) {
            for (int i = 0; i < text.length(); i++) {
                if (Character.isSurrogate(text.charAt(i))) {
                    // The encoder leaves pairs alone.
                    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
                    return new String(bytes, StandardCharsets.UTF_8);
                }
            }
            return text;
        }

        /// The same values again, to build a sibling row from.
        public Builder copy() {
            Builder copy = new Builder(dataset);
            System.arraycopy(values, 0, copy.values, 0, values.length);
            return copy;
        }

        /// @throws IllegalStateException if a required column has no value
        public Row build(String rowId) {
            for (int i = 0; i < values.length; i++) {
                Column column = dataset.columns().get(i);
                if (column.required() && values[i] == null) {
                    throw new IllegalStateException(
                            dataset.name() + "." + column.name() + " is required but has no value");
                }
            }
            return new Row(dataset, requireNonNull(rowId, "rowId is null"), Arrays.copyOf(values, values.length));
        }
    }
}
