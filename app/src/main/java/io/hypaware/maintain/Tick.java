package io.hypaware.maintain;

import io.hypaware.config.CacheConfig;
import io.hypaware.dataset.Dataset;
import io.hypaware.dataset.Datasets;
import io.hypaware.home.Cache;
import io.hypaware.home.Progress;
import io.hypaware.journal.Journal;
import io.hypaware.lake.Lake;
import io.hypaware.lake.LakeTable;
import io.hypaware.lake.Rewrite;
import io.hypaware.legacy.AdoptionStep;
import io.hypaware.legacy.OlderPartition;
import io.hypaware.legacy.OlderState;
import io.hypaware.legacy.UnreadableCacheException;
import io.hypaware.secret.Secrets;
import java.io.IOException;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// One run of maintenance, as its tasks see it. Of the thread that runs it, like all that it gives to tasks.
public final class Tick {

    static final String NO_TIME = "no time left; the next tick goes on here";

    private final Maintenance.Environment environment;
    private final Maintenance.Options options;
    private final Report report;
    private final Journal journal;
    private final Places places;
    private final Optional<Instant> deadline;
    private boolean begun;

    Tick(Maintenance.Environment environment, Maintenance.Options options, Report report, Journal journal) {
        this.environment = environment;
        this.options = options;
        this.report = report;
        this.journal = journal;
        this.places = new Places(environment, options, report, journal);
        this.deadline = options.budget().map(clock().instant()::plus);
    }

    /// @param between told before each task
    void run(List<Task> tasks, Runnable between) {
        for (Task task : tasks) {
            if (task.isWanted(options)) {
                between.run();
                List<Task.Job> jobs = new ArrayList<>();
                places.guarded("", task.name(), () -> jobs.addAll(task.jobs(this)));
                jobs.forEach(job -> places.at(task.name(), job));
            }
        }
    }

    public Cache cache() {
        return environment.cache();
    }

    public CacheConfig config() {
        return environment.config();
    }

    public Clock clock() {
        return environment.clock();
    }

    public Instant now() {
        return clock().instant();
    }

    public LocalDate today() {
        return LocalDate.ofInstant(now(), ZoneOffset.UTC);
    }

    public Progress progress() {
        return environment.progress();
    }

    public Maintenance.Options options() {
        return options;
    }

    /// How secrets are looked for in what is new; nothing if they are not.
    public Optional<Secrets> watched() {
        return environment.watched();
    }

    public boolean isDryRun() {
        return options.dryRun();
    }

    public Journal journal() {
        return journal;
    }

    /// What any rewrite of maintenance may take.
    public Rewrite.Limits limits() {
        return Maintenance.limits(config().maintenance(), cache());
    }

    /// Where a process may die; tests do so.
    public void step(MaintenanceStep step) {
        environment.steps().accept(step);
    }

    public void step(AdoptionStep step) {
        environment.adoptionSteps().accept(step);
    }

    public void add(Event event) {
        report.add(event);
    }

    /// Whether this tick has failed there, at whatever work.
    public boolean hasFailed(String dataset, String partition) {
        return report.hasFailed(dataset, partition);
    }

    /// Whether the budget is used up; never before the first piece of work that asks.
    public boolean isTimeOver() {
        boolean over = begun && deadline.isPresent() && now().isAfter(deadline.get());
        begun = true;
        return over;
    }

    /// The same, and says so in the report.
    public boolean isTooLateFor(String dataset, String partition) {
        boolean over = isTimeOver();
        if (over) {
            add(new Event.Skipped(dataset, partition, NO_TIME));
        }
        return over;
    }

    /// Work with a table of the lake.
    @FunctionalInterface
    public interface TableWork {
        void run(Lake lake, LakeTable table) throws SQLException, IOException;
    }

    /// A job for each dataset that is wanted. Each opens the lake for itself: one that cannot be opened
    /// is a failure like any other.
    public List<Task.Job> tables(TableWork work) {
        return Datasets.all().stream()
                .filter(dataset -> options.wants(dataset.name()))
                .map(dataset -> new Task.Job(dataset.name(), "", () -> with(dataset, work)))
                .toList();
    }

    /// Looks at each table that is wanted; what fails is a failure of the table.
    public void forEachTable(TableWork look) {
        for (Task.Job job : tables(look)) {
            places.guarded(job.dataset(), job.partition(), job.work());
        }
    }

    private void with(Dataset dataset, TableWork work) throws SQLException, IOException {
        Optional<Lake> opened = Lake.openExisting(cache());
        if (opened.isEmpty()) {
            return;
        }
        try (Lake lake = opened.get()) {
            Optional<LakeTable> table = lake.table(dataset);
            if (table.isPresent()) {
                work.run(lake, table.get());
            }
        }
    }

    /// Work with a partition of an older cache.
    @FunctionalInterface
    public interface OlderWork {
        void run(OlderState state) throws SQLException, IOException, UnreadableCacheException;
    }

    /// A job for each partition of an older cache that is wanted.
    public List<Task.Job> olderPartitions(OlderWork work) {
        List<OlderPartition> partitions = new ArrayList<>();
        places.guarded("", "datasets", () -> partitions.addAll(OlderPartition.all(cache())));
        return partitions.stream()
                .filter(partition -> options.wants(partition.dataset()))
                .map(partition -> new Task.Job(partition.dataset(), partition.name(), () -> {
                    partition.refuseLinks();
                    work.run(OlderState.read(partition, tableFor(partition)));
                }))
                .toList();
    }

    /// The table that a partition's rows go to, as far as there is one.
    private Optional<LakeTable> tableFor(OlderPartition partition) {
        Optional<Lake> opened = Lake.openExisting(cache());
        if (opened.isEmpty()) {
            return Optional.empty();
        }
        try (Lake lake = opened.get()) {
            return Datasets.named(partition.dataset()).flatMap(lake::table);
        }
    }
}
