package io.hypaware.maintain.task;

import io.hypaware.dataset.Dataset;
import io.hypaware.lake.FileCopies;
import io.hypaware.lake.Generation;
import io.hypaware.lake.Lake;
import io.hypaware.lake.LakeTable;
import io.hypaware.lake.LiveFile;
import io.hypaware.lake.Liveness;
import io.hypaware.lake.Reclaim;
import io.hypaware.legacy.OlderPartition;
import io.hypaware.legacy.OlderState;
import io.hypaware.legacy.UnreadableCacheException;
import io.hypaware.maintain.Event;
import io.hypaware.maintain.MaintenanceStep;
import io.hypaware.maintain.Tick;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/// Reclaims what is positively garbage: retired and orphaned generations, files of the live one that nothing
/// names, what an earlier sweep half deleted, spill of engines that are gone. Where it cannot be told what lives,
/// all stays and the report says why.
final class Sweep {

    private static final int MOST_DEPTH = 12;

    private final Tick tick;

    Sweep(Tick tick) {
        this.tick = tick;
    }

    /// The generations and files of one dataset of the lake.
    void lake(Lake lake, Dataset dataset) throws IOException {
        Path folder = lake.tables().resolve(dataset.name());
        if (!Files.isDirectory(folder)) {
            return;
        }
        Optional<LakeTable> table = lake.table(dataset);
        leftovers(dataset.name(), folder);
        if (table.isEmpty()) {
            // Known to the catalog or not at all: a folder without a live table may be about to become one.
            return;
        }
        Path live = table.get().generation().folder();
        if (!Files.isDirectory(live)) {
            tick.add(new Event.Failed(
                    dataset.name(), "", live + " is named by the catalog but is not there; nothing was deleted"));
            return;
        }
        if (isUnreadable(dataset.name(), "")) {
            return;
        }
        for (Path generation : children(folder)) {
            if (Files.isDirectory(generation, LinkOption.NOFOLLOW_LINKS) && !Files.isSameFile(generation, live)) {
                judge(dataset.name(), generation, new Generation(generation).whenNotLive());
            }
        }
        unreferenced(dataset.name(), table.get(), live);
    }

    /// The generations of one partition of an older cache.
    void older(OlderState state) throws IOException, UnreadableCacheException {
        OlderPartition partition = state.partition();
        Optional<Path> live = state.live();
        Liveness liveness = state.liveness();
        if (isUnreadable(partition.dataset(), partition.name())) {
            // An older copy may be all that is left of what cannot be read now.
            return;
        }
        for (Path generation : state.generations()) {
            if (live.isEmpty() || !generation.equals(live.get())) {
                judge(partition.id(), generation, new Generation(generation).whenNotLive());
            }
        }
        switch (liveness.at(tick.now())) {
            case Liveness.Verdict.Reclaim(String rule) -> {
                Instant written = Generation.tree(partition.folder()).lastWrite();
                if (new Liveness.Orphan(written).at(tick.now()) instanceof Liveness.Verdict.Wait) {
                    // The older program is still at it.
                    return;
                }
                if (partition.generations().size() > (live.isPresent() && !state.isDirect() ? 1 : 0)) {
                    // Another copy that is still in the folder has a grace of its own.
                    return;
                }
                if (partition.holdsOthers()) {
                    tick.add(new Event.Skipped(
                            partition.dataset(),
                            partition.name(),
                            "adopted, but other partitions lie inside its folder"));
                    return;
                }
                // With one rename: half a partition would look like one that cannot be read.
                reclaim(partition.folder(), rule);
            }
            case Liveness.Verdict.Wait(String rule, Instant until) ->
                tick.add(new Event.Waiting(
                        partition.folder().toString(),
                        Generation.tree(partition.folder()).bytes(),
                        rule,
                        until));
            case Liveness.Verdict.Keep _ -> {}
            case Liveness.Verdict.KeepAndReport(String why) ->
                tick.add(new Event.Failed(partition.dataset(), partition.name(), why));
        }
    }

    private boolean isUnreadable(String dataset, String partition) {
        boolean failed = tick.hasFailed(dataset, partition);
        if (failed) {
            tick.add(new Event.Skipped(dataset, partition, "something failed there; nothing was deleted"));
        }
        return failed;
    }

