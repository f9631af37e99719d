package io.hypaware.maintain.task;

import io.hypaware.maintain.Task;
import io.hypaware.maintain.Tick;
import java.util.ArrayList;
import java.util.List;

/// Reclaims what is positively garbage.
public final class SweepTask implements Task {

    @Override
    public String name() {
        return "sweep";
    }

    @Override
    public List<Job> jobs(Tick tick) {
        Sweep sweep = new Sweep(tick);
        List<Job> jobs = new ArrayList<>(tick.olderPartitions(sweep::older));
        jobs.addAll(tick.tables((lake, table) -> sweep.lake(lake, table.dataset())));
        jobs.add(new Job("", "datasets", sweep::olderLeftovers));
        jobs.add(new Job("", "spill", sweep::spill));
        jobs.add(new Job("", "copies", sweep::copies));
        return jobs;
    }
}
