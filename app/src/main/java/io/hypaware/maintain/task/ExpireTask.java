package io.hypaware.maintain.task;

import io.hypaware.config.MaintenanceConfig;
import io.hypaware.lake.LakeTable;
import io.hypaware.maintain.Event;
import io.hypaware.maintain.Maintenance;
import io.hypaware.maintain.MaintenanceStep;
import io.hypaware.maintain.Task;
import io.hypaware.maintain.Tick;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;

/// Ends old snapshots of tables, and deletes the files that only they name.
public final class ExpireTask implements Task {

    @Override
    public String name() {
        return "expiry";
    }

    @Override
    public boolean isWanted(Maintenance.Options options) {
        return !options.compactOnly();
    }

    @Override
    public List<Job> jobs(Tick tick) {
        return tick.tables((_, table) -> expire(tick, table));
    }

    private static void expire(Tick tick, LakeTable table) {
        MaintenanceConfig config = tick.config().maintenance();
        Instant before = tick.now().minus(Duration.ofHours(config.maxSnapshotAgeHours()));
        int keep = config.minSnapshotsToKeep();
        if (!tick.isDryRun()) {
            Map<String, String> others = Compaction.rewrittenByOthers(table);
            if (!others.isEmpty()) {
                table.updateProperties(others, List.of());
            }
        }
        int snapshots = table.expirable(before, keep);
        if (snapshots == 0) {
            return;
        }
        long[] gone = new long[2];
        if (!tick.isDryRun()) {
            tick.step(MaintenanceStep.EXPIRY_BEGUN);
            table.expire(before, keep, file -> {
                gone[0]++;
                gone[1] += file.toFile().length();
                tick.step(MaintenanceStep.EXPIRY_FILE_DELETED);
            });
            tick.step(MaintenanceStep.EXPIRY_DONE);
        }
        tick.add(new Event.Expired(table.dataset().name(), snapshots, gone[0], gone[1]));
    }
}
