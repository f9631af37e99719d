package io.hypaware.maintain.task;

import io.hypaware.dataset.Dataset;
import io.hypaware.dataset.Datasets;
import io.hypaware.dataset.Facts;
import io.hypaware.engine.Engine;
import io.hypaware.lake.Lake;
import io.hypaware.lake.LakeTable;
import io.hypaware.lake.LiveFile;
import io.hypaware.lake.LocalFiles;
import io.hypaware.lake.Rewrite;
import io.hypaware.lake.Scan;
import io.hypaware.maintain.Event;
import io.hypaware.maintain.Task;
import io.hypaware.maintain.Tick;
import java.sql.SQLException;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Puts what was learned of rows into their files, once their day is over, and drops it where it was kept apart. Dying
/// between the two puts the same in place once more.
public final class FactsTask implements Task {

    @Override
    public String name() {
        return "facts";
    }

    /// A day for each table that is completed.
    @Override
    public List<Job> jobs(Tick tick) {
        List<Job> jobs = new ArrayList<>();
        for (Facts facts : Datasets.facts()) {
            tick.forEachTable((_, table) -> {
                if (table.dataset().equals(facts.dataset())) {
                    table.filesByDay().keySet().stream()
                            .filter(day -> day.isBefore(tick.today()))
                            .forEach(day -> jobs.add(
                                    new Job(facts.dataset().name(), day.toString(), () -> complete(tick, facts, day))));
                }
            });
        }
        return jobs;
    }

    private static List<LiveFile> of(Lake lake, Dataset dataset, LocalDate day) {
        Optional<LakeTable> table = lake.table(dataset);
        return table.map(LakeTable::filesByDay)
                .map(days -> days.getOrDefault(day, List.of()))
                .orElse(List.of());
    }

    private static void complete(Tick tick, Facts facts, LocalDate day) throws SQLException {
        if (tick.isTooLateFor(facts.dataset().name(), day.toString())) {
            return;
        }
        try (Lake lake = Lake.open(tick.cache())) {
            List<LiveFile> known = of(lake, facts.dataset(), day);
            List<LiveFile> files = of(lake, facts.about(), day);
            long facted = known.stream().mapToLong(LiveFile::rows).sum();
            if (tick.isDryRun()) {
                tick.add(new Event.Done(
                        "facts",
                        facts.dataset().name(),
                        "%s: %,d facts would be put into %d files of %s"
                                .formatted(
                                        day, facted, files.size(), facts.about().name())));
                return;
            }
            Rewrite rewrite = new Rewrite(lake, tick.limits(), _ -> {});
            long completed = 0;
            for (LiveFile file : files) {
                completed += rewrite.completed(facts, file, known, day);
            }
            List<LiveFile> now = of(lake, facts.about(), day);
            long dropped = 0;
            for (LiveFile file : known) {
                dropped += rewrite.without(facts.dataset(), file, engine -> isInPlace(engine, facts, now));
            }
            if (completed > 0 || dropped > 0) {
                tick.add(new Event.Done(
                        "facts",
                        facts.dataset().name(),
                        "%s: %,d rows of %s completed"
                                .formatted(day, completed, facts.about().name())));
            }
        }
    }

    /// Facts about rows that are in files of the day are in them by now. One about a row that is not there yet stays.
    private static String isInPlace(Engine engine, Facts facts, List<LiveFile> files) throws SQLException {
        if (files.isEmpty()) {
            return "false";
        }
        String rows = new Scan(engine, "about", files, new LocalFiles())
                .from(facts.about(), files.stream().map(LiveFile::path).toList());
        return "f." + Facts.TARGET + " IN (SELECT " + Dataset.ROW_ID + " FROM " + rows + ")";
    }
}
