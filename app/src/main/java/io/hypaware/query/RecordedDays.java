package io.hypaware.query;

import io.hypaware.dataset.Dataset;
import io.hypaware.home.Cache;
import io.hypaware.lake.Lake;
import io.hypaware.lake.LiveFile;
import java.time.LocalDate;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/// Days of which the lake has rows.
public final class RecordedDays {

    /// Those of a dataset, the newest first.
    public static List<LocalDate> newestFirst(Cache cache, Dataset dataset) {
        Optional<Lake> opened = Lake.openExisting(cache);
        if (opened.isEmpty()) {
            return List.of();
        }
        try (Lake lake = opened.get()) {
            return lake.table(dataset).stream()
                    .flatMap(table -> table.files().stream().map(LiveFile::day))
                    .flatMap(Optional::stream)
                    .distinct()
                    .sorted(Comparator.reverseOrder())
                    .toList();
        }
    }

    private RecordedDays() {}
}
