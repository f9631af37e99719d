package io.hypaware.maintain;

import io.hypaware.maintain.task.AdoptTask;
import io.hypaware.maintain.task.CollectTask;
import io.hypaware.maintain.task.CompactTask;
import io.hypaware.maintain.task.ExpireTask;
import io.hypaware.maintain.task.FactsTask;
import io.hypaware.maintain.task.FlushTask;
import io.hypaware.maintain.task.RetainTask;
import io.hypaware.maintain.task.SchemaTask;
import io.hypaware.maintain.task.SearchTask;
import io.hypaware.maintain.task.SessionsTask;
import io.hypaware.maintain.task.SweepTask;
import java.util.ArrayList;
import java.util.List;
import java.util.ServiceLoader;

/// The tasks of a tick, in their order: what they do to the tables first, then others, then what is left over is swept.
final class Tasks {

    /// Others are found by `META-INF/services`.
    static List<Task> all() {
        List<Task> tasks = new ArrayList<>(List.of(
                new FlushTask(),
                new AdoptTask(),
                // What an adoption has brought to the journal.
                new FlushTask(),
                new SchemaTask(),
                new ExpireTask(),
                new CompactTask(),
                // Into the files that the day has then.
                new FactsTask(),
                new RetainTask(),
                new CollectTask(),
                new SessionsTask(),
                new SearchTask()));
        ServiceLoader.load(Task.class, Tasks.class.getClassLoader()).forEach(tasks::add);
        tasks.add(new SweepTask());
        return tasks;
    }

    private Tasks() {}
}
