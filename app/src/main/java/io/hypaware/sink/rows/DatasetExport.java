package io.hypaware.sink.rows;

import io.hypaware.dataset.Dataset;
import io.hypaware.home.Cache;
import io.hypaware.home.Folders;
import io.hypaware.home.Progress;
import io.hypaware.journal.Micros;
import io.hypaware.query.QueryException;
import io.hypaware.query.RowExport;
import io.hypaware.read.LeavingRows;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.sql.SQLException;
import java.time.Instant;
import java.time.LocalDate;
import java.util.List;
import java.util.Optional;

/// Writes a dataset, or some rows of it, to one file or to a folder with a file for each day: whole or not at all.
public final class DatasetExport {

    private final LeavingRows rows;
    private final Progress progress;

    /// @param memoryBytes most memory of a query
    public DatasetExport(Cache cache, long memoryBytes, Progress progress) {
        this.rows = new LeavingRows(cache, memoryBytes);
        this.progress = progress;
    }

    /// Which rows, and in what form.
    ///
    /// @param where a condition in SQL on the dataset's columns
    /// @param since of the dataset's time
    public record Wanted(Dataset dataset, Optional<String> where, Optional<Instant> since, RowExport.Form form) {

        private String condition() {
            return since.map(time -> "s.\"" + dataset.primaryTime() + "\" >= make_timestamptz(" + Micros.of(time) + ")")
                    .orElse("true");
        }
    }

    /// What was written.
    ///
    /// @param withheld sessions of which there are such rows, and that stay on this machine
    public record Result(Path to, long rows, long files, long withheld) {}

    /// Writes a file.
    ///
    /// @param replace whether one that is there already is replaced
    public Result toFile(Wanted wanted, Path file, boolean replace) throws QueryException, SQLException, IOException {
        return aside(wanted, file.toAbsolutePath(), replace, (leaving, folder) -> {
            Path written = folder.resolve("rows." + wanted.form().extension());
            List<RowExport.Day> days = leaving.days();
            progress.begin("writing " + wanted.dataset().name(), "rows", count(days));
            leaving.write(
                    days.isEmpty() ? LocalDate.EPOCH : days.getFirst().date(),
                    days.isEmpty() ? LocalDate.EPOCH : days.getLast().date(),
                    wanted.form(),
                    written);
            progress.advance(0, count(days));
            return written;
        });
    }

    /// Writes a folder of the dataset's name into another one, with a folder for each day.
    ///
    /// @param replace whether one that is there already is replaced
    public Result toFolder(Wanted wanted, Path into, boolean replace) throws QueryException, SQLException, IOException {
        Path target = Files.createDirectories(into.toAbsolutePath())
                .resolve(wanted.dataset().name());
        return aside(wanted, target, replace, (leaving, folder) -> {
            Path all = Files.createDirectory(folder.resolve("all"));
            progress.begin("writing " + wanted.dataset().name(), "rows", count(leaving.days()));
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

    private static long count(List<RowExport.Day> days) {
        return days.stream().mapToLong(RowExport.Day::rows).sum();
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
                    target,
                    count(leaving.days()),
                    isFile ? 1 : leaving.days().size(),
                    leaving.leftOut().size());
        } finally {
            progress.end();
            Folders.delete(folder);
        }
    }
}
