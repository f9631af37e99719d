package io.hypaware.maintain.task;

import io.hypaware.home.Cache;
import io.hypaware.maintain.Event;
import io.hypaware.maintain.Task;
import io.hypaware.maintain.Tick;
import io.hypaware.maintain.purge.Purge;
import io.hypaware.maintain.purge.PurgeResult;
import java.io.IOException;
import java.sql.SQLException;
import java.util.List;
import java.util.Objects;

/// Carries out purges that are ordered, or that died before their end.
public final class PurgeTask implements Task {

    @Override
    public String name() {
        return "purge";
    }

    @Override
    public List<Job> jobs(Tick tick) {
        boolean isDue = !tick.isDryRun() && !tick.journal().purges().open().isEmpty();
        return isDue ? List.of(new Job("", "purge", () -> purge(tick))) : List.of();
    }

    private static void purge(Tick tick) throws SQLException, IOException {
        Cache cache = tick.cache();
        Purge purge = new Purge(Purge.Environment.of(
                cache, tick.config(), Objects.requireNonNull(cache.folder().getParent()), tick.progress()));
        try {
            for (PurgeResult result : purge.runLocked(tick.journal())) {
                tick.add(new Event.Done(
                        "purge",
                        "",
                        "%,d sessions, %,d exchanges, %,d payloads; %,d files written again, %,d deleted"
                                .formatted(
                                        result.sessions(),
                                        result.exchanges(),
                                        result.payloads(),
                                        result.filesRewritten(),
                                        result.filesDeleted())));
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
