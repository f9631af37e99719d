package io.hypaware.maintain.task;

import io.hypaware.engine.Engine;
import io.hypaware.lake.Lake;
import io.hypaware.lake.LakeTable;
import io.hypaware.lake.LiveFile;
import io.hypaware.maintain.Task;
import io.hypaware.maintain.Tick;
import io.hypaware.project.Messages;
import io.hypaware.query.SessionIndex;
import java.io.IOException;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import java.util.stream.Gatherers;

/// Learns which sessions the files of days have that are over, so that a session's page opens those of its days alone.
public final class SessionsTask implements Task {

    private static final int FILES_AT_A_TIME = 32;

    @Override
    public String name() {
        return "sessions";
    }

    @Override
    public List<Job> jobs(Tick tick) {
        return tick.isDryRun() ? List.of() : List.of(new Job("", name(), () -> learn(tick)));
    }

    private void learn(Tick tick) throws SQLException, IOException {
        Optional<Lake> opened = Lake.openExisting(tick.cache());
        if (opened.isEmpty()) {
            return;
        }
        List<LiveFile> files;
        try (Lake lake = opened.get()) {
            files = lake.table(Messages.DATASET).map(LakeTable::files).orElse(List.of());
        }
        try (SessionIndex index = SessionIndex.open(tick.cache())) {
            index.keepOnly(files);
            List<LiveFile> unknown = index.unknown(files.stream()
                    .filter(file -> file.day().filter(tick.today()::isAfter).isPresent())
                    .toList());
            boolean isFirst = true;
            for (List<LiveFile> some : unknown.stream()
                    .gather(Gatherers.windowFixed(FILES_AT_A_TIME))
                    .toList()) {
                // Some in any case, so that rounds without time come to an end.
                if (!isFirst && tick.isTooLateFor("", name())) {
                    return;
                }
                isFirst = false;
                try (Engine engine = Engine.forMaintenance(
                        tick.config().maintenance().memoryBytes(), tick.cache().spill())) {
                    index.learn(engine, some);
                }
            }
        }
    }
}
