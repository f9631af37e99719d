package io.hypaware.maintain.task;

import io.hypaware.config.MaintenanceConfig;
import io.hypaware.maintain.Event;
import io.hypaware.maintain.SearchFeed;
import io.hypaware.maintain.Task;
import io.hypaware.maintain.Tick;
import io.hypaware.project.Messages;
import io.hypaware.query.QueryException;
import java.io.IOException;
import java.sql.SQLException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/// Brings the search index to what is recorded, and to what is kept.
public final class SearchTask implements Task {

    @Override
    public String name() {
        return "search";
    }

    @Override
    public List<Job> jobs(Tick tick) {
        return List.of(new Job("", "search", () -> feed(tick)));
    }

    private static void feed(Tick tick) throws SQLException, IOException {
        if (tick.isDryRun() || !tick.cache().hasJournal()) {
            return;
        }
        MaintenanceConfig config = tick.config().maintenance();
        Optional<Instant> firstKept = Retention.firstKept(
                        Messages.DATASET, tick.config().retention(), tick.now())
                .map(SearchTask::start);
        try {
            OptionalLong fed = new SearchFeed(tick.cache(), config.memoryBytes())
                    .run(firstKept, tick.progress(), () -> tick.isTooLateFor("", "search"));
            if (fed.orElse(0) > 0) {
                tick.add(new Event.Done(
                        "search", Messages.DATASET.name(), "%,d parts indexed".formatted(fed.getAsLong())));
            }
        } catch (QueryException e) {
            throw new SQLException("the search index cannot be fed: " + e.getMessage(), e);
        }
    }

    private static Instant start(LocalDate day) {
        return day.atStartOfDay(ZoneOffset.UTC).toInstant();
    }
}
