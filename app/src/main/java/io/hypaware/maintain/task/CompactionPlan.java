package io.hypaware.maintain.task;

import io.hypaware.config.MaintenanceConfig;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.Predicate;
import java.util.function.ToLongFunction;

/// Which files of one day are written together into which new ones. A pure function of their sizes and of what
/// the last compaction achieved.
///
/// @param bins files that become one file each
/// @param <F> a file
record CompactionPlan<F>(List<List<F>> bins) {

    /// Above this share of the target a file is large enough.
    private static final double LARGE_ENOUGH = 0.75;

    /// While a day goes on, a file joins when the smaller ones together weigh at least half of it: each row is
    /// then rewritten a few times only, however many files a day brings.
    private static final double TIER = 0.5;

    /// What is asked of each file.
    ///
    /// @param isNew whether it was committed, or lost rows, since the last compaction of its day
    /// @param hasDeletes whether rows of it are deleted
    record Measures<F>(ToLongFunction<F> bytes, Predicate<F> isNew, Predicate<F> hasDeletes) {}

    /// @param files all files of the day
    /// @param dayIsOver whether no further rows are expected: then the day gets its final form
    /// @param force whether the thresholds and the last result do not matter
    static <F> CompactionPlan<F> of(
            List<F> files, Measures<F> measures, MaintenanceConfig config, boolean dayIsOver, boolean force) {
        if (!force && files.stream().noneMatch(measures.isNew())) {
            return new CompactionPlan<>(List.of());
        }
        List<F> small = files.stream()
                .filter(f -> measures.bytes().applyAsLong(f) < LARGE_ENOUGH * config.targetFileBytes()
                        || measures.hasDeletes().test(f))
                .sorted(Comparator.comparingLong(measures.bytes()))
                .toList();
        boolean deletes = files.stream()
                .anyMatch(f -> measures.hasDeletes().test(f) && measures.isNew().test(f));
        double average = files.stream().mapToLong(measures.bytes()).average().orElse(0);
        boolean candidates = average < config.compactAvgFileBytes();
        boolean due = small.size() > config.compactFileCount() || (dayIsOver && candidates && small.size() > 1);
        if (!due && !deletes && !(force && small.size() > 1)) {
            return new CompactionPlan<>(List.of());
        }
        List<F> chosen = dayIsOver || force || deletes ? small : tier(small, measures);
        return new CompactionPlan<>(bins(chosen, measures, config.targetFileBytes()));
    }

    private static <F> List<F> tier(List<F> ascending, Measures<F> measures) {
        List<F> chosen = new ArrayList<>();
        long sum = 0;
        for (F file : ascending) {
            long bytes = measures.bytes().applyAsLong(file);
            if (chosen.size() > 1 && sum < TIER * bytes) {
                break;
            }
            chosen.add(file);
            sum += bytes;
        }
        return chosen;
    }

    /// Fills one file after the other up to the target. A file alone stays as it is, unless rows of it are
    /// deleted.
    private static <F> List<List<F>> bins(List<F> files, Measures<F> measures, long targetBytes) {
        List<List<F>> bins = new ArrayList<>();
        List<F> open = new ArrayList<>();
        long sum = 0;
        for (F file : files) {
            long bytes = measures.bytes().applyAsLong(file);
            if (!open.isEmpty() && sum + bytes > targetBytes) {
                bins.add(open);
                open = new ArrayList<>();
                sum = 0;
            }
            open.add(file);
            sum += bytes;
        }
        bins.add(open);
        return bins.stream()
                .filter(bin -> bin.size() > 1 || bin.stream().anyMatch(measures.hasDeletes()))
                .toList();
    }
}
