package io.hypaware.testing;

import io.hypaware.config.HypConfig;
import io.hypaware.config.TeamLakeConfig;
import io.hypaware.dataset.Dataset;
import io.hypaware.engine.Engine;
import io.hypaware.lake.LakeTable;
import io.hypaware.lake.LiveFile;
import io.hypaware.lake.LocalFiles;
import io.hypaware.lake.Scan;
import io.hypaware.lake.TeamLake;
import io.hypaware.lake.TeamTable;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/// A team's lake: a catalog in a PostgreSQL of its own, and a folder that all share.
public final class TeamWarehouse implements AutoCloseable {

    private final EmbeddedPostgres postgres;
    private final Path folder;
    private final String namespace;

    public TeamWarehouse(Path folder) throws IOException {
        this(EmbeddedPostgres.start(), Files.createDirectories(folder), "");
    }

    private TeamWarehouse(EmbeddedPostgres postgres, Path folder, String namespace) {
        this.postgres = postgres;
        this.folder = folder;
        this.namespace = namespace;
    }

    /// The same with tables of their own. It is closed with this one.
    public TeamWarehouse in(String other) {
        return new TeamWarehouse(postgres, folder, "\"namespace\": \"" + other + "\", ");
    }

    /// The section `lake` of a machine's config, as JSON.
    public String section(String user) {
        return "{%s\"catalog\": \"%s\", \"warehouse\": \"%s\", \"user\": \"%s\"}"
                .formatted(namespace, postgres.getJdbcUrl("postgres", "postgres"), folder, user);
    }

    public HypConfig config(String user) {
        return Configs.withLake(section(user));
    }

    public TeamLakeConfig lake(String user) {
        return config(user).lake().team().orElseThrow();
    }

    /// The first column of every row of a query over a table of the team's.
    ///
    /// @param sql with `%s` in place of the table
    public List<String> values(Dataset dataset, String sql) throws Exception {
        try (TeamLake lake = TeamLake.open(lake("reader"));
                Engine engine = Engine.open(128L << 20, 1, folder)) {
            Optional<LakeTable> table = lake.table(dataset).map(TeamTable::target);
            List<LiveFile> files = table.map(LakeTable::files).orElse(List.of());
            if (files.isEmpty()) {
                return List.of();
            }
            // By the ids of columns: whoever rewrote a file may call them otherwise.
            String from = new Scan(engine, "team", files, new LocalFiles())
                    .from(
                            table.orElseThrow().dataset(),
                            files.stream().map(LiveFile::path).toList());
            return engine.strings(sql.formatted(from));
        }
    }

    /// How many live files and manifests a table of the team's has.
    public Counts counts(Dataset dataset) throws Exception {
        try (TeamLake lake = TeamLake.open(lake("reader"))) {
            TeamTable table = lake.table(dataset).orElseThrow();
            return new Counts(table.files(), table.manifests());
        }
    }

    /// @param files locations of the live ones
    public record Counts(List<String> files, int manifests) {}

    /// All files of the warehouse.
    public List<Path> files() throws IOException {
        try (Stream<Path> all = Files.walk(folder)) {
            return new ArrayList<>(all.filter(Files::isRegularFile).sorted().toList());
        }
    }

    @Override
    public void close() throws IOException {
        postgres.close();
    }
}
