package io.hypaware.query;

import com.fasterxml.jackson.databind.JsonNode;
import io.hypaware.dataset.Column;
import io.hypaware.dataset.ColumnType;
import io.hypaware.dataset.Dataset;
import io.hypaware.dataset.Datasets;
import io.hypaware.dataset.Facts;
import io.hypaware.engine.Engine;
import io.hypaware.lake.RowCondition;
import io.hypaware.lake.RowCondition.Comparison;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/// What statements say of the rows of a dataset that they need, so that files without any are left alone. Each place
/// that reads the dataset adds its conditions; one that says nothing needs all rows. The query itself stays as it is.
///
/// What is understood: columns of the table compared with what can be computed beforehand, joined by AND, in the WHERE
/// of the SELECT that names the table. Such a comparison is false where the column has no value, so that an outer join
/// makes no difference.
final class RowConditions {

    private static final Map<String, Comparison> COMPARISONS = Map.of(
            "COMPARE_EQUAL", Comparison.EQUAL,
            "COMPARE_LESSTHAN", Comparison.LESS,
            "COMPARE_LESSTHANOREQUALTO", Comparison.AT_MOST,
            "COMPARE_GREATERTHAN", Comparison.MORE,
            "COMPARE_GREATERTHANOREQUALTO", Comparison.AT_LEAST);

    /// Joins that look at each pair of rows by itself.
    private static final Set<String> PAIRING = Set.of("REGULAR", "CROSS", "NATURAL");

    private static final Set<String> JOINS = Set.of("INNER", "LEFT", "RIGHT", "OUTER");

    private static final Set<String> CONSTANTS = Set.of("CONSTANT", "CAST", "FUNCTION", "TYPE", "");

    /// The same during a query, or nearly so.
    private static final Set<String> FUNCTIONS = Set.of(
            "+",
            "-",
            "*",
            "now",
            "today",
            "get_current_timestamp",
            "trunc",
            "to_seconds",
            "to_minutes",
            "to_hours",
            "to_days",
            "to_weeks",
            "to_months",
            "to_years",
            "date_trunc",
            "make_date",
            "make_timestamp",
            "make_timestamptz",
            "lower",
            "upper",
            "concat",
            "||");

    /// What the parser takes for columns.
    private static final Set<String> NOW = Set.of("current_date", "current_timestamp");

    private static final long DAY_MICROS = Duration.ofDays(1).toNanos() / 1000;

    /// Between these conditions and the query itself the clock goes on.
    private static final long NOW_MICROS = Duration.ofHours(1).toNanos() / 1000;

    private final Engine engine;
    private final Dataset dataset;
    private final List<List<RowCondition>> found = new ArrayList<>();

    private RowConditions(Engine engine, Dataset dataset) {
        this.engine = engine;
        this.dataset = dataset;
    }

    /// Lists of conditions of which one is true, as a whole, of each row that is needed.
    ///
    /// @param dataset as it is stored
    static List<List<RowCondition>> of(Engine engine, SafeSql sql, Dataset dataset) {
        RowConditions conditions = new RowConditions(engine, dataset);
        conditions.visit(sql.tree());
        // Where the engine's catalog is asked, no place names it.
        return conditions.found.isEmpty() ? List.of(List.of()) : conditions.found;
    }

    private void visit(JsonNode node) {
        if (node.path("type").asText().equals("SELECT_NODE")) {
            Map<String, Boolean> tables = new HashMap<>();
            boolean plain = gather(node.path("from_table"), tables);
            if (plain && tables.containsValue(true) && !node.has("sample")) {
                for (Map.Entry<String, Boolean> table : tables.entrySet()) {
                    if (table.getValue()) {
                        List<RowCondition> all = new ArrayList<>();
                        conjunction(node.path("where_clause"), new Place(table.getKey(), tables.size() == 1), all);
                        found.add(all);
                    }
                }
                node.properties().forEach(child -> {
                    if (child.getKey().equals("from_table")) {
                        visitBeside(child.getValue());
                    } else {
                        visit(child.getValue());
                    }
                });
                return;
            }
        }
        if (isTable(node)) {
            found.add(List.of());
        }
        node.forEach(this::visit);
    }

