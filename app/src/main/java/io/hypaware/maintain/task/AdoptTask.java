package io.hypaware.maintain.task;

import io.hypaware.dataset.Dataset;
import io.hypaware.dataset.Datasets;
import io.hypaware.lake.Lake;
import io.hypaware.legacy.Adoption;
import io.hypaware.legacy.OlderPartition;
import io.hypaware.legacy.OlderState;
import io.hypaware.legacy.UnreadableCacheException;
import io.hypaware.maintain.Event;
import io.hypaware.maintain.Task;
import io.hypaware.maintain.Tick;
import java.io.IOException;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;

/// Moves the rows of caches written by HypAware for Node into the lake.
public final class AdoptTask implements Task {

    @Override
    public String name() {
        return "adoption";
    }

    @Override
    public List<Job> jobs(Tick tick) {
        return tick.olderPartitions(state -> adopt(tick, state));
    }

    private static void adopt(Tick tick, OlderState state) throws SQLException, IOException, UnreadableCacheException {
        OlderPartition partition = state.partition();
        Optional<Dataset> dataset = Datasets.named(partition.dataset());
        if (dataset.isEmpty()) {
            tick.add(new Event.Skipped(
                    partition.dataset(), partition.name(), "this version has no such dataset; left alone"));
            return;
        }
        if (state.isRestored() && !tick.options().force()) {
            tick.add(new Event.Skipped(
                    partition.dataset(), partition.name(), "restored by hand; --force adopts it again"));
            return;
        }
        if (!state.isDue(tick.options().force()) || tick.isTooLateFor(partition.dataset(), partition.name())) {
            return;
        }
        if (tick.isDryRun()) {
            tick.add(new Event.Adopted(partition.id(), 0, 0, 0, 0, 0, 0, List.of()));
            return;
        }
        try (Lake lake = Lake.open(tick.cache())) {
            Adoption.Result result = Adoption.run(
                    state,
                    dataset.get(),
                    lake,
                    tick.journal(),
                    new Adoption.Terms(
                            tick.limits(), tick.clock(), tick.progress(), () -> !tick.isTimeOver(), tick::step));
            tick.add(new Event.Adopted(
                    partition.id(),
                    result.rows(),
                    result.duplicates(),
                    result.files(),
                    result.bytes(),
                    result.filesAfter(),
                    result.bytesAfter(),
                    result.notes()));
        }
    }
}
