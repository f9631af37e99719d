package io.hypaware.spark;

import com.fasterxml.jackson.databind.JsonNode;
import com.github.f4b6a3.ulid.UlidCreator;
import io.hypaware.dataset.Dataset;
import io.hypaware.dataset.Datasets;
import io.hypaware.lake.ForgottenPayloads;
import io.hypaware.lake.ForgottenPayloads.Collected;
import io.hypaware.lake.LakeException;
import io.hypaware.lake.TeamLake;
import io.hypaware.lake.TeamTable;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// Drops payloads of a team's lake that nothing refers to any more, neither a row nor another payload as a part.
///
/// First they are forgotten: they are put on a list which machines read, so that who needs one of them from then on
/// sends it again. A later collection drops what is on the list: not before no table takes rows of who has not read it
/// so far, and not what a row refers to nevertheless, or what was sent again. It may be killed at any instant, and the
/// next one goes on.
final class TeamCollection {

    /// Between collections. What one has forgotten the next one drops; what is younger is not looked at.
    static final Duration GRACE = Duration.ofDays(7);

    /// Of one collection.
    private static final int MOST_COMMITS = 10;

    private static final String HASH = "'[0-9a-f]{64}'";

    private final SparkProcess spark;
    private final TeamLake lake;
    private final String schema;
    private final Clock clock;
    private final Consumer<CollectionStep> steps;

    /// @param schema the namespace, as Spark says it
    TeamCollection(SparkProcess spark, TeamLake lake, String schema, Clock clock, Consumer<CollectionStep> steps) {
        this.spark = spark;
        this.lake = lake;
        this.schema = schema;
        this.clock = clock;
        this.steps = steps;
    }

    /// Collects, where there is something to collect from.
    void run(boolean dryRun, Consumer<Done> told) throws InterruptedException {
        Optional<TeamTable> payloads = lake.table(Datasets.PAYLOADS);
        if (payloads.isEmpty()) {
            return;
        }
        try {
            Optional<ForgottenPayloads> list = dryRun ? lake.forgotten() : Optional.of(lake.forgottenOrCreate());
            if (list.isEmpty()) {
                told.accept(Done.of(Datasets.PAYLOADS.name(), "forget", "nothing before it was looked at twice"));
            } else {
                run(payloads.get(), list.get(), dryRun, told);
            }
        } catch (IOException | LakeException e) {
            told.accept(new Done(Datasets.PAYLOADS.name(), "forget", "", Optional.of(String.valueOf(e.getMessage()))));
        }
    }

    private void run(TeamTable payloads, ForgottenPayloads list, boolean dryRun, Consumer<Done> told)
            throws IOException, InterruptedException {
        Instant now = clock.instant();
        Optional<Collected> last = list.collected();
        Optional<Instant> next =
                last.map(collected -> collected.at().plus(GRACE)).filter(now::isBefore);
        if (next.isPresent() && !dryRun) {
            told.accept(Done.of(payloads.dataset().name(), "forget", "nothing before " + next.get()));
            return;
        }
        if (!dryRun) {
            lake.raise(list.fence());
            steps.accept(CollectionStep.RAISED);
        }
        // Asked after the fences: who makes a table or a column after this has read the list.
        lake.requireKnown();
        keep("reference", references());
        told.accept(Done.of(payloads.dataset().name(), "drop", drop(payloads, now, dryRun)));
        if (!dryRun) {
            unlist(list);
        }
        told.accept(Done.of(payloads.dataset().name(), "forget", forget(payloads, list, last, now, dryRun)));
        if (!dryRun) {
            list.refresh();
            lake.raise(list.fence());
            steps.accept(CollectionStep.RAISED_AGAIN);
            list.collected(new Collected(
                    now, lake.table(Datasets.PAYLOADS).orElseThrow().lastSequence()));
        }
    }