    /// What a FROM has besides the tables that it joins.
    private void visitBeside(JsonNode from) {
        switch (from.path("type").asText()) {
            case "BASE_TABLE" -> {}
            case "JOIN" -> {
                visitBeside(from.path("left"));
                visitBeside(from.path("right"));
                visit(from.path("condition"));
            }
            default -> visit(from);
        }
    }

    /// Names of what is joined, with whether it is the dataset.
    ///
    /// @return whether nothing but ordinary joins is there
    private boolean gather(JsonNode from, Map<String, Boolean> tables) {
        if (from.path("type").asText().equals("JOIN")) {
            String kind = from.path("ref_type").asText();
            return PAIRING.contains(kind)
                    && JOINS.contains(from.path("join_type").asText())
                    && gather(from.path("left"), tables)
                    && gather(from.path("right"), tables);
        }
        String name = lower(from.path("alias").asText(from.path("table_name").asText()));
        return !from.has("sample")
                && from.path("column_name_alias").isEmpty()
                && tables.put(name, isTable(from)) == null;
    }

    /// SHOW and DESCRIBE name a table, too.
    private boolean isTable(JsonNode node) {
        return lower(node.path("table_name").asText()).equals(dataset.name())
                && !node.path("class").asText().equals("COLUMN_REF");
    }

    /// @param name of the table, as columns are said to be of it
    /// @param alone whether a column without a table's name can be of no other
    private record Place(String name, boolean alone) {}

    private void conjunction(JsonNode condition, Place place, List<RowCondition> all) {
        if (condition.path("type").asText().equals("CONJUNCTION_AND")) {
            condition.path("children").forEach(child -> conjunction(child, place, all));
            return;
        }
        String type = condition.path("type").asText();
        if (COMPARISONS.containsKey(type)) {
            Comparison comparison = COMPARISONS.get(type);
            add(all, place, condition.path("left"), comparison, condition.path("right"));
            add(all, place, condition.path("right"), comparison.turned(), condition.path("left"));
        } else if (type.equals("COMPARE_BETWEEN")) {
            add(all, place, condition.path("input"), Comparison.AT_LEAST, condition.path("lower"));
            add(all, place, condition.path("input"), Comparison.AT_MOST, condition.path("upper"));
        } else if (type.equals("COMPARE_IN")) {
            oneOf(condition.path("children"), place).ifPresent(all::add);
        }
    }

    private Optional<RowCondition> oneOf(JsonNode children, Place place) {
        List<Object> values = new ArrayList<>();
        Optional<RowCondition> last = Optional.empty();
        for (int i = 1; i < children.size(); i++) {
            List<RowCondition> one = new ArrayList<>();
            add(one, place, children.path(0), Comparison.EQUAL, children.path(i));
            if (one.size() != 1) {
                return Optional.empty();
            }
            last = Optional.of(one.getFirst());
            values.addAll(one.getFirst().values());
        }
        return last.map(one -> new RowCondition(one.column(), Comparison.EQUAL, values));
    }

    private void add(List<RowCondition> all, Place place, JsonNode side, Comparison comparison, JsonNode other) {
        boolean day = isDay(side);
        Optional<Column> column = column(day ? side.path("child") : side, place);
        if (column.isEmpty() || (day && column.get().type() != ColumnType.TIMESTAMP)) {
            return;
        }
        String name = column.get().name();
        switch (column.get().type()) {
            case STRING -> text(other).ifPresent(value -> all.add(new RowCondition(name, comparison, List.of(value))));
            case INT, LONG ->
                number(other).ifPresent(value -> all.add(new RowCondition(name, comparison, List.of(value))));
            case TIMESTAMP ->
                micros(other, day).ifPresent(value -> {
                    long late = isFixed(other) ? 0 : NOW_MICROS;
                    all.addAll(day ? ofDay(name, comparison, value, late) : ofTime(name, comparison, value, late));
                });
            // What else is stored is another value than the one that is seen, or too seldom asked for.
            case DOUBLE, BOOLEAN, JSON, BINARY, STRINGS, LONGS, DOUBLES -> {}
        }
    }

    private static List<RowCondition> ofTime(String name, Comparison comparison, long micros, long late) {
        boolean upper = comparison == Comparison.LESS || comparison == Comparison.AT_MOST;
        return List.of(new RowCondition(name, comparison, List.of(upper ? micros + late : micros)));
    }

