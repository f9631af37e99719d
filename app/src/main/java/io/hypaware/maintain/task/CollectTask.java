package io.hypaware.maintain.task;

import io.hypaware.dataset.Datasets;
import io.hypaware.lake.Lake;
import io.hypaware.maintain.Task;
import io.hypaware.maintain.Tick;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;

/// Drops payloads that no row refers to any more.
public final class CollectTask implements Task {

    @Override
    public String name() {
        return "collection";
    }

    @Override
    public List<Job> jobs(Tick tick) {
        String payloads = Datasets.PAYLOADS.name();
        return tick.options().wants(payloads) ? List.of(new Job(payloads, "", () -> collect(tick))) : List.of();
    }

    private static void collect(Tick tick) throws SQLException {
        Optional<Lake> opened = Lake.openExisting(tick.cache());
        if (opened.isEmpty()) {
            return;
        }
        try (Lake lake = opened.get()) {
            if (!tick.isTooLateFor(Datasets.PAYLOADS.name(), "")) {
                new PayloadCollection(lake, tick).run().ifPresent(tick::add);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
