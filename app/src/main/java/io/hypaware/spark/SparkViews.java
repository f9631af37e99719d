package io.hypaware.spark;

import io.hypaware.dataset.Column;
import io.hypaware.dataset.ColumnType;
import io.hypaware.dataset.Dataset;
import io.hypaware.dataset.Datasets;
import io.hypaware.dataset.Facts;
import io.hypaware.lake.TeamLake;
import io.hypaware.lake.TeamTable;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;

/// The views of the datasets in Spark's own SQL, of the same columns and with the same meaning as those that the engine
/// here has: what was learned of rows and payloads' values in place.
///
/// @param namespace of the tables, as Spark says it
/// @param asked the SQL of the user: what it surely does not read is not joined
record SparkViews(TeamLake lake, String namespace, String asked) {

    /// A value is made of groups, and these of elements.
    private static final int DEEPEST = 4;

    private static final String VALUES = "payload_values_";

    /// Words that may mean any column.
    private static final Pattern ANY = Pattern.compile("\\*|\\b(table|natural)\\b");

    private static final Pattern COUNT = Pattern.compile("count\\s*\\(\\s*\\*\\s*\\)");

    /// Statements that make the views, in order.
    List<String> statements() {
        List<String> statements = new ArrayList<>();
        for (Dataset dataset : Datasets.all()) {
            statements.add(view("stored_" + dataset.name(), stored(TeamLake.shared(dataset))));
        }
        if (Datasets.all().stream()
                .flatMap(dataset -> dataset.columns().stream())
                .anyMatch(this::needsValue)) {
            values(statements);
        }
        for (Dataset dataset : Datasets.all()) {
            statements.add(view(dataset.name(), shown(TeamLake.shared(dataset), dataset)));
        }
        return statements;
    }

    private static String view(String name, String query) {
        return "CREATE OR REPLACE TEMPORARY VIEW " + name + " AS " + query;
    }

    /// The rows as stored; none, if nobody has made the table.
    private String stored(Dataset dataset) {
        Optional<TeamTable> table =
                Datasets.named(dataset.name()).flatMap(lake::table).filter(TeamTable::hasRows);
        List<String> columns = new ArrayList<>();
        for (Column column : dataset.storedColumns()) {
            String name = table.flatMap(found -> found.nameOf(column))
                    .map(SparkViews::identifier)
                    .orElse("CAST(NULL AS " + type(column.type()) + ")");
            columns.add(name + " AS " + identifier(column.name()));
        }
        return "SELECT " + String.join(", ", columns)
                + (table.isPresent() ? " FROM " + namespace + "." + identifier(dataset.name()) : " WHERE false");
    }

    /// Whole values by their hash, level by level. A value is the same, whichever machine brought it.
    private static void values(List<String> statements) {
        String stored = "stored_" + Datasets.PAYLOADS.name();
        String whole = "SELECT hash, any_value(coalesce(text, CAST(bytes AS STRING))) AS value FROM " + stored
                + " WHERE parts IS NULL GROUP BY hash";
        statements.add(view(VALUES + 0, whole));
        for (int level = 1; level <= DEEPEST; level++) {
            statements.add(view(
                    VALUES + level,
                    "SELECT * FROM " + VALUES + 0 + " UNION ALL SELECT hash,"
                            + " array_join(transform(sort_array(collect_list(struct(at, piece))), one -> one.piece), '') AS value"
                            + " FROM (SELECT p.hash, p.at, CASE WHEN p.part LIKE '=%' THEN substr(p.part, 2) ELSE v.value END AS piece"
                            + " FROM (SELECT hash, posexplode(from_json(any_value(parts), 'array<string>')) AS (at, part) FROM "
                            + stored + " WHERE parts IS NOT NULL GROUP BY hash) p LEFT JOIN " + VALUES + (level - 1)
                            + " v ON p.part LIKE '#%' AND v.hash = substr(p.part, 2))"
                            + " GROUP BY hash HAVING count(*) = count(piece)"));
        }
    }

