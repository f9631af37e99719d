package io.hypaware.maintain;

import io.hypaware.dataset.Dataset;
import io.hypaware.home.Cache;
import io.hypaware.lake.Generation;
import io.hypaware.lake.Lake;
import io.hypaware.lake.LakeTable;
import io.hypaware.lake.LiveFile;
import io.hypaware.lake.Liveness;
import io.hypaware.lake.Reclaim;
import io.hypaware.legacy.Adoption;
import io.hypaware.legacy.AdoptionRecord;
import io.hypaware.legacy.OlderPartition;
import io.hypaware.legacy.OlderTable;
import io.hypaware.legacy.UnreadableCacheException;
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
import java.util.function.Consumer;
import java.util.stream.Stream;

/// Reclaims what is positively garbage: retired and orphaned generations, files of the live one that nothing
/// names, what an earlier sweep half deleted, spill of engines that are gone. Where it cannot be told what lives,
/// all stays and the report says why.
final class Sweep {

    private static final int MOST_DEPTH = 12;

    private final Cache cache;
    private final Report report;
    private final Instant now;
    private final boolean dryRun;
    private final Consumer<MaintenanceStep> steps;

    Sweep(Cache cache, Report report, Instant now, boolean dryRun, Consumer<MaintenanceStep> steps) {
        this.cache = cache;
        this.report = report;
        this.now = now;
        this.dryRun = dryRun;
        this.steps = steps;
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
            report.add(new Report.Failed(
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
    ///
    /// @param table the lake's table that its rows go to
    void older(OlderPartition partition, Optional<LakeTable> table) throws IOException {
        Optional<Path> live;
        Liveness liveness;
        try {
            live = partition.live();
            if (live.isPresent()) {
                // A live generation is known only if its metadata loads.
                OlderTable.load(live.get());
            }
            liveness = adoptedSince(partition, table);
        } catch (UnreadableCacheException e) {
            report.add(new Report.Failed(partition.dataset(), partition.name(), String.valueOf(e.getMessage())));
            return;
        }
        if (isUnreadable(partition.dataset(), partition.name())) {
            // An older copy may be all that is left of what cannot be read now.
            return;
        }
        for (Path generation : partition.generations()) {
            if (live.isEmpty() || !generation.equals(live.get())) {
                judge(partition.id(), generation, new Generation(generation).whenNotLive());
            }
        }
        switch (liveness.at(now)) {
            case Liveness.Verdict.Reclaim(String rule) -> {
                Instant written = Generation.tree(partition.folder()).lastWrite();
                if (new Liveness.Orphan(written).at(now) instanceof Liveness.Verdict.Wait) {
                    // The older program is still at it.
                    return;
                }
                if (partition.generations().size() > (live.isPresent() && !partition.isDirect() ? 1 : 0)) {
                    // Another copy in the same folder has a grace of its own.
                    return;
                }
                if (partition.holdsOthers()) {
                    report.add(new Report.Skipped(
                            partition.dataset(),
                            partition.name(),
                            "adopted, but other partitions lie inside its folder"));
                    return;
                }
                // With one rename: half a partition would look like one that cannot be read.
                reclaim(partition.folder(), rule);
            }
            case Liveness.Verdict.Wait(String rule, Instant until) ->
                report.add(new Report.Waiting(
                        partition.folder().toString(),
                        Generation.tree(partition.folder()).bytes(),
                        rule,
                        until));
            case Liveness.Verdict.Keep _ -> {}
            case Liveness.Verdict.KeepAndReport(String why) ->
                report.add(new Report.Failed(partition.dataset(), partition.name(), why));
        }
    }

    /// Whether this tick has failed there, at whatever work.
    private boolean isUnreadable(String dataset, String partition) {
        boolean failed = report.failed().stream()
                .anyMatch(f -> f.dataset().equals(dataset)
                        && (partition.isEmpty() || f.partition().equals(partition)));
        if (failed) {
            report.add(new Report.Skipped(dataset, partition, "something failed there; nothing was deleted"));
        }
        return failed;
    }

    /// The live copy of an older partition is retired once all of it is in the lake, and only then.
    private static Liveness adoptedSince(OlderPartition partition, Optional<LakeTable> table)
            throws UnreadableCacheException, IOException {
        Optional<AdoptionRecord> record = table.flatMap(t -> AdoptionRecord.of(t, partition));
        boolean adopted = record.isPresent()
                && record.get().state().equals(AdoptionRecord.DONE)
                && !Adoption.isDue(partition, table, false);
        if (!adopted) {
            return new Liveness.Live();
        }
        return Adoption.markedFolder(partition)
                .flatMap(folder -> new Generation(folder).retiredAt())
                .<Liveness>map(Liveness.Retired::new)
                .orElseGet(() -> new Liveness.Unknown(
                        partition.folder() + " is adopted but its mark cannot be read; nothing was deleted"));
    }

    /// What sweeps of older caches have half deleted.
    void olderLeftovers() throws IOException {
        Path datasets = cache.olderDatasets();
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
        Path spill = cache.spillFolder();
        if (Files.isDirectory(spill)) {
            leftovers("spill", spill);
            for (Path folder : children(spill)) {
                judge("spill", folder, new Generation(folder).whenNotLive());
            }
        }
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
            report.add(new Report.Failed(dataset, "", live + " cannot be listed: " + e.getMessage()));
            return;
        }
        if (suspects.isEmpty()) {
            return;
        }
        Set<Path> referenced;
        try {
            referenced = table.referencedFiles();
        } catch (RuntimeException e) {
            report.add(new Report.Failed(
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
        switch (liveness.at(now)) {
            case Liveness.Verdict.Keep _ -> {}
            case Liveness.Verdict.KeepAndReport(String why) -> report.add(new Report.Failed(place, "", why));
            case Liveness.Verdict.Wait(String rule, Instant until) ->
                report.add(new Report.Waiting(
                        path.toString(), Generation.tree(path).bytes(), rule, until));
            case Liveness.Verdict.Reclaim(String rule) -> reclaim(path, rule);
        }
    }

    private void reclaim(Path path, String rule) throws IOException {
        long bytes = Generation.tree(path).bytes();
        if (!dryRun) {
            Reclaim.delete(
                    path,
                    step -> steps.accept(
                            switch (step) {
                                case RENAMED -> MaintenanceStep.SWEEP_RENAMED;
                                case HALF_DELETED -> MaintenanceStep.SWEEP_HALF_DELETED;
                                case DELETED -> MaintenanceStep.SWEEP_DELETED;
                            }));
        }
        report.add(new Report.Reclaimed(path.toString(), bytes, rule));
    }

    private static List<Path> children(Path folder) throws IOException {
        try (Stream<Path> children = Files.list(folder)) {
            return children.sorted().toList();
        }
    }
}
