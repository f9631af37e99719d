package io.hypaware.spark;

import com.fasterxml.jackson.databind.JsonNode;
import io.hypaware.lake.TeamPlaces.Place;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/// The maintenance of a team's lake by Iceberg's own procedures in Spark, table by table. Each is commits of its own:
/// it may be killed at any instant, and the next one goes on.
public final class LakeMaintenance {

    /// Nothing that is younger is taken for garbage: a machine may have stored it, and sleep before it commits.
    public static final Duration ORPHAN_GRACE = Duration.ofDays(7);

    /// How long an earlier state of a table can be read.
    public static final Duration SNAPSHOT_GRACE = Duration.ofHours(24);

    private static final int SNAPSHOTS_KEPT = 10;

    /// Of a day, that are worth one.
    private static final int LEAST_FILES = 5;

    private static final long TARGET_BYTES = 128L << 20;

    /// What is done with a table.
    public enum Step {
        REWRITE,
        MANIFESTS,
        EXPIRE,
        ORPHANS
    }

    private final SparkProcess spark;
    private final String catalog;
    private final String namespace;
    private final Clock clock;
    private final boolean dryRun;

    /// @param catalog as Spark's settings name it
    public LakeMaintenance(SparkProcess spark, String catalog, String namespace, Clock clock, boolean dryRun) {
        this.spark = spark;
        this.catalog = catalog;
        this.namespace = namespace;
        this.clock = clock;
        this.dryRun = dryRun;
    }

    /// Maintains tables; one that fails does not keep the others from it.
    public void run(List<Place> places, Consumer<Done> told) {
        for (Place place : places) {
            for (Step step : Step.values()) {
                if (place.dataset().isPresent() || step == Step.EXPIRE || step == Step.ORPHANS) {
                    told.accept(tried(place, step));
                }
            }
        }
    }

    private Done tried(Place place, Step step) {
        try {
            return step(place, step);
        } catch (IOException e) {
            return done(place, step, "", Optional.of(String.valueOf(e.getMessage())));
        }
    }

    private Done step(Place place, Step step) throws IOException {
        if (step == Step.ORPHANS && place.shared().isPresent()) {
            return done(place, step, "", place.shared());
        }
        if (dryRun && step != Step.ORPHANS) {
            return done(place, step, wouldDo(place, step), Optional.empty());
        }
        List<JsonNode> rows = spark.rows(sql(place, step));
        return done(place, step, told(rows), failed(rows));
    }

    private static Done done(Place place, Step step, String what, Optional<String> problem) {
        return new Done(place.name(), step.name().toLowerCase(Locale.ROOT), what, problem);
    }

    /// With partial progress Iceberg says that it is done even where no file could be rewritten.
    private static Optional<String> failed(List<JsonNode> rows) {
        long files = rows.stream()
                .mapToLong(row -> row.path("failed_data_files_count").asLong())
                .sum();
        return files == 0 ? Optional.empty() : Optional.of(files + " files could not be rewritten");
    }

    private String wouldDo(Place place, Step step) throws IOException {
        String counted = switch (step) {
            case REWRITE ->
                "SELECT coalesce(sum(files), 0) AS files, coalesce(sum(bytes), 0) AS bytes FROM (SELECT count(*) AS files,"
                        + " sum(file_size_in_bytes) AS bytes FROM " + table(place)
                        + ".files WHERE file_size_in_bytes < "
                        + TARGET_BYTES * 3 / 4 + " GROUP BY partition HAVING count(*) >= " + LEAST_FILES + ")";
            case MANIFESTS -> "SELECT count(*) AS manifests FROM " + table(place) + ".manifests";
            case EXPIRE ->
                "SELECT count(*) AS snapshots FROM " + table(place) + ".snapshots WHERE committed_at < "
                        + before(SNAPSHOT_GRACE);
            case ORPHANS -> throw new IllegalStateException("Iceberg says itself what it would remove");
        };
        return told(spark.rows(counted));
    }

    /// The call of a procedure.
    String sql(Place place, Step step) {
        return switch (step) {
            // In the order that the table itself says; what is done is committed as it goes.
            case REWRITE ->
                call(
                        "rewrite_data_files",
                        place,
                        "strategy => 'sort'",
                        "options => map('partial-progress.enabled', 'true', 'partial-progress.max-commits', '10',"
                                + " 'target-file-size-bytes', '" + TARGET_BYTES + "', 'min-input-files', '"
                                + LEAST_FILES + "')");
            case MANIFESTS -> call("rewrite_manifests", place);
            case EXPIRE ->
                call(
                        "expire_snapshots",
                        place,
                        "older_than => " + before(SNAPSHOT_GRACE),
                        "retain_last => " + SNAPSHOTS_KEPT);
            case ORPHANS ->
                call(
                        "remove_orphan_files",
                        place,
                        "older_than => " + before(ORPHAN_GRACE),
                        "location => " + SparkSql.text(place.location()),
                        "prefix_mismatch_mode => 'ERROR'",
                        "prefix_listing => " + !place.location().startsWith("file:"),
                        "dry_run => " + dryRun);
        };
    }

    private String call(String procedure, Place place, String... more) {
        return "CALL " + catalog + ".system." + procedure + "(table => " + SparkSql.text(table(place))
                + List.of(more).stream().map(argument -> ", " + argument).collect(Collectors.joining()) + ")";
    }

    private String table(Place place) {
        return catalog + "." + namespace + "." + place.name();
    }

    private String before(Duration grace) {
        return SparkSql.time(clock.instant().minus(grace));
    }

    /// A row of counts as words; of many rows, how many.
    private static String told(List<JsonNode> rows) {
        if (rows.isEmpty()) {
            return "nothing";
        }
        if (rows.size() > 1 || rows.getFirst().has("orphan_file_location")) {
            return rows.size() + (rows.size() == 1 ? " file" : " files");
        }
        String counts = rows.getFirst().properties().stream()
                .filter(count -> count.getValue().asLong() != 0)
                .map(count -> told(
                        count.getKey().replace("_count", "").replace('_', ' '),
                        count.getValue().asLong()))
                .collect(Collectors.joining(", "));
        return counts.isEmpty() ? "nothing" : counts;
    }

    private static String told(String what, long count) {
        if (what.endsWith("bytes")) {
            return "%.1f MB %s"
                    .formatted(count / 1e6, what.replace("bytes", ""))
                    .strip();
        }
        return "%,d %s".formatted(count, count == 1 ? what.replaceFirst("s$", "") : what);
    }
}