    /// What may name a payload: whatever looks like a hash, in columns that may. What only looks like one does no harm.
    private String references() {
        List<String> tables = new ArrayList<>();
        for (Dataset dataset : Datasets.all()) {
            lake.table(dataset).ifPresent(table -> {
                String texts = table.referringColumns().stream()
                        .map(column -> "CAST(`" + column + "` AS STRING)")
                        .collect(Collectors.joining(", "));
                if (!texts.isEmpty()) {
                    tables.add("SELECT DISTINCT `_machine` AS machine, named AS hash FROM " + table(dataset.name())
                            + " LATERAL VIEW explode(regexp_extract_all(concat_ws(' ', " + texts + "), " + HASH
                            + ", 0)) found AS named");
                }
            });
        }
        return String.join(" UNION ", tables);
    }

    /// The payloads that are there, with the file of each and the last commit that may have brought it there. One of
    /// which that is not known is new.
    private String copies(String where) {
        return "SELECT p.`_machine` AS machine, p.hash, p.size, p.file, p.day, coalesce(e.sequence, "
                + Long.MAX_VALUE + ") AS sequence FROM (SELECT `_machine`, hash, size, `_file` AS file,"
                + " to_date(first_seen_at) AS day FROM " + table(Datasets.PAYLOADS.name()) + ") p LEFT JOIN "
                + sequences(Datasets.PAYLOADS.name()) + " e ON e.path = p.file" + where;
    }

    private String sequences(String table) {
        return "(SELECT data_file.file_path AS path, max(sequence_number) AS sequence FROM " + table(table)
                + ".entries WHERE status < 2 GROUP BY 1)";
    }

    private String listed() {
        return copies(" LEFT SEMI JOIN " + table(ForgottenPayloads.TABLE)
                + " l ON l.machine = p.`_machine` AND l.hash = p.hash");
    }

    private static String newest(String rows) {
        return "(SELECT machine, hash, max(sequence) AS newest, sum(size) AS size FROM " + rows
                + " GROUP BY machine, hash)";
    }

    /// Drops what was forgotten long ago, was not sent again, and is referred to by nothing now.
    private String drop(TeamTable payloads, Instant now, boolean dryRun) throws IOException {
        keep("listed", listed());
        keep(
                "doomed",
                "SELECT c.machine, c.hash, c.size, c.file, c.day FROM listed c JOIN " + newest("listed")
                        + " n ON n.machine = c.machine AND n.hash = c.hash LEFT SEMI JOIN "
                        + table(ForgottenPayloads.TABLE)
                        + " l ON l.machine = c.machine AND l.hash = c.hash AND l.brought >= n.newest"
                        + " AND l.forgotten_at <= " + SparkSql.time(now.minus(GRACE))
                        + " LEFT ANTI JOIN reference r ON r.machine = c.machine AND r.hash = c.hash");
        String told = counted("doomed");
        if (!dryRun) {
            List<String> days = texts("SELECT DISTINCT CAST(day AS STRING) AS day FROM doomed ORDER BY day");
            if (!days.isEmpty()) {
                payloads.letRowsComeDuringDeletes();
            }
            int commits = Math.min(MOST_COMMITS, days.size());
            for (int commit = 0; commit < commits; commit++) {
                drop(days.subList(days.size() * commit / commits, days.size() * (commit + 1) / commits));
                steps.accept(CollectionStep.DROPPED);
            }
        }
        return told;
    }

    /// By the files in which they were found: what is sent again meanwhile is in another.
    private void drop(List<String> days) throws IOException {
        spark.rows("DELETE FROM " + table(Datasets.PAYLOADS.name()) + " AS p WHERE p.first_seen_at >= DATE '"
                + days.getFirst() + "' AND p.first_seen_at < date_add(DATE '" + days.getLast() + "', 1)"
                + " AND EXISTS (SELECT 1 FROM doomed d WHERE d.machine = p.`_machine` AND d.hash = p.hash"
                + " AND d.file = p.`_file`)");
    }

