package io.hypaware.sink.rows;

import io.hypaware.dataset.Dataset;
import io.hypaware.home.Cache;
import io.hypaware.home.Folders;
import io.hypaware.home.Progress;
import io.hypaware.journal.Micros;
import io.hypaware.query.QueryException;
import io.hypaware.query.RowExport;
import io.hypaware.read.LeavingRows;
import io.hypaware.store.Content;
import io.hypaware.store.Destination;
import io.hypaware.store.ObjectKey;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.sql.SQLException;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/// Writes a dataset, or some rows of it, to one file or to a folder with a file for each day: whole or not at all.
public final class DatasetExport {

    private final Cache cache;
    private final LeavingRows rows;
    private final Progress progress;

    /// @param memoryBytes most memory of a query
    public DatasetExport(Cache cache, long memoryBytes, Progress progress) {
        this.cache = cache;
        this.rows = new LeavingRows(cache, memoryBytes);
        this.progress = progress;
    }

    /// Which rows, and in what form.
    ///
    /// @param where a condition in SQL on the dataset's columns
    /// @param since of the dataset's time
    public record Wanted(Dataset dataset, Optional<String> where, Optional<Instant> since, RowExport.Form form) {

        /// Which rows, in SQL over stored rows `s`.
        public String condition() {
            return since.map(time -> "s.\"" + dataset.primaryTime() + "\" >= make_timestamptz(" + Micros.of(time) + ")")
                    .orElse("true");
        }
    }

    /// What was written.
    ///
    /// @param withheld sessions of which there are such rows, and that stay on this machine
    public record Result(String to, long rows, long files, long withheld) {}

    /// Writes a file.
    ///
    /// @param replace whether one that is there already is replaced
    public Result toFile(Wanted wanted, Path file, boolean replace) throws QueryException, SQLException, IOException {
        return aside(wanted, file.toAbsolutePath(), replace, (leaving, folder) -> {
            Path written = folder.resolve("rows." + wanted.form().extension());
            progress.begin("writing " + wanted.dataset().name(), "rows", leaving.count());
            leaving.writeAll(wanted.form(), written);
            progress.advance(0, leaving.count());
            return written;
        });
    }

    /// Writes a folder of the dataset's name into another one, with a folder for each day.
    ///
    /// @param replace whether one that is there already is replaced
    public Result toFolder(Wanted wanted, Path into, boolean replace) throws QueryException, SQLException, IOException {
        Path target = Files.createDirectories(into.toAbsolutePath())
                .resolve(wanted.dataset().name());
        if (replace && Files.exists(target, LinkOption.NOFOLLOW_LINKS)) {
            try (Stream<Path> files = Files.walk(target)) {
                ExportedFolder.requireOurs(
                        target.toString(),
                        files.filter(file -> !Files.isDirectory(file, LinkOption.NOFOLLOW_LINKS))
                                .map(file -> target.relativize(file).toString().replace('\\', '/')));
            }
        }
        return aside(wanted, target, replace, (leaving, folder) -> {
            Path all = Files.createDirectory(folder.resolve("all"));
            progress.begin("writing " + wanted.dataset().name(), "rows", leaving.count());
            for (RowExport.Day day : leaving.days()) {
                Path ofDay = Files.createDirectory(all.resolve("date=" + day.date()));
                leaving.write(
                        day.date(),
                        day.date(),
                        wanted.form(),
                        ofDay.resolve("rows." + wanted.form().extension()));
                progress.advance(0, day.rows());
            }
            return all;
        });
    }

    /// Puts a file into a destination.
    ///
    /// @param replace whether one that is there already is replaced
    public Result toFile(Wanted wanted, Destination to, ObjectKey key, boolean replace)
            throws QueryException, SQLException, IOException {
        return staged(wanted, (leaving, folder) -> {
            Path file = folder.resolve("rows." + wanted.form().extension());
            leaving.writeAll(wanted.form(), file);
            if (replace) {
                to.put(key, Content.of(file));
            } else if (!to.putIfAbsent(key, Content.of(file))) {
                throw new QueryException(to.location(key) + " is there already; name another, or say --force");
            }
            return result(to.location(key), leaving, 1);
        });
    }

