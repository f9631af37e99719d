package io.hypaware.sink.rows;

import io.hypaware.dataset.Dataset;
import io.hypaware.query.RowExport;
import java.io.IOException;
import java.util.Set;

/// How batches stand in a destination.
public interface BatchWriter {

    /// How the files of a batch of a dataset are written.
    RowExport.Form form(Dataset dataset) throws IOException;

    /// The keys under which a batch goes, the same for the same rows.
    Set<String> keys(StagedBatch staged) throws IOException;

    /// Puts a batch, once, however often earlier attempts came how far. What of theirs is under other keys goes, as its
    /// rows were purged or marked since.
    ///
    /// @param put told where a process may die
    void put(StagedBatch staged, Runnable put) throws IOException;

    /// After the last batch of a run.
    default void end() throws IOException {}
}
