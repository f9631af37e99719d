package io.hypaware.spark;

import io.hypaware.config.TeamLakeConfig;
import io.hypaware.home.Cache;
import io.hypaware.lake.TeamLake;
import io.hypaware.query.GatheredRows;
import io.hypaware.query.QueryException;
import io.hypaware.query.QuerySession;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// A user's query over a team's lake that Spark runs, for what does not fit on this machine's engine.
public final class TeamQuery implements AutoCloseable {

    private final SparkProcess spark;
    private volatile boolean stopped;

    private TeamQuery(SparkProcess spark) {
        this.spark = spark;
    }

    /// Where Spark runs, and what it leaves behind.
    ///
    /// @param master as Spark says it
    /// @param work a folder of the user's own for what Spark keeps meanwhile
    /// @param log gets what Spark says
    public record Place(SparkJars jars, String master, Path work, Path log) {}

    /// Starts Spark and prepares the views that the SQL reads.
    public static TeamQuery open(TeamLakeConfig config, Place place, String sql)
            throws IOException, InterruptedException {
        try (TeamLake lake = TeamLake.open(config)) {
            Map<String, String> settings = TeamCatalog.settings(config, place.master());
            // Files are no tables here.
            settings.put("spark.sql.runSQLOnFiles", "false");
            settings.put("spark.sql.catalogImplementation", "in-memory");
            settings.put("spark.sql.warehouse.dir", place.work().resolve("none").toString());
            settings.put("spark.driver.maxResultSize", "1g");
            TeamQuery query = new TeamQuery(SparkProcess.start(place.jars(), place.work(), settings, place.log()));
            try {
                for (String statement :
                        new SparkViews(lake, TeamCatalog.NAME + "." + config.namespace(), sql).statements()) {
                    query.spark.rows(statement);
                }
                return query;
            } catch (IOException | RuntimeException e) {
                query.close();
                throw e;
            }
        }
    }

    /// Runs a statement, and hands over its rows when all are there.
    ///
    /// @param cache where they are meanwhile, if they do not fit in memory
    /// @throws SparkException if it is no query, or fails; the message is for the user
    public void run(String sql, Cache cache, long memoryBytes, QuerySession.ResultConsumer consumer)
            throws IOException, SQLException {
        List<GatheredRows> opened = new ArrayList<>();
        try {
            spark.plainQuery(
                    sql,
                    schema -> {
                        List<GatheredRows.Column> columns = new ArrayList<>();
                        schema.path("fields")
                                .forEach(field -> columns.add(new GatheredRows.Column(
                                        field.path("name").asText(), field.path("type"))));
                        opened.add(sqlToIo(() -> GatheredRows.open(cache, memoryBytes, columns)));
                    },
                    row -> sqlToIo(() -> {
                        opened.getFirst().add(row);
                        return Optional.empty();
                    }));
            opened.getFirst().show(consumer);
        } catch (SparkException e) {
            throw stopped ? new SparkException("the query was stopped", e) : e;
        } finally {
            for (GatheredRows rows : opened) {
                rows.close();
            }
        }
    }

    @FunctionalInterface
    private interface Asked<T> {
        T get() throws SQLException, QueryException;
    }

    private static <T> T sqlToIo(Asked<T> asked) throws IOException {
        try {
            return asked.get();
        } catch (SQLException | QueryException e) {
            throw new SparkException(String.valueOf(e.getMessage()), e);
        }
    }

    /// Ends what runs, from another thread.
    public void cancel() {
        stopped = true;
        spark.kill();
    }

    @Override
    public void close() throws IOException {
        spark.close();
    }
}
