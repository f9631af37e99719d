package io.hypaware.maintain.purge;

import io.hypaware.dataset.Dataset;
import io.hypaware.dataset.Datasets;
import io.hypaware.engine.Engine;
import io.hypaware.home.Cache;
import io.hypaware.home.ProcessLock;
import io.hypaware.journal.Journal;
import io.hypaware.lake.Generation;
import io.hypaware.lake.Lake;
import io.hypaware.lake.LakeTable;
import io.hypaware.lake.LiveFile;
import io.hypaware.lake.Liveness;
import io.hypaware.lake.Reclaim;
import io.hypaware.lake.Rewrite;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/// Takes rows out of the lake's files, and out of all that was before: snapshots, their files, copies, leftovers. The
/// usual graces guard against guessing; here what goes is known.
final class LakePurge {

    /// A data file that this program wrote; nobody else is at it while the lock of maintenance is held.
    private static final Pattern OURS = Pattern.compile("[0-9a-hjkmnp-tv-z]{26}\\.parquet");

    /// What another engine writes may not be committed yet.
    private static final Duration OTHERS_GRACE = Duration.ofMinutes(1);

    private static final Duration OTHER_DATA_GRACE = Liveness.ORPHAN_GRACE;

    private final Cache cache;
    private final Lake lake;
    private final Rewrite.Limits limits;
    private final Consumer<PurgeStep> steps;
    private final Tally tally;

    LakePurge(Cache cache, Lake lake, Rewrite.Limits limits, Consumer<PurgeStep> steps, Tally tally) {
        this.cache = cache;
        this.lake = lake;
        this.limits = limits;
        this.steps = steps;
        this.tally = tally;
    }

    /// Writes the files of a dataset again that have rows which go, and those in which another engine has deleted rows:
    /// they are there until then, and nobody knows which.
    ///
    /// @param files where the rows are that go
    void drop(Dataset dataset, List<String> files, Rewrite.Condition goes) throws SQLException {
        Set<String> wanted = Set.copyOf(files);
        Rewrite rewrite = new Rewrite(lake, limits, this::at);
        List<LiveFile> all = lake.table(dataset).map(LakeTable::files).orElse(List.of());
        for (LiveFile file : all) {
            if (wanted.contains(file.path().toString()) || !file.deletes().isEmpty()) {
                long rows = rewrite.without(dataset, file, goes);
                if (rows > 0) {
                    tally.rewritten(dataset, rows, file.bytes());
                }
            }
        }
    }

    /// Takes out payloads that were forgotten.
    void dropCollected(Journal journal, List<String> files) throws SQLException {
        drop(Datasets.PAYLOADS, files, engine -> {
            engine.execute("CREATE TABLE collected (hash VARCHAR, up_to BIGINT)");
            try (var rows = engine.connection().createAppender("collected")) {
                journal.purges().readCollected((hash, upTo) -> {
                    rows.beginRow();
                    rows.append(hash);
                    rows.append(upTo);
                    rows.endRow();
                });
            }
            return "EXISTS (FROM collected c WHERE c.hash = f.hash AND f._seq <= c.up_to)";
        });
    }

    private void at(Rewrite.Step step) {
        steps.accept(
                switch (step) {
                    case WRITTEN -> PurgeStep.FILE_WRITTEN;
                    case SYNCED -> PurgeStep.FILE_SYNCED;
                    case COMMITTED -> PurgeStep.FILE_COMMITTED;
                });
    }

    /// Ends all snapshots but the current ones, and deletes what only they named.
    void forgetHistory() {
        for (Dataset dataset : Datasets.all()) {
            Optional<LakeTable> table = lake.table(dataset);
            table.ifPresent(t -> t.forgetHistory(file -> {
                tally.deleted(file);
                steps.accept(PurgeStep.SNAPSHOT_FILE_DELETED);
            }));
        }
        steps.accept(PurgeStep.SNAPSHOTS_ENDED);
    }

