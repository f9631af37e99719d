package io.hypaware.engine;

import io.hypaware.dataset.Column;
import io.hypaware.dataset.Dataset;
import io.hypaware.dataset.Facts;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.function.Predicate;

/// Rows with what was learned of them in place, as SQL.
public final class Completed {

    /// @param rows what gives the rows as stored
    /// @param known what gives the facts as stored
    /// @param wanted columns that need not be completed cost nothing
    public static String sql(Facts facts, String rows, String known, Predicate<Column> wanted) {
        return sql(facts, rows, known, wanted, List.of());
    }

    /// The same where a row is known by more than its id.
    ///
    /// @param owner columns that rows and facts have besides; a fact is about a row with the same values there
    public static String sql(
            Facts facts, String rows, String known, Predicate<Column> wanted, Collection<String> owner) {
        List<String> latest = new ArrayList<>();
        List<String> replaced = new ArrayList<>();
        for (Column column : facts.columns()) {
            if (!wanted.test(column)) {
                continue;
            }
            String name = Engine.identifier(column.name());
            if (column.name().equals(facts.merged())) {
                // Each adds its own; a list of one is that one.
                latest.add("list_reduce(list(" + name + " ORDER BY " + Dataset.SEQ + ") FILTER (" + name
                        + " IS NOT NULL), lambda one, two: json_merge_patch(one, two)) AS " + name);
                replaced.add("CASE WHEN f." + name + " IS NULL THEN s." + name + " WHEN s." + name + " IS NULL THEN f."
                        + name + " ELSE json_merge_patch(s." + name + ", f." + name + ") END AS " + name);
            } else {
                latest.add("arg_max(" + name + ", " + Dataset.SEQ + ") AS " + name);
                replaced.add("coalesce(f." + name + ", s." + name + ") AS " + name);
            }
        }
        if (replaced.isEmpty()) {
            return "SELECT * FROM " + rows;
        }
        List<String> key = new ArrayList<>(List.of(Facts.TARGET));
        List<String> same = new ArrayList<>(List.of("f." + Facts.TARGET + " = s." + Dataset.ROW_ID));
        for (String column : owner) {
            String name = Engine.identifier(column);
            key.add(name);
            same.add("f." + name + " = s." + name);
        }
        return "SELECT s.* REPLACE (" + String.join(", ", replaced) + ") FROM " + rows + " s LEFT JOIN (SELECT "
                + String.join(", ", key) + ", " + String.join(", ", latest) + " FROM " + known + " GROUP BY "
                + String.join(", ", key) + ") f ON " + String.join(" AND ", same);
    }

    private Completed() {}
}
