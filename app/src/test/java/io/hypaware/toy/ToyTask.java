package io.hypaware.toy;

import io.hypaware.maintain.Event;
import io.hypaware.maintain.Task;
import io.hypaware.maintain.Tick;
import java.util.List;

/// A task that counts the thermometer's readings.
public final class ToyTask implements Task {

    @Override
    public String name() {
        return "counting";
    }

    @Override
    public List<Job> jobs(Tick tick) {
        return tick.tables((_, table) -> {
            if (table.dataset().equals(ToyReadings.DATASET)) {
                if (table.size().rows() > 2) {
                    throw new IllegalStateException("more than two readings");
                }
                tick.add(new Event.Done(
                        name(), table.dataset().name(), table.size().rows() + " readings"));
            }
        });
    }
}
