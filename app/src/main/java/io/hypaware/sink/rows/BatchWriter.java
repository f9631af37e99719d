package io.hypaware.sink.rows;

import io.hypaware.dataset.Dataset;
import io.hypaware.query.RowExport;
import io.hypaware.sink.SinkException;
import java.io.IOException;
import java.util.Set;

/// How batches stand in a destination.
public interface BatchWriter {

    /// How the files of a batch of a dataset are written.
    RowExport.Form form(Dataset dataset) throws IOException;

    /// The keys under which a batch goes, the same for the same rows.
    Set<String> keys(StagedBatch staged) throws IOException;

    /// Whether something is there already under the name of a batch that no attempt was made at.
    boolean isThere(StagedBatch staged) throws IOException;

    /// What a batch of other rows brought must not be replaced by one that has its name: positions are given again by a
    /// journal that was put back from a backup, or copied.
    ///
    /// @throws SinkException if there is such a one
    default void requireNew(StagedBatch staged) throws IOException {
        boolean isFirst = staged.batch().keys().isEmpty() && !staged.files().isEmpty();
        if (isFirst && isThere(staged)) {
            throw new SinkException("where it sends to, there is a batch "
                    + staged.batch().number() + " of "
                    + staged.dataset().name() + " that this home has not sent: the home was put back from a backup, or"
                    + " copied. Nothing was sent, and what is there stays; give the sink another folder or prefix");
        }
    }

    /// Puts a batch, once, however often earlier attempts came how far. What of theirs is under other keys goes, as its
    /// rows were purged or marked since.
    ///
    /// @param put told where a process may die
    void put(StagedBatch staged, Runnable put) throws IOException;

    /// After the last batch of a run.
    default void end() throws IOException {}
}
