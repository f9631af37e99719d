package io.hypaware.query;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.hypaware.dataset.Column;
import io.hypaware.dataset.Dataset;
import io.hypaware.dataset.Datasets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/// Conditions of a query that are about one payload column alone, such as `tools LIKE '%x%'`. Each is true or false
/// of a value, whatever rows have it: tested once for each distinct value, it tells which rows need not be looked at.
///
/// The query itself stays as it is and tests them again, on the rows that are left.
final class PayloadConditions {

    /// Functions that are the same each time.
    private static final Set<String> FUNCTIONS = Set.of(
            "~~",
            "!~~",
            "~~*",
            "!~~*",
            "contains",
            "starts_with",
            "ends_with",
            "prefix",
            "suffix",
            "regexp_matches",
            "regexp_full_match",
            "lower",
            "upper",
            "length",
            "strlen",
            "instr",
            "position",
            "->",
            "->>",
            "json_extract",
            "json_extract_string",
            "json_array_length");

    private static final Set<String> COMPARISONS = Set.of(
            "COMPARE_EQUAL",
            "COMPARE_NOTEQUAL",
            "COMPARE_LESSTHAN",
            "COMPARE_GREATERTHAN",
            "COMPARE_LESSTHANOREQUALTO",
            "COMPARE_GREATERTHANOREQUALTO");

    private static final ObjectMapper JSON = new ObjectMapper();

    private PayloadConditions() {}

    /// A condition on a column.
    ///
    /// @param statement a `SELECT` of the condition, as a syntax tree
    record Condition(String column, JsonNode statement) {}

    /// Those of a statement that reads one dataset, once: whatever else it read would miss the same rows.
    ///
    /// @param node a statement's node
    static List<Condition> of(JsonNode node) {
        JsonNode table = node.path("from_table");
        if (!node.path("type").asText().equals("SELECT_NODE")
                || !node.path("cte_map").path("map").isEmpty()
                || !table.path("type").asText().equals("BASE_TABLE")
                || node.findValuesAsText("class").contains("SUBQUERY")) {
            return List.of();
        }
        Optional<Dataset> dataset =
                Datasets.named(table.path("table_name").asText().toLowerCase(Locale.ROOT));
        List<Condition> found = new ArrayList<>();
        if (dataset.isPresent()) {
            collect(node.path("where_clause"), dataset.get(), found);
        }
        return found;
    }

    private static void collect(JsonNode condition, Dataset dataset, List<Condition> found) {
        if (condition.path("type").asText().equals("CONJUNCTION_AND")) {
            condition.path("children").forEach(child -> collect(child, dataset, found));
            return;
        }
        Set<String> columns = new HashSet<>();
        if (!isAbout(condition, columns) || columns.size() != 1) {
            return;
        }
        String column = columns.iterator().next();
        if (dataset.column(column).filter(Column::payload).isPresent()) {
            found.add(new Condition(column, statement(condition, column)));
        }
    }

    /// Whether an expression is made of what is allowed here; its columns are gathered.
    private static boolean isAbout(JsonNode expression, Set<String> columns) {
        String type = expression.path("type").asText();
        boolean known = switch (expression.path("class").asText()) {
            case "COLUMN_REF" -> {
                JsonNode path = expression.path("column_names");
                columns.add(path.path(path.size() - 1).asText().toLowerCase(Locale.ROOT));
                yield true;
            }
            case "CONSTANT", "CAST", "CONJUNCTION" -> true;
            case "COMPARISON" -> COMPARISONS.contains(type);
            case "OPERATOR" -> type.equals("OPERATOR_NOT");
            case "FUNCTION" ->
                FUNCTIONS.contains(expression.path("function_name").asText().toLowerCase(Locale.ROOT));
            // A part of an expression that is none itself.
            case "" -> true;
            default -> false;
        };
        if (!known) {
            return false;
        }
        for (JsonNode child : expression) {
            if (child.isContainerNode() && !isAbout(child, columns)) {
                return false;
            }
        }
        return true;
    }

    private static JsonNode statement(JsonNode condition, String column) {
        JsonNode copy = condition.deepCopy();
        unqualify(copy, column);
        return select(copy);
    }

    /// A statement that computes an expression.
    static JsonNode select(JsonNode expression) {
        ObjectNode node = JSON.createObjectNode().put("type", "SELECT_NODE");
        node.putArray("modifiers");
        node.putObject("cte_map").putArray("map");
        node.putArray("select_list").add(expression);
        node.putObject("from_table").put("type", "EMPTY");
        node.put("aggregate_handling", "STANDARD_HANDLING");
        node.putArray("group_sets");
        node.putArray("group_expressions");
        return JSON.createObjectNode().set("node", node);
    }

    private static void unqualify(JsonNode expression, String column) {
        if (expression instanceof ObjectNode object && object.get("column_names") instanceof ArrayNode names) {
            names.removeAll().add(column);
        }
        expression.forEach(child -> unqualify(child, column));
    }
}
