package io.hypaware.dataset;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/// What the journal keeps of a row is the row, whatever its values.
class RowJsonTest {

    private static final Dataset ALL_TYPES = new Dataset("all_types", "at", List.of(), columns());

    private static List<Column> columns() {
        List<Column> columns = new ArrayList<>(List.of(Column.required("at", ColumnType.TIMESTAMP)));
        for (ColumnType type : ColumnType.values()) {
            columns.add(Column.optional("a_" + type.name().toLowerCase(java.util.Locale.ROOT), type));
        }
        return columns;
    }

    @Test
    void everyValueOfEveryTypeComesBack() {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        for (int round = 0; round < 2_000; round++) {
            Row.Builder builder = Row.of(ALL_TYPES).set("at", random.nextLong());
            for (Column column : ALL_TYPES.columns()) {
                if (!column.required() && random.nextInt(4) > 0) {
                    builder.set(column.name(), value(column.type(), random));
                }
            }
            Row row = builder.build("id");

            Row read = RowJson.read(ALL_TYPES, "id", RowJson.write(row));

            for (Column column : ALL_TYPES.columns()) {
                assertThat(comparable(read, column))
                        .as("seed %d, %s", seed, column.name())
                        .isEqualTo(comparable(row, column));
            }
        }
    }

    @Test
    void aValueOfAnotherTypeIsRefusedWhereItIsSet() {
        assertThatThrownBy(() -> Row.of(ALL_TYPES).set("a_long", 1))
                .hasMessage("all_types.a_long is LONG and cannot hold a value of type Integer");
        assertThatThrownBy(() -> Row.of(ALL_TYPES).set("a_longs", List.of(1, 2)))
                .hasMessage("all_types.a_longs is LONGS and cannot hold a list of 2 such elements");
        assertThatThrownBy(() -> Row.of(ALL_TYPES).set("nowhere", 1))
                .hasMessage("dataset all_types has no column nowhere");
        assertThatThrownBy(() -> Row.of(ALL_TYPES).build("id")).hasMessageContaining("all_types.at is required");
    }

    @Test
    void whatIsNoRowIsSaidWithItsId() {
        for (String bytes : List.of("{\"at\": 1, \"strange\": 2}", "{\"at\": ", "{\"at\": \"x\"}")) {
            assertThatThrownBy(() -> RowJson.read(ALL_TYPES, "r7", bytes.getBytes(StandardCharsets.UTF_8)))
                    .isInstanceOf(UncheckedIOException.class)
                    .hasMessage("row r7 of all_types cannot be read");
        }
    }

    /// A day is found, and rows are ordered, by columns that every row has a comparable value in.
    @Test
    void aDatasetThatCannotBeStoredIsRefused() {
        List<Column> columns = List.of(
                Column.optional("at", ColumnType.TIMESTAMP),
                Column.required("day", ColumnType.STRING),
                Column.required("when", ColumnType.TIMESTAMP),
                Column.optional("list", ColumnType.LONGS));
        for (String time : List.of("at", "day", "nowhere")) {
            assertThatThrownBy(() -> new Dataset("d", time, List.of(), columns))
                    .hasMessage("d: the primary time " + time + " is no required timestamp");
        }
        assertThatThrownBy(() -> new Dataset(
                        "d", "when", List.of(), List.of(columns.get(2), Column.payload("numbers", ColumnType.LONGS))))
                .hasMessage("d: numbers can be no payload");
        for (String order : List.of("list", "nowhere")) {
            assertThatThrownBy(() -> new Dataset("d", "when", List.of(order), columns))
                    .hasMessage("d: rows cannot be clustered by " + order);
        }
    }

    private static Object comparable(Row row, Column column) {
        Object value = row.value(column.name()).orElse("nothing");
        return value instanceof byte[] bytes ? Arrays.toString(bytes) : value;
    }

    private static Object value(ColumnType type, Random random) {
        return switch (type) {
            case STRING, JSON -> text(random);
            case INT -> random.nextInt();
            case LONG, TIMESTAMP -> random.nextLong();
            case DOUBLE -> number(random);
            case BOOLEAN -> random.nextBoolean();
            case BINARY -> {
                byte[] bytes = new byte[random.nextInt(40)];
                random.nextBytes(bytes);
                yield bytes;
            }
            case STRINGS -> list(random, () -> text(random));
            case LONGS -> list(random, random::nextLong);
            case DOUBLES -> list(random, () -> number(random));
        };
    }

    private static List<Object> list(Random random, java.util.function.Supplier<Object> element) {
        List<Object> list = new ArrayList<>();
        for (int i = random.nextInt(4); i > 0; i--) {
            list.add(element.get());
        }
        return list;
    }

    private static Object number(Random random) {
        return switch (random.nextInt(6)) {
            case 0 -> Double.NaN;
            case 1 -> Double.NEGATIVE_INFINITY;
            case 2 -> -0.0;
            default -> Double.longBitsToDouble(random.nextLong() & 0xFFEFFFFFFFFFFFFFL);
        };
    }

    private static String text(Random random) {
        return random.ints(random.nextInt(20), 0, 0x3000)
                .filter(c -> !Character.isSurrogate((char) c))
                .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
                .toString();
    }
}