    private static List<RowCondition> ofDay(String name, Comparison comparison, long begin, long late) {
        long end = begin + DAY_MICROS;
        return switch (comparison) {
            case EQUAL -> List.of(from(name, begin), before(name, end + late));
            case LESS -> List.of(before(name, begin + late));
            case AT_MOST -> List.of(before(name, end + late));
            case MORE -> List.of(from(name, end));
            case AT_LEAST -> List.of(from(name, begin));
        };
    }

    private static RowCondition from(String name, long micros) {
        return new RowCondition(name, Comparison.AT_LEAST, List.of(micros));
    }

    private static RowCondition before(String name, long micros) {
        return new RowCondition(name, Comparison.LESS, List.of(micros));
    }

    private static boolean isDay(JsonNode expression) {
        return expression.path("class").asText().equals("CAST")
                && lower(expression.path("type_expr").path("type_name").asText())
                        .equals("date");
    }

    /// A column whose value, as it is seen, is the stored one.
    private Optional<Column> column(JsonNode expression, Place place) {
        JsonNode path = expression.path("column_names");
        boolean ours = path.size() == 1
                ? place.alone()
                : path.size() == 2 && lower(path.path(0)).equals(place.name());
        if (!expression.path("class").asText().equals("COLUMN_REF") || !ours) {
            return Optional.empty();
        }
        String name = lower(path.path(path.size() - 1));
        boolean completed =
                Datasets.named(dataset.name())
                        .flatMap(Datasets::factsAbout)
                        .map(Facts::columns)
                        .orElse(List.of())
                        .stream()
                        .anyMatch(one -> one.name().equals(name));
        return completed
                ? Optional.empty()
                : dataset.narrowing(name).or(() -> dataset.column(name)).filter(one -> !one.payload());
    }

    private Optional<String> text(JsonNode constant) {
        return computed(constant, "v", Set.of("VARCHAR"));
    }

    private Optional<Long> number(JsonNode constant) {
        return computed(constant, "v", Set.of("TINYINT", "SMALLINT", "INTEGER", "BIGINT"))
                .map(Long::valueOf);
    }

    /// @param day whether it is compared as a day
    private Optional<Long> micros(JsonNode constant, boolean day) {
        Set<String> types =
                day ? Set.of("VARCHAR", "DATE") : Set.of("VARCHAR", "DATE", "TIMESTAMP", "TIMESTAMP WITH TIME ZONE");
        return computed(constant, day ? "epoch_us(v::DATE::TIMESTAMPTZ)" : "epoch_us(v::TIMESTAMPTZ)", types)
                .map(Long::valueOf);
    }

    /// What can be computed without a row, as the engine does it.
    ///
    /// @param types those with which the column is compared as it is
    private Optional<String> computed(JsonNode constant, String shown, Set<String> types) {
        if (!isConstant(constant)) {
            return Optional.empty();
        }
        try {
            String select = SafeSql.text(engine, PayloadConditions.select(constant));
            String sql = "SELECT CASE WHEN typeof(v) IN ("
                    + types.stream().map(Engine::literal).collect(Collectors.joining(", ")) + ") THEN (" + shown
                    + ")::VARCHAR END FROM (" + select + ") AS one (v)";
            return Optional.ofNullable(engine.strings(sql).getFirst());
        } catch (SQLException e) {
            // The query itself says what is wrong with it.
            return Optional.empty();
        }
    }

    private static boolean isFixed(JsonNode constant) {
        List<String> kinds = constant.findValuesAsText("class");
        return !kinds.contains("FUNCTION") && !kinds.contains("COLUMN_REF");
    }

    private static boolean isConstant(JsonNode expression) {
        String kind = expression.path("class").asText();
        if (kind.equals("COLUMN_REF")) {
            return expression.path("column_names").size() == 1
                    && NOW.contains(lower(expression.path("column_names").path(0)));
        }
        if (!CONSTANTS.contains(kind)
                || (kind.equals("FUNCTION") && !FUNCTIONS.contains(lower(expression.path("function_name"))))) {
            return false;
        }
        for (JsonNode child : expression) {
            if (child.isContainerNode() && !isConstant(child)) {
                return false;
            }
        }
        return true;
    }

    private static String lower(JsonNode text) {
        return lower(text.asText());
    }

    private static String lower(String text) {
        return text.toLowerCase(Locale.ROOT);
    }
}