    private String shown(Dataset dataset, Dataset known) {
        List<String> columns = new ArrayList<>();
        List<String> joins = new ArrayList<>();
        Optional<Facts> facts = Datasets.factsAbout(known)
                .filter(one ->
                        lake.table(one.dataset()).filter(TeamTable::hasRows).isPresent());
        facts.ifPresent(one -> joins.add(learned(one)));
        for (Column column : dataset.columns()) {
            String stored = "s." + identifier(column.name());
            boolean completed = facts.filter(one -> one.columns().stream()
                            .anyMatch(other -> other.name().equals(column.name())))
                    .isPresent();
            if (completed) {
                stored = completed(facts.orElseThrow(), column);
            }
            if (needsValue(column)) {
                String values = "v_" + column.name();
                boolean binary = column.type() == ColumnType.BINARY;
                String hash = binary
                        ? "CASE WHEN octet_length(" + stored + ") = 64 THEN CAST(" + stored + " AS STRING) END"
                        : stored;
                joins.add("LEFT JOIN " + VALUES + DEEPEST + " " + values + " ON " + values + ".hash = " + hash);
                String value = binary ? "CAST(" + values + ".value AS BINARY)" : values + ".value";
                stored = "coalesce(" + value + ", " + stored + ")";
            }
            columns.add(stored + " AS " + identifier(column.name()));
        }
        for (String extra : List.of(Dataset.ROW_ID, Dataset.SEQ)) {
            if (words().contains(extra)) {
                columns.add("s." + extra);
            }
        }
        return "SELECT " + String.join(", ", columns) + " FROM stored_" + dataset.name() + " s "
                + String.join(" ", joins);
    }

    /// What was learned last of each column of each row.
    private static String learned(Facts facts) {
        List<String> latest = new ArrayList<>();
        for (Column column : facts.columns()) {
            String name = identifier(column.name());
            String some = " FILTER (WHERE " + name + " IS NOT NULL) AS " + name;
            latest.add(
                    column.name().equals(facts.merged())
                            ? "collect_list(struct(" + Dataset.SEQ + ", " + name + "))" + some
                            : "max_by(" + name + ", " + Dataset.SEQ + ")" + some);
        }
        String key = TeamLake.MACHINE + ", " + Facts.TARGET;
        return "LEFT JOIN (SELECT " + key + ", " + String.join(", ", latest) + " FROM stored_"
                + facts.dataset().name() + " GROUP BY " + key + ") f ON f." + Facts.TARGET + " = s." + Dataset.ROW_ID
                + " AND f." + TeamLake.MACHINE + " = s." + TeamLake.MACHINE;
    }

    private static String completed(Facts facts, Column column) {
        String name = identifier(column.name());
        return column.name().equals(facts.merged())
                // Each adds its own; without any the row's own stays as it is.
                ? "CASE WHEN coalesce(size(f." + name + "), 0) <= 0 THEN s." + name
                        + " ELSE hyp_json_merge(to_json(concat(array(s." + name + "), transform(sort_array(f." + name
                        + "), one -> one." + name + ")))) END"
                : "coalesce(f." + name + ", s." + name + ")";
    }

    private boolean needsValue(Column column) {
        return column.payload()
                && (words().contains(column.name()) || ANY.matcher(words()).find());
    }

    /// The SQL without what is no column's name.
    private String words() {
        return COUNT.matcher(asked.toLowerCase(Locale.ROOT)).replaceAll("count()");
    }

    private static String identifier(String name) {
        return "`" + name.replace("`", "``") + "`";
    }

    private static String type(ColumnType type) {
        return switch (type) {
            case STRING, JSON -> "STRING";
            case INT -> "INT";
            case LONG -> "BIGINT";
            case DOUBLE -> "DOUBLE";
            case BOOLEAN -> "BOOLEAN";
            case TIMESTAMP -> "TIMESTAMP";
            case BINARY -> "BINARY";
            case STRINGS -> "ARRAY<STRING>";
            case LONGS -> "ARRAY<BIGINT>";
            case DOUBLES -> "ARRAY<DOUBLE>";
        };
    }
}
