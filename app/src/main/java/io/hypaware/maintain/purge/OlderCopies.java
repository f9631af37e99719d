package io.hypaware.maintain.purge;

import io.hypaware.dataset.Dataset;
import io.hypaware.dataset.Datasets;
import io.hypaware.home.Cache;
import io.hypaware.lake.Lake;
import io.hypaware.lake.LakeTable;
import io.hypaware.lake.Liveness;
import io.hypaware.lake.Reclaim;
import io.hypaware.legacy.OlderPartition;
import io.hypaware.legacy.OlderState;
import io.hypaware.legacy.UnreadableCacheException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;

/// Copies of what was adopted from older caches, which are kept for a day so that it can be undone: a purge ends that.
final class OlderCopies {

    private final Cache cache;
    private final Tally tally;

    OlderCopies(Cache cache, Tally tally) {
        this.cache = cache;
        this.tally = tally;
    }

    /// Deletes the copies of what is in the lake; what is not cannot be looked into, and is said.
    void delete(Lake lake) throws IOException {
        for (OlderPartition partition : OlderPartition.all(cache)) {
            try {
                partition.refuseLinks();
                Optional<LakeTable> table = Datasets.named(partition.dataset()).flatMap((Dataset d) -> lake.table(d));
                OlderState state = OlderState.read(partition, table);
                if (!(state.liveness() instanceof Liveness.Retired)) {
                    tally.note(partition.folder() + " is not adopted and was left as it is: it may hold some of it");
                } else if (partition.holdsOthers()) {
                    for (Path generation : state.generations()) {
                        delete(generation);
                    }
                    if (partition.spool().isPresent()) {
                        delete(partition.spool().get());
                    }
                } else {
                    delete(partition.folder());
                }
            } catch (UnreadableCacheException e) {
                tally.note(e.getMessage() + "; it may hold some of it");
            }
        }
    }

    private void delete(Path folder) throws IOException {
        tally.deleted(folder);
        Reclaim.delete(folder, _ -> {});
    }
}
