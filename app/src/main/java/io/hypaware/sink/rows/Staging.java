package io.hypaware.sink.rows;

import io.hypaware.dataset.Dataset;
import io.hypaware.dataset.Hashes;
import io.hypaware.home.Cache;
import io.hypaware.home.Folders;
import io.hypaware.home.HypHome;
import io.hypaware.home.ProcessLock;
import io.hypaware.journal.RowBatch;
import io.hypaware.query.QueryException;
import io.hypaware.query.RowExport;
import io.hypaware.read.LeavingRows;
import io.hypaware.sink.rows.StagedBatch.DayFile;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Writes batches to files of this machine, from where they go.
public final class Staging {

    /// Names the payloads that the rows of a batch refer to.
    static final String PAYLOADS = "payloads";

    private final Cache cache;
    private final LeavingRows rows;

    Staging(Cache cache, LeavingRows rows) {
        this.cache = cache;
        this.rows = rows;
    }

    /// Writes what of a batch may leave by now to files of this machine.
    StagedBatch stage(Dataset dataset, RowBatch batch, RowExport.Form form)
            throws QueryException, SQLException, IOException {
        Path folder = folder(cache);
        String condition = RowSelection.sql(dataset, batch);
        try (ProcessLock _ = lease(folder);
                LeavingRows.Leaving leaving = form.byReference()
                        ? rows.takeStored(dataset, condition, folder)
                        : rows.take(dataset, condition, Optional.empty(), folder)) {
            List<DayFile> files = files(leaving.rows(), form, folder);
            if (form.byReference()) {
                PayloadList.of(leaving.stored(), folder.resolve(PAYLOADS));
            }
            return new StagedBatch(folder, dataset, batch, files, leaving.leftOut());
        } catch (QueryException | SQLException | IOException | RuntimeException e) {
            Folders.deleteIfThere(folder);
            throw e;
        }
    }

    /// Writes what was gathered, a file for each day.
    static List<DayFile> files(RowExport rows, RowExport.Form form, Path folder)
            throws QueryException, SQLException, IOException {
        boolean isOfTable = !form.fieldIds().isEmpty();
        List<DayFile> files = new ArrayList<>();
        for (RowExport.Day day : rows.days()) {
            Path file = folder.resolve(day.date() + "." + form.extension());
            rows.write(day.date(), day.date(), form, file);
            files.add(new DayFile(
                    day,
                    file,
                    Files.size(file),
                    Hashes.sha256(file),
                    isOfTable ? Optional.of(rows.stored().facts(file)) : Optional.empty()));
        }
        return files;
    }

    /// A purge waits for what is being read. What is on its way afterwards loses its files to it, and the next
    /// run reads it again.
    public static ProcessLock lease(Path folder) throws IOException {
        try {
            return ProcessLock.tryTake(folder.resolve(".lease"), "sink").orElseThrow();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted");
        }
    }

    /// A new folder for what is on its way. What is left of one, its process having died, the sweep of spilled
    /// data takes away.
    public static Path folder(Cache cache) throws IOException {
        return Files.createTempDirectory(HypHome.privateFolder(cache.spill()), "spill-rows-");
    }
}
