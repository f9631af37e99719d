package io.hypaware.query;

import io.hypaware.dataset.Column;
import io.hypaware.dataset.Dataset;
import io.hypaware.dataset.Datasets;
import io.hypaware.dataset.Facts;
import io.hypaware.engine.Completed;
import io.hypaware.engine.Engine;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// Makes the views that a session's SQL reads, wherever the rows are: what was learned of rows and payloads' values in
/// place.
final class DatasetViews {

    static final String LAST_SEEN = "last_seen_at";

    private final Engine engine;
    private final StoredTables tables;
    private final SafeSql safe;
    private final Scope scope;

    DatasetViews(Engine engine, StoredTables tables, SafeSql safe, Scope scope) {
        this.engine = engine;
        this.tables = tables;
        this.safe = safe;
        this.scope = scope;
    }

    /// @return the folders of the files that are read
    Set<Path> create(PayloadColumns payloads) throws SQLException, QueryException {
        Map<Dataset, Facts> completed = completed();
        Set<Path> folders = tables.prepare(engine, new StoredTables.Wanted(safe, completed.values(), scope));
        for (Facts facts : completed.values()) {
            complete(facts);
        }
        scope.withhold(engine);
        for (Dataset dataset : safe.datasets()) {
            engine.execute(view(tables.shown(dataset), payloads));
        }
        return folders;
    }

    /// What completes the datasets that are read, where a column that it completes may be.
    private Map<Dataset, Facts> completed() {
        Map<Dataset, Facts> completed = new LinkedHashMap<>();
        for (Dataset dataset : safe.datasets()) {
            Datasets.factsAbout(dataset)
                    .filter(facts -> facts.columns().stream().anyMatch(column -> safe.mayRead(column.name())))
                    .ifPresent(facts -> completed.put(dataset, facts));
        }
        return completed;
    }

    /// Makes `stored_<dataset>` again, with what was learned of its rows; most caches have learned nothing.
    private void complete(Facts facts) throws SQLException {
        String stored = "stored_" + facts.about().name();
        String known = "stored_" + facts.dataset().name();
        if (engine.strings("SELECT 1 FROM " + known + " LIMIT 1").isEmpty()) {
            return;
        }
        engine.execute("ALTER VIEW " + stored + " RENAME TO bare_" + stored);
        engine.execute("CREATE VIEW " + stored + " AS "
                + Completed.sql(facts, "bare_" + stored, known, column -> safe.mayRead(column.name()), tables.owner()));
    }

    /// The dataset as users see it: payload values in place of their hashes, the stored extras only where they
    /// are named.
    private String view(Dataset dataset, PayloadColumns payloads) throws SQLException, QueryException {
        List<String> columns = new ArrayList<>();
        List<String> joins = new ArrayList<>();
        Optional<String> sightings =
                dataset.name().equals(Datasets.PAYLOADS.name()) ? tables.sightings(safe) : Optional.empty();
        Optional<String> visible = scope.visible(dataset);
        List<String> restrictions = new ArrayList<>(visible.stream().toList());
        // The engine takes no condition past a limit.
        boolean isGuarded = scope.isForeign() && visible.isPresent();
        for (Column column : dataset.columns()) {
            String name = Engine.identifier(column.name());
            if (column.payload() && safe.mayRead(column.name())) {
                PayloadColumns.Expression value = payloads.expression(dataset, column);
                value.join().ifPresent(joins::add);
                columns.add(value.sql() + " AS " + name);
                for (SafeSql.PayloadCondition condition :
                        isGuarded ? List.<SafeSql.PayloadCondition>of() : safe.conditions()) {
                    if (condition.column().equals(column.name())) {
                        payloads.restriction(dataset, column, value, condition.sql())
                                .ifPresent(restrictions::add);
                    }
                }
            } else if (column.name().equals(LAST_SEEN) && sightings.isPresent()) {
                joins.add("LEFT JOIN " + sightings.get() + " seen ON seen.hash = s.hash");
                columns.add("greatest(s." + name + ", seen.last_seen_at) AS " + name);
            } else {
                columns.add("s." + name);
            }
        }
        for (String extra : List.of(Dataset.ROW_ID, Dataset.SEQ)) {
            if (safe.names(extra)) {
                columns.add("s." + extra);
            }
        }
        return "CREATE VIEW " + dataset.name() + " AS SELECT " + String.join(", ", columns) + " FROM stored_"
                + dataset.name() + " s " + String.join(" ", joins)
                + (restrictions.isEmpty() ? "" : " WHERE " + String.join(" AND ", restrictions))
                + (isGuarded ? " LIMIT " + Long.MAX_VALUE : "");
    }
}