    /// Takes off the list what is referred to again or was sent again, and what is dropped and its machine knows.
    private void unlist(ForgottenPayloads list) throws IOException {
        list.refresh();
        keep("listed", listed());
        keep(
                "done",
                "SELECT l.machine, l.hash, l.run FROM (SELECT *, `_file` AS file FROM "
                        + table(ForgottenPayloads.TABLE) + ") l LEFT JOIN " + sequences(ForgottenPayloads.TABLE)
                        + " e ON e.path = l.file LEFT JOIN " + newest("listed")
                        + " n ON n.machine = l.machine AND n.hash = l.hash"
                        + " LEFT JOIN (SELECT DISTINCT machine, hash FROM reference) r"
                        + " ON r.machine = l.machine AND r.hash = l.hash LEFT JOIN " + readers(list.read())
                        + " m ON m.machine = l.machine"
                        + " WHERE n.newest > l.brought OR (n.newest IS NOT NULL AND r.hash IS NOT NULL)"
                        + " OR (n.newest IS NULL AND m.sequence >= e.sequence)");
        if (number("SELECT count(*) AS n FROM done") > 0) {
            spark.rows("DELETE FROM " + table(ForgottenPayloads.TABLE) + " AS l WHERE EXISTS (SELECT 1 FROM done d"
                    + " WHERE d.machine = l.machine AND d.hash = l.hash AND d.run = l.run)");
        }
        steps.accept(CollectionStep.UNLISTED);
    }

    /// How far machines have read, as rows.
    private static String readers(Map<String, Long> read) {
        return Stream.concat(
                        Stream.of("('', -1L)"),
                        read.entrySet().stream()
                                .map(one -> "(" + SparkSql.text(one.getKey()) + ", " + one.getValue() + "L)"))
                .collect(Collectors.joining(", ", "(SELECT * FROM VALUES ", " AS v(machine, sequence))"));
    }

    /// Forgets what was there at the last collection and nothing refers to, of machines that read the list.
    private String forget(
            TeamTable payloads, ForgottenPayloads list, Optional<Collected> last, Instant now, boolean dryRun)
            throws IOException {
        if (last.isEmpty()) {
            return "nothing before " + now.plus(GRACE);
        }
        keep(
                "forgettable",
                "SELECT c.machine, c.hash, c.size, c.newest FROM " + newest("(" + copies("") + ")") + " c JOIN "
                        + readers(list.read()) + " m ON m.machine = c.machine"
                        + " LEFT ANTI JOIN reference r ON r.machine = c.machine AND r.hash = c.hash"
                        + " LEFT ANTI JOIN " + table(ForgottenPayloads.TABLE)
                        + " l ON l.machine = c.machine AND l.hash = c.hash WHERE c.newest <= "
                        + last.get().sequence());
        String told = counted("forgettable");
        if (!dryRun && number("SELECT count(*) AS n FROM forgettable") > 0) {
            String run = UlidCreator.getUlid().toString().toLowerCase(Locale.ROOT);
            spark.rows("INSERT INTO " + table(ForgottenPayloads.TABLE) + " SELECT machine, hash, " + SparkSql.text(run)
                    + ", " + SparkSql.time(now) + ", newest FROM forgettable");
            steps.accept(CollectionStep.FORGOTTEN);
        }
        Set<String> others = new TreeSet<>(payloads.machines());
        others.removeAll(list.read().keySet());
        return others.isEmpty() ? told : told + "; nothing of " + String.join(", ", others) + ", which never read it";
    }

    private String counted(String view) throws IOException {
        JsonNode row = spark.rows(
                        "SELECT count(DISTINCT machine, hash) AS payloads, coalesce(sum(size), 0) AS bytes FROM "
                                + view)
                .getFirst();
        return row.path("payloads").asText() + " payloads, " + row.path("bytes").asText() + " bytes";
    }

    private void keep(String view, String select) throws IOException {
        spark.keep(view, select);
    }

    private long number(String sql) throws IOException {
        return spark.rows(sql).getFirst().path("n").asLong();
    }

    private List<String> texts(String sql) throws IOException {
        return spark.rows(sql).stream().map(row -> row.path("day").asText()).toList();
    }

    private String table(String name) {
        return schema + "." + name;
    }
}