    /// Puts a file for each day into a folder of the dataset's name, each there whole or not at all.
    ///
    /// @param replace whether those that are there already are replaced
    public Result toFolder(Wanted wanted, Destination to, ObjectKey folder, boolean replace)
            throws QueryException, SQLException, IOException {
        List<Destination.StoredFile> before = to.list(folder);
        if (!before.isEmpty() && !replace) {
            throw new QueryException(
                    "there are files already in " + to.location(folder) + "; name another folder, or say --force");
        }
        ExportedFolder.requireOurs(
                to.location(folder), before.stream().map(file -> file.key().below(folder)));
        return staged(wanted, (leaving, staging) -> {
            Set<ObjectKey> put = new HashSet<>();
            progress.begin("writing " + wanted.dataset().name(), "rows", leaving.count());
            for (RowExport.Day day : leaving.days()) {
                Path file = staging.resolve("rows." + wanted.form().extension());
                leaving.write(day.date(), day.date(), wanted.form(), file);
                ObjectKey key = folder.child(
                        "date=" + day.date() + "/rows." + wanted.form().extension());
                to.put(key, Content.of(file));
                put.add(key);
                Files.delete(file);
                progress.advance(0, day.rows());
            }
            for (Destination.StoredFile file : before) {
                if (!put.contains(file.key())) {
                    to.delete(file.key());
                }
            }
            return result(to.location(folder), leaving, put.size());
        });
    }

    private static Result result(String to, LeavingRows.Leaving leaving, long files) {
        return new Result(to, leaving.count(), files, leaving.leftOut().size());
    }

    @FunctionalInterface
    private interface Sender {
        Result send(LeavingRows.Leaving leaving, Path folder) throws QueryException, SQLException, IOException;
    }

    private Result staged(Wanted wanted, Sender sender) throws QueryException, SQLException, IOException {
        Path folder = Staging.folder(cache);
        try (LeavingRows.Leaving leaving = rows.take(wanted.dataset(), wanted.condition(), wanted.where(), folder)) {
            return sender.send(leaving, folder);
        } finally {
            progress.end();
            Folders.delete(folder);
        }
    }

    @FunctionalInterface
    private interface Writer {
        Path write(LeavingRows.Leaving leaving, Path folder) throws QueryException, SQLException, IOException;
    }

    /// Writes beside the target and puts it in place in one step.
    private Result aside(Wanted wanted, Path target, boolean replace, Writer writer)
            throws QueryException, SQLException, IOException {
        if (Files.exists(target, LinkOption.NOFOLLOW_LINKS) && !replace) {
            throw new QueryException(target + " is there already; name another, or say --force");
        }
        Path parent = target.getParent();
        if (parent == null || !Files.isDirectory(parent)) {
            throw new QueryException(target + " has no folder that it could stand in");
        }
        Path folder = Files.createTempDirectory(parent, ".hyp-export-");
        try (LeavingRows.Leaving leaving = rows.take(wanted.dataset(), wanted.condition(), wanted.where(), folder)) {
            Path written = writer.write(leaving, folder);
            progress.end();
            if (Files.isRegularFile(written)) {
                Folders.sync(written);
            } else if (Files.exists(target, LinkOption.NOFOLLOW_LINKS)) {
                Files.move(target, folder.resolve("replaced"), StandardCopyOption.ATOMIC_MOVE);
            }
            Files.move(written, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
            boolean isFile = Files.isRegularFile(target);
            return new Result(
                    target.toString(),
                    leaving.count(),
                    isFile ? 1 : leaving.days().size(),
                    leaving.leftOut().size());
        } finally {
            progress.end();
            Folders.delete(folder);
        }
    }
}
