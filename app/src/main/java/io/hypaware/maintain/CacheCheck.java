package io.hypaware.maintain;

import io.hypaware.dataset.Dataset;
import io.hypaware.dataset.Datasets;
import io.hypaware.engine.Engine;
import io.hypaware.home.Cache;
import io.hypaware.home.ProcessLock;
import io.hypaware.home.Progress;
import io.hypaware.journal.Journal;
import io.hypaware.lake.Lake;
import io.hypaware.lake.LakeException;
import io.hypaware.lake.LakeTable;
import io.hypaware.lake.LiveFile;
import io.hypaware.lake.Recovery;
import io.hypaware.lake.Scan;
import io.hypaware.legacy.OlderPartition;
import io.hypaware.legacy.OlderTable;
import io.hypaware.legacy.UnreadableCacheException;
import io.hypaware.query.PayloadPresence;
import io.hypaware.query.References;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Looks at everything that is kept, as a file-system check does: each live file is there, opens and has the rows
/// that the metadata says; catalog, generations and journal agree.
public final class CacheCheck {

    /// What is wrong at a place.
    public record Finding(String place, String what) {}

    /// @param files data files that were opened
    /// @param rows rows in them
    /// @param repaired what was mended before, a line each
    public record Result(long files, long rows, List<Finding> findings, List<String> repaired) {}

    private static final Duration PATIENCE = Duration.ofMinutes(5);
    private static final long ENGINE_BYTES = 64L * 1024 * 1024;

    /// For what is kept of each payload.
    private static final long PAYLOADS_BYTES = 160L * 1024 * 1024;

    private final Cache cache;
    private final Progress progress;
    private final List<Finding> findings = new ArrayList<>();
    private long files;
    private long rows;

    private CacheCheck(Cache cache, Progress progress) {
        this.cache = cache;
        this.progress = progress;
    }

    /// Checks, while no maintainer is at work.
    ///
    /// @param repair whether to mend first what can be mended without a guess; nothing is ever deleted
    public static Result run(Cache cache, boolean repair) throws SQLException, IOException, InterruptedException {
        return run(cache, repair, Progress.NONE);
    }

    /// The same, and says how far it has come.
    public static Result run(Cache cache, boolean repair, Progress progress)
            throws SQLException, IOException, InterruptedException {
        try (ProcessLock _ = ProcessLock.take(cache.maintenanceLock(), "check", PATIENCE)) {
            List<String> repaired = new ArrayList<>();
            if (repair) {
                repaired.addAll(Recovery.repair(cache));
                for (OlderPartition partition : OlderPartition.all(cache)) {
                    partition.rebuildCursor().ifPresent(repaired::add);
                }
            }
            CacheCheck check = new CacheCheck(cache, progress);
            Path spill = cache.spill();
            try (Engine engine = Engine.open(ENGINE_BYTES, 1, spill)) {
                check.lake(engine);
                check.older(engine);
            }
            if (check.findings.isEmpty()) {
                check.payloads(spill);
            }
            return new Result(check.files, check.rows, check.findings, repaired);
        }
    }

    private void lake(Engine engine) {
        Optional<Lake> opened;
        try {
            opened = Lake.openExisting(cache);
        } catch (LakeException e) {
            findings.add(new Finding(cache.catalog().getFileName().toString(), String.valueOf(e.getMessage())));
            return;
        }
        if (opened.isEmpty()) {
            return;
        }
        try (Lake lake = opened.get()) {
            for (Dataset dataset : Datasets.all()) {
                try {
                    Optional<LakeTable> table = lake.table(dataset);
                    if (table.isPresent()) {
                        table(engine, table.get());
                    }
                } catch (RuntimeException e) {
                    findings.add(new Finding(dataset.name(), String.valueOf(e.getMessage())));
                }
            }
        }
    }