    /// What sweeps of older caches have half deleted.
    void olderLeftovers() throws IOException {
        Path datasets = tick.cache().olderDatasets();
        if (Files.isDirectory(datasets)) {
            List<Path> found;
            try (Stream<Path> leftovers = Files.find(datasets, MOST_DEPTH, (path, _) -> Reclaim.isLeftover(path))) {
                found = leftovers.toList();
            }
            for (Path leftover : found) {
                if (Files.exists(leftover, LinkOption.NOFOLLOW_LINKS)) {
                    judge("datasets", leftover, new Liveness.Leftover());
                }
            }
        }
    }

    /// Spill folders that no engine holds any more.
    void spill() throws IOException {
        Path spill = tick.cache().spillFolder();
        if (Files.isDirectory(spill)) {
            leftovers("spill", spill);
            for (Path folder : children(spill)) {
                judge("spill", folder, new Generation(folder).whenNotLive());
            }
        }
    }

    /// Copies of a team's files that no query has asked for in days.
    void copies() throws IOException {
        FileCopies.dropUnused(tick.cache(), tick.now());
    }

    private void unreferenced(String dataset, LakeTable table, Path live) throws IOException {
        Set<Path> current = new HashSet<>();
        table.files().forEach((LiveFile file) -> current.add(file.path()));
        List<Path> suspects;
        try (Stream<Path> files = Files.walk(live)) {
            suspects = files.filter(f -> Files.isRegularFile(f, LinkOption.NOFOLLOW_LINKS))
                    .filter(f -> !current.contains(f) && !isOurs(live, f))
                    .toList();
        } catch (UncheckedIOException e) {
            tick.add(new Event.Failed(dataset, "", live + " cannot be listed: " + e.getMessage()));
            return;
        }
        if (suspects.isEmpty()) {
            return;
        }
        Set<Path> referenced;
        try {
            referenced = table.referencedFiles();
        } catch (RuntimeException e) {
            tick.add(new Event.Failed(
                    dataset,
                    "",
                    "what " + live + " needs cannot be told (" + e.getMessage() + "); nothing was deleted"));
            return;
        }
        for (Path file : suspects) {
            if (Reclaim.isLeftover(file)) {
                judge(dataset, file, new Liveness.Leftover());
            } else if (!referenced.contains(file)) {
                judge(
                        dataset,
                        file,
                        new Liveness.Orphan(Files.getLastModifiedTime(file).toInstant()));
            }
        }
    }

    private static boolean isOurs(Path live, Path file) {
        return live.resolve(Generation.LEASE).equals(file)
                || live.resolve(Generation.RETIRED_MARKER).equals(file);
    }

    private void leftovers(String place, Path folder) throws IOException {
        for (Path child : children(folder)) {
            if (Reclaim.isLeftover(child)) {
                judge(place, child, new Liveness.Leftover());
            }
        }
    }

    private void judge(String place, Path path, Liveness liveness) throws IOException {
        if (Reclaim.isLeftover(path) && !(liveness instanceof Liveness.Leftover)) {
            return;
        }
        switch (liveness.at(tick.now())) {
            case Liveness.Verdict.Keep _ -> {}
            case Liveness.Verdict.KeepAndReport(String why) -> tick.add(new Event.Failed(place, "", why));
            case Liveness.Verdict.Wait(String rule, Instant until) ->
                tick.add(
                        new Event.Waiting(path.toString(), Generation.tree(path).bytes(), rule, until));
            case Liveness.Verdict.Reclaim(String rule) -> reclaim(path, rule);
        }
    }

    private void reclaim(Path path, String rule) throws IOException {
        long bytes = Generation.tree(path).bytes();
        if (!tick.isDryRun()) {
            Reclaim.delete(
                    path,
                    step -> tick.step(
                            switch (step) {
                                case RENAMED -> MaintenanceStep.SWEEP_RENAMED;
                                case HALF_DELETED -> MaintenanceStep.SWEEP_HALF_DELETED;
                                case DELETED -> MaintenanceStep.SWEEP_DELETED;
                            }));
        }
        tick.add(new Event.Reclaimed(path.toString(), bytes, rule));
    }

    private static List<Path> children(Path folder) throws IOException {
        try (Stream<Path> children = Files.list(folder)) {
            return children.sorted().toList();
        }
    }
}