    /// Deletes what lies in the tables' folders and nothing refers to: what died before it was committed, or before it
    /// was deleted.
    ///
    /// @param orderedAt what another engine wrote before then is no commit under way
    /// @param now what it wrote just before may be one, which is waited for
    void deleteUnreferenced(Instant orderedAt, Instant now) throws IOException, InterruptedException {
        for (Dataset dataset : Datasets.all()) {
            Path folder = lake.tables().resolve(dataset.name());
            Optional<LakeTable> table = lake.table(dataset);
            if (!Files.isDirectory(folder) || table.isEmpty()) {
                // A folder without a live table may be about to become one, and has no rows yet.
                continue;
            }
            unreferenced(table.get(), orderedAt, now);
            Path live = table.get().generation().folder();
            for (Path generation : children(folder)) {
                if (!generation.equals(live)) {
                    copy(generation);
                }
            }
        }
        steps.accept(PurgeStep.UNREFERENCED_DELETED);
    }

    private void unreferenced(LakeTable table, Instant orderedAt, Instant now)
            throws IOException, InterruptedException {
        Path live = table.generation().folder();
        Set<Path> referenced = new HashSet<>(table.referencedFiles());
        List<Path> files;
        try (Stream<Path> all = Files.walk(live)) {
            files = all.filter(file -> Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS))
                    .filter(file -> !referenced.contains(file))
                    .filter(file -> !file.equals(live.resolve(Generation.LEASE)))
                    .toList();
        }
        for (Path file : files) {
            String name = file.getFileName().toString();
            Instant written = Files.getLastModifiedTime(file).toInstant();
            boolean known = OURS.matcher(name).matches() || Reclaim.isLeftover(file) || written.isBefore(orderedAt);
            boolean isData = name.endsWith(".parquet");
            if (!known && isData && written.plus(OTHER_DATA_GRACE).isAfter(now)) {
                tally.note(
                        file + " was written by another engine, which may be about to commit it; it goes with the next "
                                + "hyp query maintain after " + written.plus(OTHER_DATA_GRACE));
                continue;
            }
            if (!known && !isData && written.plus(OTHERS_GRACE).isAfter(Instant.now())) {
                Thread.sleep(Duration.between(Instant.now(), written.plus(OTHERS_GRACE))
                                .toMillis()
                        + 1);
                if (table.referencedFiles().contains(file)) {
                    continue;
                }
            }
            tally.deleted(file);
            Files.deleteIfExists(file);
        }
    }

    /// A folder beside the live one.
    private void copy(Path generation) throws IOException {
        if (Reclaim.isLeftover(generation)) {
            Reclaim.delete(generation, _ -> {});
            return;
        }
        switch (new Generation(generation).whenNotLive()) {
            case Liveness.Leased(String owner) ->
                tally.note(generation + " is in use by " + owner + " and was left; run it again when that has ended");
            case Liveness.Unknown(String why) -> tally.note(why + "; it was left");
            case Liveness.Live _, Liveness.Retired _, Liveness.Orphan _, Liveness.Leftover _ -> {
                tally.deleted(generation);
                Reclaim.delete(generation, _ -> {});
            }
        }
    }

    /// Waits for queries that have begun: they may be about to open files that go.
    void awaitReaders(Duration patience) throws IOException, InterruptedException {
        Path spill = cache.spill();
        long deadline = System.nanoTime() + patience.toNanos();
        for (Path engine : children(spill)) {
            Path lease = engine.resolve(Generation.LEASE);
            while (ProcessLock.isTaken(lease) && System.nanoTime() < deadline) {
                Thread.sleep(50);
            }
            if (ProcessLock.isTaken(lease)) {
                tally.note("a query is still running (" + ProcessLock.owner(lease)
                        + "); files that it has not opened yet are gone for it");
            } else if (Files.isDirectory(engine)) {
                // What an engine had spilled that died.
                tally.deleted(engine);
                Reclaim.delete(engine, _ -> {});
            }
        }
    }

    static List<Path> children(Path folder) throws IOException {
        if (!Files.isDirectory(folder)) {
            return List.of();
        }
        try (Stream<Path> children = Files.list(folder)) {
            return children.sorted().toList();
        }
    }

    /// Which rows of a dataset go, for the engine that writes its files again.
    static Rewrite.Condition condition(DoomedRows rows, Dataset dataset) {
        return (Engine engine) -> {
            rows.tables(engine);
            return rows.condition(dataset);
        };
    }
}
