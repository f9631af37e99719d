package io.hypaware.maintain.task;

import io.hypaware.maintain.Event;
import io.hypaware.maintain.Flush;
import io.hypaware.maintain.Task;
import io.hypaware.maintain.Tick;
import java.util.List;

/// Moves rows from the journal to the lake.
public final class FlushTask implements Task {

    @Override
    public String name() {
        return "flush";
    }

    @Override
    public List<Job> jobs(Tick tick) {
        return List.of(new Job("", "lake", () -> {
            if (!tick.isDryRun()) {
                Flush flush = new Flush(tick.cache(), tick.config().maintenance(), _ -> {});
                tick.add(new Event.Flushed(flush.runLocked()));
            }
        }));
    }
}
