package io.hypaware.maintain.task;

import io.hypaware.dataset.Dataset;
import io.hypaware.lake.Lake;
import io.hypaware.maintain.Event;
import io.hypaware.maintain.Maintenance;
import io.hypaware.maintain.Task;
import io.hypaware.maintain.Tick;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/// Writes the small files of a day together into large ones.
public final class CompactTask implements Task {

    @Override
    public String name() {
        return "compaction";
    }

    @Override
    public boolean isWanted(Maintenance.Options options) {
        return !options.expireOnly();
    }

    /// A day of a table that is to be compacted.
    private record DueDay(Dataset dataset, Compaction.Day day) {}

    /// The day with the most files first, whatever its table; at least one, however little time there is.
    @Override
    public List<Job> jobs(Tick tick) {
        List<DueDay> due = new ArrayList<>();
        tick.forEachTable((_, table) -> Compaction.due(
                        table,
                        tick.config().maintenance(),
                        tick.today(),
                        tick.options().force())
                .forEach(day -> due.add(new DueDay(table.dataset(), day))));
        return due.stream()
                .sorted(Comparator.comparingInt((DueDay d) -> d.day().fileCount())
                        .reversed())
                .map(next -> new Job(next.dataset().name(), next.day().name(), () -> compact(tick, next)))
                .toList();
    }

    private static void compact(Tick tick, DueDay due) throws java.sql.SQLException {
        Compaction.Day day = due.day();
        if (tick.isTooLateFor(due.dataset().name(), day.name())) {
            return;
        }
        if (tick.isDryRun()) {
            tick.add(new Event.Compacted(
                    due.dataset().name(),
                    day.name(),
                    day.fileCount(),
                    day.bytes(),
                    day.plan().bins().size(),
                    0,
                    0,
                    0));
            return;
        }
        try (Lake lake = Lake.open(tick.cache())) {
            tick.add(new Compaction(lake, tick).run(lake.table(due.dataset()).orElseThrow(), day));
        }
    }
}
