package io.hypaware.query;

import io.hypaware.config.TeamLakeConfig;
import io.hypaware.dataset.Dataset;
import io.hypaware.dataset.Datasets;
import io.hypaware.engine.Engine;
import io.hypaware.engine.RowTable;
import io.hypaware.home.Cache;
import io.hypaware.lake.FileCopies;
import io.hypaware.lake.LakeException;
import io.hypaware.lake.LiveFile;
import io.hypaware.lake.RowCondition;
import io.hypaware.lake.Scan;
import io.hypaware.lake.TeamLake;
import io.hypaware.lake.TeamTable;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableSet;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.apache.iceberg.exceptions.NotFoundException;

/// What a team has: the tables of its lake, of which a session opens those files alone that may have rows for it.
final class TeamTables implements StoredTables {

    /// The one who maintains a lake drops files that a query is about to read.
    private static final int MOST_ATTEMPTS = 3;

    /// More machines than that are not told apart.
    private static final int MOST_MACHINES = 200;

    private final TeamLake lake;
    private final TeamFiles reading;
    private final Cache cache;

    /// Of the files that are read: where values of their payloads are looked for first.
    private final NavigableSet<LocalDate> days = new TreeSet<>();

    /// What is true of the machines of the files that are read; an empty list if one does not say.
    private final Set<List<RowCondition>> brought = new LinkedHashSet<>();

    /// The machines that are asked for, if all that is read names some.
    private List<List<RowCondition>> machines = List.of();

    private TeamTables(TeamLake lake, TeamFiles reading, Cache cache) {
        this.lake = lake;
        this.reading = reading;
        this.cache = cache;
    }

    /// @param folder of the session, in which files of a bucket are fetched
    /// @throws LakeException if the catalog cannot be reached
    static TeamTables open(TeamLakeConfig config, Cache cache, Path folder, Fetching fetching)
            throws InterruptedException {
        TeamFiles reading = config.isBucket()
                ? new BucketFiles(
                        folder,
                        new FileCopies(cache, fetching.keptBytes()),
                        fetching,
                        config.bucket().endpointUrl().orElse(""))
                : TeamFiles::shared;
        return new TeamTables(TeamLake.open(config), reading, cache);
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
        Map<Dataset, List<List<RowCondition>>> conditions = WantedRows.of(engine, wanted, this::shown);
        machines = machines(conditions);
        Set<Path> folders = new LinkedHashSet<>();
        for (Map.Entry<Dataset, List<List<RowCondition>>> one : conditions.entrySet()) {
            folders.addAll(base(engine, one.getKey(), one.getValue(), wanted));
        }
        return folders;
    }

    /// Makes a dataset's rows a view.
    ///
    /// @return the folders of their files
    private Set<Path> base(Engine engine, Dataset dataset, List<List<RowCondition>> conditions, Wanted wanted)
            throws SQLException {
        // Columns of their types, also where there is no file.
        new RowTable(engine, "none_" + dataset.name(), shown(dataset)).close();
        String stored = "SELECT * FROM none_" + dataset.name();
        Optional<TeamFiles.Reachable> reachable = reachable(dataset, conditions, wanted);
        if (reachable.isPresent() && !reachable.get().files().isEmpty()) {
            List<LiveFile> files = reachable.get().files();
            Scan scan = new Scan(engine, dataset.name(), files, reachable.get().io());
            stored += " UNION ALL BY NAME SELECT * FROM "
                    + scan.from(
                            shown(dataset), files.stream().map(LiveFile::path).toList());
        }
        engine.execute("CREATE VIEW stored_" + dataset.name() + " AS " + stored);
        return reachable.map(TeamFiles.Reachable::folders).orElse(Set.of());
    }

    /// The files of a dataset's table as it is now; nothing if there is none.
    private Optional<TeamFiles.Reachable> reachable(
            Dataset dataset, List<List<RowCondition>> conditions, Wanted wanted) {
        for (int attempt = 1; ; attempt++) {
            try {
                Optional<TeamTable> table = lake.table(dataset);
                if (table.isEmpty()) {
                    return Optional.empty();
                }
                List<LiveFile> files = table.get().live(conditions).stream()
                        .filter(file -> wanted.scope().needs(dataset, file))
                        .toList();
                TeamFiles.Reachable reachable = reading.reachable(table.get(), files);
                // What only completes rows is of their machines.
                boolean isRead = wanted.sql().datasets().contains(dataset) && !dataset.equals(Datasets.PAYLOADS);
                files.forEach(file -> noteDown(table.get(), file, isRead));
                return Optional.of(reachable);
            } catch (NotFoundException e) {
                if (attempt == MOST_ATTEMPTS) {
                    throw new LakeException(
                            "files of the team's table " + dataset.name()
                                    + " went each time before they were read; is the lake being maintained? Try it again later: "
                                    + e.getMessage(),
                            e);
                }
            }
        }
    }

    /// Remembers where payloads of a file's rows are.
    private void noteDown(TeamTable table, LiveFile file, boolean isRead) {
        file.day().ifPresent(days::add);
        if (isRead) {
            brought.add(table.machinesOf(file));
        }
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
        return new TeamPayloads(cache, reading, this::payloadTable);
    }

    private Optional<TeamPayloads.Table> payloadTable() {
        return lake.table(Datasets.PAYLOADS).map(table -> {
            List<List<RowCondition>> from = machines.isEmpty() ? ofFiles() : machines;
            List<LiveFile> near = from.isEmpty() ? List.of() : table.live(from);
            // What rows refer to their machine has brought: of a bucket nothing else is fetched for it.
            List<LiveFile> all = reading.areFetched() && !from.isEmpty() ? near : table.live(List.of(List.of()));
            return new TeamPayloads.Table(table, near, all, days);
        });
    }

    /// What is true of the machines of the files that are read; nothing if one does not say.
    private List<List<RowCondition>> ofFiles() {
        boolean isKnown = !brought.isEmpty()
                && brought.size() <= MOST_MACHINES
                && brought.stream().noneMatch(List::isEmpty);
        return isKnown ? List.copyOf(brought) : List.of();
    }

    @Override
    public void stop() {
        reading.stop();
    }

    @Override
    public void close() {
        lake.close();
    }
}
