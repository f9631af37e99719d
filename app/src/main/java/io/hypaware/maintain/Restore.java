package io.hypaware.maintain;

import io.hypaware.config.MaintenanceConfig;
import io.hypaware.dataset.Dataset;
import io.hypaware.dataset.Datasets;
import io.hypaware.home.Cache;
import io.hypaware.home.ProcessLock;
import io.hypaware.lake.Generation;
import io.hypaware.lake.Lake;
import io.hypaware.lake.LakeTable;
import io.hypaware.lake.LiveFile;
import io.hypaware.lake.Rewrite;
import io.hypaware.legacy.AdoptionRecord;
import io.hypaware.legacy.OlderPartition;
import io.hypaware.legacy.UnreadableCacheException;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/// Undoes the adoption of an older partition while its folder is still there: the older copy lives again, and its
/// rows leave the lake. May be run again if it died.
public final class Restore {

    private static final Duration PATIENCE = Duration.ofMinutes(5);

    /// Gives a partition back; returns how many rows left the lake.
    ///
    /// @param id such as `ai_gateway_messages/source=claude`
    /// @throws UnreadableCacheException if there is nothing to give back, or it cannot be read; the message
    /// says why
    public static long run(Cache cache, String id, MaintenanceConfig config, Clock clock)
            throws UnreadableCacheException, IOException, SQLException, InterruptedException {
        List<OlderPartition> partitions = OlderPartition.all(cache);
        Optional<OlderPartition> found =
                partitions.stream().filter(p -> p.id().equals(id)).findFirst();
        if (found.isEmpty()) {
            throw new UnreadableCacheException("there is no older partition " + id + "; there are: "
                    + String.join(
                            ", ", partitions.stream().map(OlderPartition::id).toList()));
        }
        OlderPartition partition = found.get();
        Dataset dataset = Datasets.named(partition.dataset())
                .orElseThrow(() -> new UnreadableCacheException("there is no dataset " + partition.dataset()));
        try (ProcessLock _ = ProcessLock.take(cache.maintenanceLock(), "restore", PATIENCE);
                Lake lake = Lake.open(cache)) {
            LakeTable table = lake.table(dataset)
                    .orElseThrow(
                            () -> new UnreadableCacheException(id + " was never adopted; there is nothing to restore"));
            AdoptionRecord record = AdoptionRecord.of(table, partition)
                    .orElseThrow(
                            () -> new UnreadableCacheException(id + " was never adopted; there is nothing to restore"));
            // First so, or the next tick would adopt what has no mark.
            record.restored(table, partition, clock.instant());
            Optional<Path> marked = partition.markedFolder();
            marked.ifPresent(folder -> new Generation(folder).unretire());
            return removeRows(cache, lake, dataset, record, config);
        }
    }

    private static long removeRows(
            Cache cache, Lake lake, Dataset dataset, AdoptionRecord record, MaintenanceConfig config)
            throws SQLException {
        Rewrite rewrite = new Rewrite(lake, Maintenance.limits(config, cache), _ -> {});
        String theirs =
                "f._seq IN (" + record.numbers().map(number -> "-" + number).collect(Collectors.joining(", ")) + ")";
        long removed = 0;
        for (LiveFile file : lake.table(dataset).orElseThrow().files()) {
            removed += rewrite.without(dataset, file, _ -> theirs);
        }
        return removed;
    }

    private Restore() {}
}
