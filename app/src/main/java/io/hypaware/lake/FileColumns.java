package io.hypaware.lake;

import io.hypaware.dataset.Column;
import io.hypaware.engine.Engine;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.iceberg.types.Type;
import org.apache.iceberg.types.Types;

/// The columns of a table's files, which have the ids that its metadata gives them, whatever their writer called them.
///
/// @param own the dataset's, by their ids; empty where columns are known by name alone
/// @param added those that another engine has added to the table
/// @param mayLackIds whether another engine may have taken files into the table that have no ids
record FileColumns(Map<Integer, Column> own, List<Types.NestedField> added, boolean mayLackIds) {

    /// Columns without ids, as in caches of an older program.
    static final FileColumns BY_NAME = new FileColumns(Map.of(), List.of(), false);

    boolean areByName() {
        return own.isEmpty();
    }

    /// What the engine is told of the dataset's columns in files.
    String sql() {
        return sql(Stream.empty());
    }

    /// The same with those of other engines besides.
    ///
    /// @throws LakeException if there is one that cannot be written again as it is
    String sqlWithAdded() {
        return sql(added.stream().map(this::entry));
    }

    private String sql(Stream<String> more) {
        Stream<String> ours = own.entrySet().stream()
                .map(c -> entry(
                        c.getKey(), c.getValue().name(), c.getValue().type().storedSql()));
        return Stream.concat(ours, more).collect(Collectors.joining(", ", "MAP {", "}"));
    }

    private String entry(Types.NestedField field) {
        String type = engineType(field.type())
                .filter(_ -> own.values().stream().noneMatch(column -> isSame(column.name(), field.name())))
                .orElseThrow(() -> new LakeException("another engine has added the column " + field.name() + " "
                        + field.type()
                        + ", which cannot be written again as it is; the file was left alone. Rewrite it there,"
                        + " or drop the column there"));
        return entry(field.fieldId(), field.name(), type);
    }

    private static String entry(int id, String name, String type) {
        return "%d: {name: %s, type: %s, default_value: NULL}"
                .formatted(id, Engine.literal(name), Engine.literal(type));
    }

    /// The engine does not tell names apart by their case.
    private static boolean isSame(String name, String other) {
        return name.toLowerCase(Locale.ROOT).equals(other.toLowerCase(Locale.ROOT));
    }

    /// What the engine reads and writes as the same Parquet.
    private static Optional<String> engineType(Type type) {
        return switch (type.typeId()) {
            case BOOLEAN -> Optional.of("BOOLEAN");
            case INTEGER -> Optional.of("INTEGER");
            case LONG -> Optional.of("BIGINT");
            case FLOAT -> Optional.of("FLOAT");
            case DOUBLE -> Optional.of("DOUBLE");
            case DATE -> Optional.of("DATE");
            case STRING -> Optional.of("VARCHAR");
            case BINARY -> Optional.of("BLOB");
            case TIMESTAMP ->
                Optional.of(((Types.TimestampType) type).shouldAdjustToUTC() ? "TIMESTAMPTZ" : "TIMESTAMP");
            case DECIMAL -> {
                Types.DecimalType decimal = (Types.DecimalType) type;
                yield Optional.of("DECIMAL(" + decimal.precision() + ", " + decimal.scale() + ")");
            }
            case TIME, UUID, FIXED, TIMESTAMP_NANO, STRUCT, LIST, MAP, VARIANT, UNKNOWN, GEOMETRY, GEOGRAPHY ->
                Optional.empty();
        };
    }
}
