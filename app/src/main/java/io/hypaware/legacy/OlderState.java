package io.hypaware.legacy;

import io.hypaware.lake.Generation;
import io.hypaware.lake.LakeTable;
import io.hypaware.lake.Liveness;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/// An older partition as it is now, and what the lake has of it, read once for all who decide by it.
public final class OlderState {

    private final OlderPartition partition;
    private final List<Path> generations;
    private final boolean direct;
    private final Optional<Path> live;
    private final Optional<OlderTable> table;
    private final String spool;
    private final Optional<AdoptionRecord> record;

    private OlderState(OlderPartition partition, Optional<AdoptionRecord> record)
            throws UnreadableCacheException, IOException {
        this.partition = partition;
        this.record = record;
        this.generations = partition.generations();
        this.direct = partition.isDirect();
        this.live = partition.live();
        // A live generation is known only if its metadata loads.
        this.table = live.isPresent() ? Optional.of(OlderTable.load(live.get())) : Optional.empty();
        Optional<Path> spooled = partition.spool();
        this.spool = spooled.isPresent() ? Spool.of(spooled.get()).state() : "";
    }

    /// @param lake the table that the partition's rows go to, if there is one
    /// @throws UnreadableCacheException if it cannot be told for certain what lives, or that cannot be read
    public static OlderState read(OlderPartition partition, Optional<LakeTable> lake)
            throws UnreadableCacheException, IOException {
        return new OlderState(partition, lake.flatMap(t -> AdoptionRecord.of(t, partition)));
    }

    public OlderPartition partition() {
        return partition;
    }

    /// Copies of the table, live or not.
    public List<Path> generations() {
        return generations;
    }

    /// Whether the partition's folder itself is the table.
    public boolean isDirect() {
        return direct;
    }

    /// The generation that lives; empty for a partition that never had one, only a spool.
    public Optional<Path> live() {
        return live;
    }

    Optional<OlderTable> table() {
        return table;
    }

    /// Names and sizes of the spool's files; empty if there is none.
    String spool() {
        return spool;
    }

    /// Whether it was adopted and then given back by hand.
    public boolean isRestored() {
        return record.filter(r -> r.state().equals(AdoptionRecord.RESTORED)).isPresent();
    }

    /// Whether there is anything to adopt: rows that the lake does not have, or a mark that is missing.
    ///
    /// @param force whether a partition that was restored is adopted again
    public boolean isDue(boolean force) {
        if (isRestored()) {
            return force;
        }
        String source = table.map(OlderTable::state).orElse("");
        if (source.isEmpty() && spool.isEmpty()) {
            return false;
        }
        return record.isEmpty()
                || !record.get().state().equals(AdoptionRecord.DONE)
                || !record.get().source().equals(source)
                || !record.get().spool().equals(spool)
                || !isMarked();
    }

    /// The folder in which the mark of an adopted partition stands: its live generation, or the spool if there is none.
    Optional<Path> markedFolder() {
        return live.or(partition::spool);
    }

    boolean isMarked() {
        return markedFolder()
                .map(folder -> Files.exists(folder.resolve(Generation.RETIRED_MARKER)))
                .orElse(true);
    }

    /// The live copy is retired once all of it is in the lake, and only then.
    public Liveness liveness() {
        boolean adopted =
                record.filter(r -> r.state().equals(AdoptionRecord.DONE)).isPresent() && !isDue(false);
        if (!adopted) {
            return new Liveness.Live();
        }
        return markedFolder()
                .flatMap(folder -> new Generation(folder).retiredAt())
                .<Liveness>map(Liveness.Retired::new)
                .orElseGet(() -> new Liveness.Unknown(
                        partition.folder() + " is adopted but its mark cannot be read; nothing was deleted"));
    }
}
