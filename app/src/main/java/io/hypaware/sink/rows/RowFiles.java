package io.hypaware.sink.rows;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.hypaware.dataset.Column;
import io.hypaware.dataset.ColumnType;
import io.hypaware.dataset.Dataset;
import io.hypaware.dataset.Hashes;
import io.hypaware.home.Cache;
import io.hypaware.home.Folders;
import io.hypaware.home.HypHome;
import io.hypaware.home.ProcessLock;
import io.hypaware.journal.RowBatch;
import io.hypaware.project.Json;
import io.hypaware.query.QueryException;
import io.hypaware.query.RowExport;
import io.hypaware.read.LeavingRows;
import io.hypaware.store.Content;
import io.hypaware.store.Destination;
import io.hypaware.store.ObjectKey;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/// A batch of rows as files: one for each day, in a folder of its name, and a manifest that says what they hold, last.
final class RowFiles {

    private final Cache cache;
    private final LeavingRows rows;
    private final RowExport.Form form;
    private final String origin;

    /// @param origin which journal the positions in names are of
    RowFiles(Cache cache, LeavingRows rows, RowExport.Form form, String origin) {
        this.cache = cache;
        this.rows = rows;
        this.form = form;
        this.origin = origin;
    }

    /// A file that is to go.
    record Written(RowExport.Day day, ObjectKey key, Path file, long bytes, String sha256) {}

    /// A batch on this machine's disk, of which no query is open any more.
    record Staged(Path folder, Dataset dataset, RowBatch batch, List<Written> files, Set<String> leftOut)
            implements AutoCloseable {

        long rows() {
            return files.stream().mapToLong(file -> file.day().rows()).sum();
        }

        @Override
        public void close() throws IOException {
            Folders.deleteIfThere(folder);
        }
    }

    /// Writes what of a batch may leave by now to files of this machine.
    Staged stage(Dataset dataset, RowBatch batch) throws QueryException, SQLException, IOException {
        Path folder = stagingFolder(cache);
        try (ProcessLock _ = lease(folder);
                LeavingRows.Leaving leaving = rows.take(dataset, condition(dataset, batch), Optional.empty(), folder)) {
            List<Written> files = new ArrayList<>();
            for (RowExport.Day day : leaving.days()) {
                Path file = folder.resolve(day.date() + "." + form.extension());
                leaving.write(day.date(), day.date(), form, file);
                files.add(
                        new Written(day, key(dataset, batch, day.date()), file, Files.size(file), Hashes.sha256(file)));
            }
            return new Staged(folder, dataset, batch, List.copyOf(files), leaving.leftOut());
        } catch (QueryException | SQLException | IOException | RuntimeException e) {
            Folders.deleteIfThere(folder);
            throw e;
        }
    }

    /// A purge waits for what is being read. What is on its way afterwards loses its files to it, and the next
    /// run reads it again.
    private static ProcessLock lease(Path folder) throws IOException {
        try {
            return ProcessLock.tryTake(folder.resolve(".lease"), "sink").orElseThrow();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted");
        }
    }

    /// A new folder for what is on its way. What is left of one, its process having died, the sweep of spilled
    /// data takes away.
    static Path stagingFolder(Cache cache) throws IOException {
        return Files.createTempDirectory(HypHome.privateFolder(cache.spill()), "spill-rows-");
    }

    /// Which rows are meant, in SQL over stored rows `s`.
    static String condition(Dataset dataset, RowBatch batch) {
        if (!batch.isRelease()) {
            return range(dataset, batch.range());
        }
        // Nothing, if what was left out was purged.
        List<String> parts = new ArrayList<>(List.of("false"));
        for (RowBatch.Withheld part : batch.released()) {
            parts.add("(" + RowExport.isOf(dataset, part.session()) + " AND " + range(dataset, part.range()) + ")");
        }
        return "(" + String.join(" OR ", parts) + ")";
    }

    private static String range(Dataset dataset, RowBatch.RowRange range) {
        return "s._seq > " + range.after() + " AND s._seq <= " + range.last()
                + range.day()
                        .map(day -> " AND " + RowExport.day(dataset) + " = " + day)
                        .orElse("");
    }

    private ObjectKey key(Dataset dataset, RowBatch batch, LocalDate day) {
        return ObjectKey.of(dataset.name(), "date=" + day, origin + "-" + batch.name() + "." + form.extension());
    }

    /// Folders that begin so are not looked into by engines that read the others.
    private ObjectKey manifestKey(Dataset dataset, RowBatch batch) {
        return ObjectKey.of(
                dataset.name(), "_batches", origin + "-%08d.%s.json".formatted(batch.number(), form.extension()));
    }

    /// The names under which a batch goes.
    Set<String> names(Staged staged) {
        Set<String> keys = new TreeSet<>();
        if (!staged.files().isEmpty()) {
            staged.files().forEach(file -> keys.add(file.key().path()));
            keys.add(manifestKey(staged.dataset(), staged.batch()).path());
        }
        return keys;
    }

    /// Puts a batch. What an earlier attempt has left under other names goes: its rows were purged or marked since.
    ///
    /// @param put told after each file
    void put(Staged staged, Destination to, Runnable put) throws IOException {
        for (Written file : staged.files()) {
            to.put(file.key(), Content.of(file.file()));
            put.run();
        }
        Set<String> names = names(staged);
        if (!names.isEmpty()) {
            to.put(
                    manifestKey(staged.dataset(), staged.batch()),
                    Content.of(
                            Json.MAPPER.writerWithDefaultPrettyPrinter().writeValueAsString(manifest(staged)) + "\n"));
        }
        for (String key : staged.batch().keys()) {
            if (!names.contains(key)) {
                to.delete(new ObjectKey(key));
            }
        }
    }

    private ObjectNode manifest(Staged staged) {
        RowBatch batch = staged.batch();
        ObjectNode manifest = Json.object();
        manifest.put("version", 1);
        manifest.put("dataset", batch.dataset());
        manifest.put("origin", origin);
        manifest.put("batch", batch.number());
        if (batch.isRelease()) {
            manifest.put("kind", "released");
        } else if (batch.range().isAdopted()) {
            manifest.put("kind", "adopted").put("adopted", -batch.range().last());
        } else {
            manifest.put("kind", "positions")
                    .put("first_seq", batch.range().after() + 1)
                    .put("last_seq", batch.range().last());
        }
        manifest.put("rows", staged.rows());
        manifest.put("sessions_left_out", staged.leftOut().size());
        var files = manifest.putArray("files");
        for (Written file : staged.files()) {
            files.addObject()
                    .put("key", file.key().path())
                    .put("date", file.day().date().toString())
                    .put("rows", file.day().rows())
                    .put("first_seq", file.day().first())
                    .put("last_seq", file.day().last())
                    .put("bytes", file.bytes())
                    .put("sha256", file.sha256());
        }
        var schema = manifest.putArray("schema");
        for (Column column : staged.dataset().columns()) {
            ColumnType type = column.type();
            schema.addObject().put("name", column.name()).put("type", type.sql());
        }
        return manifest;
    }
}
