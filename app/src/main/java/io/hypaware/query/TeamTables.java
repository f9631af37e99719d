package io.hypaware.query;

import io.hypaware.config.TeamLakeConfig;
import io.hypaware.dataset.Dataset;
import io.hypaware.dataset.Datasets;
import io.hypaware.dataset.Facts;
import io.hypaware.engine.Engine;
import io.hypaware.engine.RowTable;
import io.hypaware.home.Cache;
import io.hypaware.lake.LakeException;
import io.hypaware.lake.LiveFile;
import io.hypaware.lake.RowCondition;
import io.hypaware.lake.RowCondition.Comparison;
import io.hypaware.lake.Scan;
import io.hypaware.lake.TeamLake;
import io.hypaware.lake.TeamTable;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableSet;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/// What a team has: the tables of its lake, of which a session opens those files alone that may have rows for it.
final class TeamTables implements StoredTables {

    private static final long DAY_MICROS = Duration.ofDays(1).toNanos() / 1000;

    private final TeamLake lake;
    private final Cache cache;

    /// Of the files that are read: where values of their payloads are looked for first.
    private final NavigableSet<LocalDate> days = new TreeSet<>();

    /// The machines that are asked for, if all that is read names some.
    private List<List<RowCondition>> machines = List.of();

    private TeamTables(TeamLake lake, Cache cache) {
        this.lake = lake;
        this.cache = cache;
    }

    /// @throws LakeException if the catalog cannot be reached, or its files are where the engine reads none
    static TeamTables open(TeamLakeConfig config, Cache cache) throws InterruptedException {
        if (config.isBucket()) {
            throw new LakeException("the team's lake is in the bucket " + config.warehouseLocation()
                    + ", of which this version reads no rows here; any engine that knows Iceberg does, such as Spark");
        }
        return new TeamTables(TeamLake.open(config), cache);
    }

    @Override
    public Dataset shown(Dataset dataset) {
        return TeamLake.shared(dataset);
    }

    @Override
    public List<String> owner() {
        return List.of(TeamLake.MACHINE);
    }

    @Override
    public Optional<String> sightings(SafeSql sql) {
        return Optional.empty();
    }

    @Override
    public Set<Path> prepare(Engine engine, Wanted wanted) throws SQLException {
        Map<Dataset, List<List<RowCondition>>> conditions = new LinkedHashMap<>();
        for (Dataset dataset : wanted.sql().datasets()) {
            conditions.put(dataset, RowConditions.of(engine, wanted.sql(), shown(dataset)));
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
        machines = machines(conditions);
        Set<Path> folders = new LinkedHashSet<>();
        for (Map.Entry<Dataset, List<List<RowCondition>>> one : conditions.entrySet()) {
            Optional<TeamTable> table = lake.table(one.getKey());
            List<LiveFile> files = table.map(found -> found.live(one.getValue())).orElse(List.of()).stream()
                    .filter(file -> wanted.scope().needs(one.getKey(), file))
                    .toList();
            base(engine, shown(one.getKey()), table, files);
            table.ifPresent(found -> folders.add(found.target().generation().folder()));
            files.forEach(file -> file.day().ifPresent(days::add));
        }
        return folders;
    }

    private static void base(Engine engine, Dataset dataset, Optional<TeamTable> table, List<LiveFile> files)
            throws SQLException {
        // Columns of their types, also where there is no file.
        new RowTable(engine, "none_" + dataset.name(), dataset).close();
        String stored = "SELECT * FROM none_" + dataset.name();
        if (table.isPresent() && !files.isEmpty()) {
            Scan scan = new Scan(engine, dataset.name(), files, table.get().io());
            stored += " UNION ALL BY NAME SELECT * FROM "
                    + scan.from(dataset, files.stream().map(LiveFile::path).toList());
        }
        engine.execute("CREATE VIEW stored_" + dataset.name() + " AS " + stored);
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

    /// What names machines in all that is read but payloads; empty if something does not.
    private static List<List<RowCondition>> machines(Map<Dataset, List<List<RowCondition>>> conditions) {
        List<List<RowCondition>> machines = new ArrayList<>();
        for (Map.Entry<Dataset, List<List<RowCondition>>> one : conditions.entrySet()) {
            if (!one.getKey().equals(Datasets.PAYLOADS)) {
                one.getValue().stream()
                        .map(all -> all.stream()
                                .filter(condition -> condition.column().equals(TeamLake.MACHINE))
                                .toList())
                        .forEach(machines::add);
            }
        }
        return machines.stream().anyMatch(List::isEmpty) ? List.of() : machines;
    }

    @Override
    public PayloadStore payloads() {
        return new TeamPayloads(cache, this::payloadTable);
    }

    private Optional<TeamPayloads.Table> payloadTable() {
        return lake.table(Datasets.PAYLOADS)
                .map(table -> new TeamPayloads.Table(
                        shown(Datasets.PAYLOADS),
                        table.io(),
                        machines.isEmpty() ? List.of() : table.live(machines),
                        table.live(List.of(List.of())),
                        days));
    }

    @Override
    public void close() {
        lake.close();
    }
}
