package io.hypaware.maintain;

import io.hypaware.home.Cache;
import io.hypaware.journal.Journal;
import io.hypaware.lake.CatalogGlance;
import io.hypaware.lake.LakeException;
import java.io.IOException;

/// Positions of rows, by which journal and lake know which of them are flushed.
public final class Positions {

    /// A journal that is new, or put back from a backup, beside a lake that is further: its positions must not be ones
    /// that the lake has, or its rows would count as flushed.
    public static void continueAfterLake(Cache cache, Journal journal) {
        try {
            CatalogGlance.of(cache).values().stream()
                    .mapToLong(CatalogGlance.Table::journalSeq)
                    .max()
                    .ifPresent(position -> {
                        if (position > journal.lastAssignedSeq()) {
                            journal.continueAfter(position);
                        }
                    });
        } catch (IOException e) {
            throw new LakeException(
                    "the catalog cannot be read (" + e.getMessage()
                            + "); nothing was projected. Repair: hyp cache check --repair",
                    e);
        }
    }

    private Positions() {}
}