    private void table(Engine engine, LakeTable table) {
        String dataset = table.dataset().name();
        if (!Files.isDirectory(table.generation().folder())) {
            findings.add(new Finding(dataset, table.generation().folder() + " is not there"));
        }
        files(engine, dataset, table.files());
        table.referencedFiles().stream()
                .filter(path -> !Files.exists(path))
                .forEach(path -> findings.add(new Finding(dataset, path + " is referred to but is not there")));
        Path journalFile = cache.journal();
        if (Files.exists(journalFile)) {
            try (Journal journal = Journal.open(journalFile)) {
                if (journal.lastAssignedSeq() < table.journalSeq()) {
                    findings.add(new Finding(
                            dataset,
                            "the table holds rows up to journal position %d, but the journal has only come to %d"
                                    .formatted(table.journalSeq(), journal.lastAssignedSeq())));
                }
            }
        }
    }

    /// Every payload that a row refers to is there.
    private void payloads(Path spill) throws SQLException {
        try (Engine engine = Engine.open(PAYLOADS_BYTES, 1, spill)) {
            PayloadPresence presence = new PayloadPresence(engine);
            progress.begin("looking for payloads", "steps", 3);
            stored(presence::addHot, presence::addLake);
            progress.advance(0, 2);
            if (presence.isAnyMissing()) {
                references(engine);
            }
            progress.end();
        }
    }

    /// Something that is stored is looked at.
    @FunctionalInterface
    private interface Look<T> {
        void at(T stored) throws SQLException;
    }

    /// The journal first: what leaves it meanwhile is in the lake.
    private void stored(Look<Journal> pending, Look<Lake> committed) throws SQLException {
        Path journalFile = cache.journal();
        if (Files.exists(journalFile)) {
            try (Journal journal = Journal.open(journalFile)) {
                pending.at(journal);
            }
        }
        Optional<Lake> opened = Lake.openExisting(cache);
        if (opened.isPresent()) {
            try (Lake lake = opened.get()) {
                committed.at(lake);
            }
        }
    }

    /// Which payloads are missing, and what refers to them.
    private void references(Engine engine) throws SQLException {
        References references = new References(engine);
        stored(references::addHot, references::addLake);
        references.followParts();
        engine.strings(
                        "SELECT 'the payload ' || hash || ' is missing although ' || any_value(of_column) || ' refers to it'"
                                + " FROM reference WHERE of_column IS NOT NULL AND hash NOT IN (SELECT hash FROM payload)"
                                + " GROUP BY hash ORDER BY hash LIMIT 100")
                .forEach(missing -> findings.add(new Finding("payloads", missing)));
    }

    private void older(Engine engine) throws IOException {
        for (OlderPartition partition : OlderPartition.all(cache)) {
            try {
                Optional<Path> live = partition.live();
                if (live.isPresent()) {
                    files(engine, partition.id(), OlderTable.load(live.get()).files());
                }
            } catch (UnreadableCacheException e) {
                findings.add(new Finding(partition.id(), String.valueOf(e.getMessage())));
            }
        }
    }

    private void files(Engine engine, String place, List<LiveFile> all) {
        progress.begin(
                "checking " + place,
                all.size(),
                all.stream().mapToLong(LiveFile::bytes).sum());
        for (LiveFile file : all) {
            file(engine, place, file);
            progress.advance(1, file.bytes());
        }
        progress.end();
    }

    private void file(Engine engine, String place, LiveFile file) {
        files++;
        try {
            long size = Files.size(file.path());
            if (size != file.bytes()) {
                findings.add(new Finding(
                        place,
                        "%s has %d bytes where the metadata says %d".formatted(file.path(), size, file.bytes())));
                return;
            }
            long found = Scan.rowsInFooter(engine, file.path());
            rows += found;
            if (found != file.rows()) {
                findings.add(new Finding(
                        place, "%s has %d rows where the metadata says %d".formatted(file.path(), found, file.rows())));
            }
        } catch (IOException e) {
            findings.add(new Finding(place, file.path() + " is missing or cannot be read"));
        } catch (SQLException e) {
            findings.add(new Finding(
                    place,
                    file.path() + " cannot be opened: "
                            + String.valueOf(e.getMessage()).lines().findFirst().orElse("")));
        }
    }
}
