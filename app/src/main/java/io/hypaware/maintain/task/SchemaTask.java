package io.hypaware.maintain.task;

import io.hypaware.maintain.Maintenance;
import io.hypaware.maintain.Task;
import io.hypaware.maintain.Tick;
import java.util.List;

/// Gives tables the columns and names of today, so that other engines open those, too, that nothing is written to any
/// more.
public final class SchemaTask implements Task {

    @Override
    public String name() {
        return "schema";
    }

    @Override
    public boolean isWanted(Maintenance.Options options) {
        return !options.dryRun();
    }

    @Override
    public List<Job> jobs(Tick tick) {
        return tick.tables((_, table) -> table.addMissingColumns());
    }
}
