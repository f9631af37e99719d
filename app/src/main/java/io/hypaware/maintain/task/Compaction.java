package io.hypaware.maintain.task;

import io.hypaware.config.MaintenanceConfig;
import io.hypaware.lake.Lake;
import io.hypaware.lake.LakeTable;
import io.hypaware.lake.LiveFile;
import io.hypaware.lake.Rewrite;
import io.hypaware.lake.WrittenFile;
import io.hypaware.maintain.Event;
import io.hypaware.maintain.MaintenanceStep;
import io.hypaware.maintain.Tick;
import java.sql.SQLException;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/// Writes the small files of a day together into large ones, one commit for each new file.
///
/// What was achieved is remembered in the table itself, committed with the files: the position up to which a day
/// is compacted, and by which writer. A day with nothing newer is left alone; so is what another engine has
/// rewritten. A new writer tries each day once more.
final class Compaction {

    /// To be raised when what a rewrite achieves changes.
    private static final String WRITER = "1";

    private static final String PREFIX = "hyp.compacted.";

    /// One day of one table, and what is to be done with it.
    record Day(LocalDate date, CompactionPlan<LiveFile> plan) {

        String name() {
            return date.toString();
        }

        long bytes() {
            return plan.bins().stream()
                    .flatMap(List::stream)
                    .mapToLong(LiveFile::bytes)
                    .sum();
        }

        int fileCount() {
            return plan.bins().stream().mapToInt(List::size).sum();
        }
    }

    private final Lake lake;
    private final Tick tick;

    Compaction(Lake lake, Tick tick) {
        this.lake = lake;
        this.tick = tick;
    }

    /// The days that are due.
    static List<Day> due(LakeTable table, MaintenanceConfig config, LocalDate today, boolean force) {
        Set<Long> rewrites = table.rewrites();
        List<Day> due = new ArrayList<>();
        table.filesByDay().forEach((date, files) -> {
            long baseline = baseline(table, date);
            var measures = new CompactionPlan.Measures<LiveFile>(
                    LiveFile::bytes,
                    f -> (f.sequence() > baseline && !rewrites.contains(f.sequence()))
                            || f.deletedSequence() > baseline,
                    f -> !f.deletes().isEmpty());
            var plan = CompactionPlan.of(files, measures, config, date.isBefore(today), force);
            if (!plan.bins().isEmpty()) {
                due.add(new Day(date, plan));
            }
        });
        return due;
    }

    /// Compacts one day, as far as there is time for.
    Event.Compacted run(LakeTable loaded, Day day) throws SQLException {
        long began = System.nanoTime();
        LakeTable table = loaded;
        tick.progress().begin("compacting " + table.dataset().name() + "/" + day.name(), day.fileCount(), day.bytes());
        int filesBefore = 0;
        long bytesBefore = 0;
        int filesAfter = 0;
        long bytesAfter = 0;
        long rows = 0;
        for (int i = 0; i < day.plan().bins().size(); i++) {
            List<LiveFile> bin = day.plan().bins().get(i);
            if (filesBefore > 0 && tick.isTimeOver()) {
                break;
            }
            List<WrittenFile> written =
                    rewrite(table, bin, day, i + 1 == day.plan().bins().size());
            long binBytes = bin.stream().mapToLong(LiveFile::bytes).sum();
            filesBefore += bin.size();
            bytesBefore += binBytes;
            filesAfter += written.size();
            bytesAfter += written.stream().mapToLong(WrittenFile::bytes).sum();
            rows += written.stream().mapToLong(f -> f.metrics().recordCount()).sum();
            tick.progress().advance(bin.size(), binBytes);
            table = lake.table(table.dataset()).orElseThrow();
        }
        tick.progress().end();
        return new Event.Compacted(
                table.dataset().name(),
                day.name(),
                filesBefore,
                bytesBefore,
                filesAfter,
                bytesAfter,
                rows,
                (System.nanoTime() - began) / 1_000_000);
    }

    /// @param last whether the day is then compacted as far as it goes, which is remembered
    private List<WrittenFile> rewrite(LakeTable table, List<LiveFile> bin, Day day, boolean last) throws SQLException {
        Map<String, String> achieved =
                last ? Map.of(PREFIX + day.name(), achieved(table.lastSequence() + 1)) : Map.of();
        return new Rewrite(lake, tick.limits(), this::at).together(table, bin, day.date(), achieved);
    }

    private void at(Rewrite.Step step) {
        tick.step(
                switch (step) {
                    case WRITTEN -> MaintenanceStep.COMPACTION_FILE_WRITTEN;
                    case SYNCED -> MaintenanceStep.COMPACTION_FILES_SYNCED;
                    case COMMITTED -> MaintenanceStep.COMPACTION_COMMITTED;
                });
    }

    /// What is to be remembered of days that another engine has rewritten as a whole, before its commit expires.
    static Map<String, String> rewrittenByOthers(LakeTable table) {
        Set<Long> rewrites = table.rewrites();
        Map<LocalDate, Long> newest = new TreeMap<>();
        Set<LocalDate> mixed = new java.util.HashSet<>();
        for (LiveFile file : table.files()) {
            file.day().ifPresent(day -> {
                if (rewrites.contains(file.sequence())) {
                    newest.merge(day, file.sequence(), Math::max);
                } else {
                    mixed.add(day);
                }
            });
        }
        Map<String, String> found = new TreeMap<>();
        newest.forEach((day, sequence) -> {
            if (!mixed.contains(day) && baseline(table, day) < sequence) {
                found.put(PREFIX + day, achieved(sequence));
            }
        });
        return found;
    }

    private static String achieved(long sequence) {
        return sequence + ":" + WRITER;
    }

    /// Properties of days that are gone.
    static List<String> propertiesBefore(LakeTable table, LocalDate day) {
        return table.properties(PREFIX).keySet().stream()
                .filter(key -> LocalDate.parse(key.substring(PREFIX.length())).isBefore(day))
                .toList();
    }

    private static long baseline(LakeTable table, LocalDate date) {
        Optional<String> achieved = table.property(PREFIX + date);
        return achieved.filter(value -> value.endsWith(":" + WRITER))
                .map(value -> Long.parseLong(value.substring(0, value.indexOf(':'))))
                .orElse(0L);
    }
}
