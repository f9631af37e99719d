package io.hypaware.query;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.hypaware.config.Nearest;
import io.hypaware.dataset.Dataset;
import io.hypaware.dataset.Datasets;
import io.hypaware.engine.Engine;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/// User SQL, parsed by the engine's own parser and checked: it reads datasets and nothing else.
///
/// @param statements each ready to run
/// @param datasets what they read
/// @param sources names of tables that are none, which they read, too
/// @param columns names they mention, lower case
/// @param star whether some `*` may mean any column
/// @param tree of all statements, as the engine's parser has it
/// @param conditions only of a single statement
/// @param payloadsOnlyShown whether no statement computes with, or sorts by, the value of a payload column
record SafeSql(
        List<String> statements,
        JsonNode tree,
        Set<Dataset> datasets,
        Set<String> sources,
        Set<String> columns,
        boolean star,
        boolean payloadsOnlyShown,
        List<PayloadCondition> conditions) {

    /// What must be true of a payload column's value in every row of the result, of the one dataset that is read.
    ///
    /// @param sql over the column's name
    record PayloadCondition(String column, String sql) {}

    /// Table functions that read neither files nor settings.
    private static final Set<String> FUNCTIONS =
            Set.of("range", "generate_series", "unnest", "json_each", "json_tree", "repeat", "repeat_row");

    private static final Pattern EXPLAIN = Pattern.compile("(?is)^\\s*(explain(?:\\s+analyze)?)\\s+(.*)$");
    private static final Pattern SHOW_TABLES = Pattern.compile("(?is)\\s*show\\s+(all\\s+)?tables\\s*;?\\s*");

    /// What may be asked of the engine's catalog: what there is to query, not how it is made.
    private static final Set<String> CATALOG = Set.of("information_schema.tables", "information_schema.columns");

    /// Functions that read settings or what is known of columns, take SQL in a string, or only pass the time.
    private static final Pattern REFUSED_SCALARS =
            Pattern.compile("getenv|current_setting|stats|write_log|json_serialize_plan"
                    + "|json_execute_serialized_sql|json_serialize_sql|json_deserialize_sql|query|query_table|.*sleep.*|nextval"
                    + "|currval|pg_get_viewdef");

    private static final ObjectMapper JSON = new ObjectMapper();

    /// @param known names of tables besides the datasets
    /// @throws QueryException if it does not parse, or does anything but read datasets
    static SafeSql check(Engine engine, String sql, Set<String> known) throws QueryException, SQLException {
        if (SHOW_TABLES.matcher(sql).matches()) {
            // The engine would name tables of its own as well.
            String names = Datasets.all().stream()
                    .map(dataset -> "(" + Engine.literal(dataset.name()) + ")")
                    .sorted()
                    .collect(Collectors.joining(", "));
            return check(engine, "SELECT name FROM (VALUES " + names + ") AS datasets (name)", known);
        }
        Matcher explain = EXPLAIN.matcher(sql);
        boolean explained = explain.matches();
        String select = explained ? explain.group(2) : sql;
        JsonNode tree = parse(engine, select);
        Walk walk = new Walk(known);
        for (JsonNode statement : tree.path("statements")) {
            walk.visit(statement, Set.of());
        }
        List<String> statements = new ArrayList<>();
        if (tree.path("statements").size() == 1) {
            statements.add(explained ? explain.group(1) + " " + select : select);
        } else {
            for (JsonNode statement : tree.path("statements")) {
                // The word explains the statement after it, as it does in the engine's own shell.
                String explains = explained && statements.isEmpty() ? explain.group(1) + " " : "";
                statements.add(explains + text(engine, statement));
            }
        }
        boolean onlyShown = !walk.readsUnnamed();
        for (JsonNode statement : tree.path("statements")) {
            onlyShown &= ShownPayloads.only(statement.path("node"));
        }
        List<PayloadCondition> conditions = new ArrayList<>();
        if (tree.path("statements").size() == 1) {
            for (var condition :
                    PayloadConditions.of(tree.path("statements").get(0).path("node"))) {
                try {
                    String only = text(engine, condition.statement());
                    conditions.add(new PayloadCondition(condition.column(), only.substring("SELECT ".length())));
                } catch (SQLException e) {
                    // The engine cannot write this one down by itself; the query tests it row by row.
                }
            }
        }
        return new SafeSql(
                statements,
                tree,
                walk.datasets,
                walk.sources,
                walk.columns,
                walk.star || walk.readsUnnamed(),
                onlyShown,
                conditions);
    }

    /// Whether a column may be needed to answer.
    boolean mayRead(String column) {
        return star || columns.contains(column);
    }

    /// Whether a column is asked for by its name.
    boolean names(String column) {
        return columns.contains(column);
    }

    private static JsonNode parse(Engine engine, String sql) throws QueryException, SQLException {
        String json = engine.strings("SELECT json_serialize_sql(" + Engine.literal(sql) + ", skip_null := true)")
                .getFirst();
        JsonNode tree = read(json);
        if (!tree.path("error").asBoolean()) {
            if (tree.path("statements").isEmpty()) {
                throw new QueryException("there is no SQL to run");
            }
            return tree;
        }
        if (tree.path("error_type").asText().equals("not implemented")) {
            throw new QueryException(
                    "only queries can be run here (SELECT, WITH, FROM, VALUES, DESCRIBE, SUMMARIZE, EXPLAIN);"
                            + " nothing is written, attached or configured");
        }
        int at = tree.path("position").asInt(-1);
        throw new QueryException(
                "SQL " + tree.path("error_message").asText() + (at >= 0 ? " (character " + (at + 1) + ")" : ""));
    }

    static String text(Engine engine, JsonNode statement) throws SQLException {
        var one = JSON.createObjectNode();
        one.put("error", false).putArray("statements").add(statement);
        return engine.strings("SELECT json_deserialize_sql(" + Engine.literal(one.toString()) + "::JSON)")
                .getFirst();
    }

    private static JsonNode read(String json) throws QueryException {
        try {
            return JSON.readTree(json);
        } catch (JsonProcessingException e) {
            throw new QueryException("the query is nested too deeply; write it flatter, or in steps (WITH)", e);
        }
    }

    /// Walks the whole tree: what is not recognised as harmless is refused.
    private static final class Walk {

        private final Set<String> knownSources;
        private final Set<Dataset> datasets = new HashSet<>();
        private final Set<String> sources = new HashSet<>();
        private final Set<String> columns = new HashSet<>();
        private final Set<String> tables = new HashSet<>();

        /// Names without another before them, which may be columns or, as a struct, whole rows of a table.
        private final Set<String> alone = new HashSet<>();

        private boolean star;
        private boolean unnamed;

        private Walk(Set<String> knownSources) {
            this.knownSources = knownSources;
        }

        /// Whether columns are read that are not named where they are used, so that any may be, for any purpose.
        private boolean readsUnnamed() {
            return unnamed || alone.stream().anyMatch(tables::contains);
        }

        private void join(JsonNode node) {
            node.path("using_columns").forEach(name -> {
                columns.add(name.asText().toLowerCase(Locale.ROOT));
                unnamed |= Datasets.all().stream()
                        .flatMap(dataset -> dataset.columns().stream())
                        .anyMatch(column -> column.payload() && column.name().equalsIgnoreCase(name.asText()));
            });
            unnamed |= node.path("ref_type").asText().equals("NATURAL");
        }

        /// @param ctes names that mean a query here: those of the queries around this one, and those said before it in
        ///     its own WITH
        private void visit(JsonNode node, Set<String> ctes) throws QueryException {
            Set<String> inside = ctes;
            if (node.isObject()) {
                if (!node.has("class")) {
                    // What is read from; only expressions have a class.
                    tables.add(node.path("alias").asText("").toLowerCase(Locale.ROOT));
                    tables.add(node.path("table_name").asText("").toLowerCase(Locale.ROOT));
                }
                switch (node.path("type").asText("")) {
                    case "BASE_TABLE" -> table(node, ctes);
                    case "TABLE_FUNCTION" ->
                        tableFunction(
                                node.path("function").path("function_name").asText());
                    case "SHOW_REF" -> show(node);
                    case "STAR" -> star = true;
                    case "JOIN" -> join(node);
                    case "COLUMN_REF" -> {
                        JsonNode names = node.path("column_names");
                        names.forEach(name -> columns.add(name.asText().toLowerCase(Locale.ROOT)));
                        if (names.size() == 1) {
                            alone.add(names.get(0).asText().toLowerCase(Locale.ROOT));
                        }
                    }
                    case "FUNCTION" ->
                        scalar(node.path("function_name").asText().toLowerCase(Locale.ROOT));
                    case "RECURSIVE_CTE_NODE" -> inside = with(ctes, node.path("cte_name"));
                    default -> {}
                }
                for (JsonNode entry : node.path("cte_map").path("map")) {
                    visit(entry.path("value"), inside);
                    inside = with(inside, entry.path("key"));
                }
            }
            for (Map.Entry<String, JsonNode> child : node.properties()) {
                if (!child.getKey().equals("cte_map")) {
                    visit(child.getValue(), inside);
                }
            }
            if (node.isArray()) {
                for (JsonNode element : node) {
                    visit(element, inside);
                }
            }
        }

        private static Set<String> with(Set<String> ctes, JsonNode name) {
            Set<String> more = new HashSet<>(ctes);
            more.add(name.asText().toLowerCase(Locale.ROOT));
            return more;
        }

        /// DESCRIBE, SUMMARIZE and SHOW.
        private void show(JsonNode node) throws QueryException {
            star = true;
            String name = node.path("table_name").asText("");
            boolean special = node.path("show_type").asText().equals("SHOW_SPECIAL");
            if (!name.isEmpty() && !special) {
                table(node, Set.of());
            }
        }

        private void table(JsonNode node, Set<String> ctes) throws QueryException {
            String schema = node.path("schema_name").asText("").toLowerCase(Locale.ROOT);
            String name = node.path("table_name").asText().toLowerCase(Locale.ROOT);
            if (CATALOG.contains(schema + "." + name)) {
                datasets.addAll(Datasets.all());
                return;
            }
            if (schema.isEmpty() && ctes.contains(name)) {
                return;
            }
            var dataset = Datasets.named(name);
            if (dataset.isEmpty() && schema.isEmpty() && knownSources.contains(name)) {
                sources.add(name);
                return;
            }
            if (dataset.isEmpty() || !(schema.isEmpty() || schema.equals("main"))) {
                List<String> known =
                        Datasets.all().stream().map(Dataset::name).sorted().toList();
                throw new QueryException("there is no dataset \""
                        + node.path("table_name").asText() + "\"" + Nearest.orAll(name, known));
            }
            datasets.add(dataset.get());
        }

        private void tableFunction(String name) throws QueryException {
            if (!FUNCTIONS.contains(name.toLowerCase(Locale.ROOT))) {
                throw new QueryException("the table function " + name + " is not available here: queries read datasets,"
                        + " no files and no network. Available: "
                        + String.join(", ", FUNCTIONS.stream().sorted().toList()));
            }
        }

        private static void scalar(String name) throws QueryException {
            if (REFUSED_SCALARS.matcher(name).matches()) {
                throw new QueryException("the function " + name + " is not available here");
            }
        }
    }
}
