package io.hypaware.maintain;

import io.hypaware.legacy.UnreadableCacheException;
import java.io.IOException;
import java.sql.SQLException;
import java.util.List;

/// A kind of maintenance: where it has work, and the work. [Tasks] has their order.
///
/// Called on the thread that runs the tick, one job after the other, with the lock of maintenance held. Whatever a job
/// throws is a failure of its
/// place, and the others go on; a place at which three processes died is set aside, so that a job must be able to begin
/// again where it was killed.
public interface Task {

    /// A noun, such as `compaction`; with the place of a job it names what processes died at.
    String name();

    /// Whether it is asked for.
    default boolean isWanted(Maintenance.Options options) {
        return options.whole();
    }

    /// The places at which there may be work, in the order in which it is to be done.
    List<Job> jobs(Tick tick);

    /// Work at one place.
    ///
    /// @param dataset whose; empty for what is of no dataset
    /// @param partition such as a day; empty for the whole dataset
    record Job(String dataset, String partition, Work work) {}

    /// Work that may fail.
    @FunctionalInterface
    interface Work {
        void run() throws SQLException, IOException, UnreadableCacheException;
    }
}
