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
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/// A team's lake: a catalog in a PostgreSQL of its own, and a folder or a bucket that all share.
public final class TeamWarehouse implements AutoCloseable {

    /// What such a lake is made of.
    public enum Kind {
        POSTGRES_AND_FOLDER,
        POSTGRES_AND_BUCKET,
        REST_AND_FOLDER,
        REST_AND_BUCKET;

        /// Which one tests are to run on that run on any: `HYP_TEAM_LAKE` says it.
        public static Kind asked() {
            return valueOf(System.getenv().getOrDefault("HYP_TEAM_LAKE", POSTGRES_AND_FOLDER.name()));
        }

        boolean isRest() {
            return name().startsWith("REST");
        }

        boolean isBucket() {
            return name().endsWith("BUCKET");
        }
    }

    private static final String PREFIX = "team";

    private final Optional<EmbeddedPostgres> postgres;
    private final Optional<RestServer> rest;
    private final Path folder;
    private final Kind kind;
    private final String bucket;
    private final String namespace;
    private int s3Port;

    public TeamWarehouse(Path folder) throws IOException, InterruptedException {
        this(folder, Kind.POSTGRES_AND_FOLDER);
    }

    public TeamWarehouse(Path folder, Kind kind) throws IOException, InterruptedException {
        this.kind = kind;
        this.namespace = "";
        this.folder = Files.createDirectories(folder);
        if (kind.isBucket()) {
            S3Server server = S3Server.get();
            S3Server.useCredentials();
            bucket = server.bucket();
            s3Port = server.port();
        } else {
            bucket = "";
        }
        this.postgres = kind.isRest() ? Optional.empty() : Optional.of(EmbeddedPostgres.start());
        this.rest = kind.isRest() ? Optional.of(rest()) : Optional.empty();
    }

    private TeamWarehouse(TeamWarehouse other, String namespace) {
        this.postgres = other.postgres;
        this.rest = other.rest;
        this.folder = other.folder;
        this.kind = other.kind;
        this.bucket = other.bucket;
        this.s3Port = other.s3Port;
        this.namespace = namespace;
    }

    /// The same with tables of their own. It is closed with this one.
    public TeamWarehouse in(String other) {
        return new TeamWarehouse(this, "\"namespace\": \"" + other + "\", ");
    }

    private RestServer rest() throws IOException, InterruptedException {
        Map<String, String> settings = new HashMap<>(Map.of("warehouse", location()));
        if (kind.isBucket()) {
            settings.put("io-impl", "org.apache.iceberg.aws.s3.S3FileIO");
            settings.put("s3.endpoint", "http://127.0.0.1:" + s3Port);
            settings.put("s3.path-style-access", "true");
            settings.put("client.region", "us-east-1");
            settings.put("http-client.type", "urlconnection");
            settings.put("include-credentials", "true");
            settings.put("s3.access-key-id", S3Server.ACCESS_KEY);
            settings.put("s3.secret-access-key", S3Server.SECRET_KEY);
        }
        return RestServer.start(Files.createTempDirectory(folder.resolveSibling(""), "rest"), settings);
    }

    private String location() {
        return kind.isBucket() ? place() : "file://" + folder;
    }

    /// Where the REST catalog listens.
    public int restPort() {
        return rest.orElseThrow().port();
    }

    /// From now on the bucket is reached by another port, where a proxy stands before it.
    public void reachBucketBy(int port) {
        s3Port = port;
    }

    /// The section `lake` of a machine's config, as JSON.
    public String section(String user) {
        return "{%s\"catalog\": \"%s\", \"warehouse\": \"%s\", \"user\": \"%s\"%s}"
                .formatted(namespace, catalog(), place(), user, s3());
    }

    private String catalog() {
        return postgres.map(database -> database.getJdbcUrl("postgres", "postgres"))
                .orElseGet(() -> "http://127.0.0.1:" + restPort());
    }

    private String place() {
        return kind.isBucket() ? "s3://" + bucket + "/" + PREFIX : folder.toString();
    }

    private String s3() {
        return kind.isBucket()
                ? ", \"s3\": {\"endpoint_url\": \"http://127.0.0.1:%d\", \"force_path_style\": true}".formatted(s3Port)
                : "";
    }

    /// Where a file of the lake really is.
    public Path local(String location) throws IOException, InterruptedException {
        return kind.isBucket()
                ? S3Server.get().files(bucket).resolve(location.replaceFirst("s3:/+" + bucket + "/", ""))
                : LocalFiles.path(location);
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
            List<LiveFile> files = new ArrayList<>();
            for (LiveFile file : table.map(LakeTable::files).orElse(List.of())) {
                files.add(new LiveFile(
                        local(file.file().location()),
                        file.file(),
                        file.sequence(),
                        file.deletes(),
                        file.day(),
                        file.columns()));
            }
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
    public List<Path> files() throws IOException, InterruptedException {
        try (Stream<Path> all = Files.walk(kind.isBucket() ? local("") : folder)) {
            return new ArrayList<>(all.filter(Files::isRegularFile).sorted().toList());
        }
    }

    @Override
    public void close() throws IOException {
        rest.ifPresent(RestServer::close);
        if (postgres.isPresent()) {
            postgres.get().close();
        }
    }
}
