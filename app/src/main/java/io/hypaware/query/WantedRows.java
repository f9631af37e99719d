package io.hypaware.query;

import io.hypaware.dataset.Dataset;
import io.hypaware.dataset.Facts;
import io.hypaware.engine.Engine;
import io.hypaware.lake.RowCondition;
import io.hypaware.lake.RowCondition.Comparison;
import io.hypaware.lake.TeamLake;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;

/// Which rows of which datasets a session needs, so that files without any are left alone: those that its SQL asks for,
/// and the facts that complete them.
final class WantedRows {

    private static final long DAY_MICROS = Duration.ofDays(1).toNanos() / 1000;

    /// Lists of conditions of which one is true, as a whole, of each row that is needed, by dataset.
    ///
    /// @param stored the dataset as it is stored
    static Map<Dataset, List<List<RowCondition>>> of(
            Engine engine, StoredTables.Wanted wanted, UnaryOperator<Dataset> stored) {
        Map<Dataset, List<List<RowCondition>>> conditions = new LinkedHashMap<>();
        for (Dataset dataset : wanted.sql().datasets()) {
            conditions.put(dataset, RowConditions.of(engine, wanted.sql(), stored.apply(dataset)));
        }
        for (Facts facts : wanted.completing()) {
            String time = facts.dataset().primaryTime();
            List<List<RowCondition>> either = new ArrayList<>();
            for (List<RowCondition> all : conditions.getOrDefault(facts.about(), List.of(List.of()))) {
                either.add(all.stream()
                        .filter(one -> one.column().equals(TeamLake.MACHINE)
                                || one.column().equals(time))
                        .flatMap(one -> one.column().equals(time) ? about(one).stream() : List.of(one).stream())
                        .toList());
            }
            either.addAll(conditions.getOrDefault(facts.dataset(), List.of()));
            conditions.put(facts.dataset(), either);
        }
        return conditions;
    }

    /// A time, with a day before and after it.
    private static List<RowCondition> about(RowCondition time) {
        long least = time.values().stream().mapToLong(Long.class::cast).min().orElseThrow() - DAY_MICROS;
        long most = time.values().stream().mapToLong(Long.class::cast).max().orElseThrow() + DAY_MICROS;
        RowCondition from = new RowCondition(time.column(), Comparison.AT_LEAST, List.of(least));
        RowCondition to = new RowCondition(time.column(), Comparison.AT_MOST, List.of(most));
        return switch (time.comparison()) {
            case EQUAL -> List.of(from, to);
            case LESS, AT_MOST -> List.of(to);
            case MORE, AT_LEAST -> List.of(from);
        };
    }

    private WantedRows() {}
}
