package io.hypaware.lake;

import io.hypaware.dataset.Dataset;
import io.hypaware.dataset.Facts;
import io.hypaware.engine.Completed;
import io.hypaware.engine.Engine;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.LocalDate;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/// Writes files of a table again, with fewer rows or several as one: the one way to do that.
///
/// The engine is fitted to the heaviest row, rows are counted, files are synced, and all is committed
/// in one step. Dying before that changes nothing but leaves files that a sweep takes.
public final class Rewrite {

    /// The points at which a process may die, in their order.
    public enum Step {
        WRITTEN,
        SYNCED,
        COMMITTED
    }

    /// Which rows go.
    @FunctionalInterface
    public interface Condition {

        /// A condition in SQL over the row `f`.
        ///
        /// @param engine in which tables may be made that it refers to
        String sql(Engine engine) throws SQLException;
    }

    /// What the engine may take.
    ///
    /// @param rowGroupBytes the most of a row group, in memory
    /// @param spill where it spills to
    public record Limits(long memoryBytes, long rowGroupBytes, Path spill) {}

    private final Lake lake;
    private final Limits limits;
    private final Consumer<Step> steps;

    public Rewrite(Lake lake, Limits limits, Consumer<Step> steps) {
        this.lake = lake;
        this.limits = limits;
        this.steps = steps;
    }

    /// How many rows of a file [#without] would drop.
    public long matching(Dataset dataset, LiveFile file, Condition goes) throws SQLException {
        try (Engine engine = engine()) {
            String rows = scan(engine, List.of(file)).from(dataset, List.of(file.path())) + " f";
            return count(engine, rows + " WHERE " + goes.sql(engine));
        }
    }

    /// Drops rows of a file; the file stays as it is if there are none, unless another engine has deleted rows of it.
    ///
    /// @return how many rows were dropped
    public long without(Dataset dataset, LiveFile file, Condition goes) throws SQLException {
        try (Engine engine = engine()) {
            Scan scan = scan(engine, List.of(file));
            String rows = scan.whole(dataset, List.of(file.path())) + " f";
            String condition = goes.sql(engine);
            long dropped = count(engine, rows + " WHERE " + condition);
            if (dropped == 0 && scan.deletedRows() == 0) {
                return 0;
            }
            long kept = file.rows() - scan.deletedRows() - dropped;
            engine.execute(
                    "CREATE VIEW kept AS SELECT f.* FROM " + rows + " WHERE NOT coalesce(" + condition + ", false)");
            List<Path> paths = List.of(file.path());
            engine.expect(ParquetWriter.heaviestRow(engine, paths, List.of()));
            LakeTable table = lake.table(dataset).orElseThrow();
            List<WrittenFile> written = kept == 0
                    ? List.of()
                    : ParquetWriter.again(engine, limits.rowGroupBytes())
                            .write(table, "kept", ParquetWriter.bytesInMemory(engine, paths));
            commit(table, List.of(file), written, kept, Map.of());
            return dropped;
        }
    }

    /// Writes a file of a day again with what was learned of its rows in place; the file stays as it is if that is
    /// nothing.
    ///
    /// @param known files of the facts
    /// @return how many rows were completed
    public long completed(Facts facts, LiveFile file, List<LiveFile> known, LocalDate day) throws SQLException {
        try (Engine engine = engine()) {
            Scan scan = scan(engine, List.of(file));
            List<Path> paths = List.of(file.path());
            String rows = scan.whole(facts.about(), paths);
            String facted = new Scan(engine, "known", known, new LocalFiles())
                    .from(facts.dataset(), known.stream().map(LiveFile::path).toList());
            long completed = count(
                    engine,
                    rows + " f WHERE f." + Dataset.ROW_ID + " IN (SELECT " + Facts.TARGET + " FROM " + facted + ")");
            if (completed == 0) {
                return 0;
            }
            long kept = file.rows() - scan.deletedRows();
            engine.expect(ParquetWriter.heaviestRow(engine, paths, List.of()));
            LakeTable table = lake.table(facts.about()).orElseThrow();
            List<WrittenFile> written = ParquetWriter.again(engine, limits.rowGroupBytes())
                    .writeDay(
                            table,
                            "(" + Completed.sql(facts, rows, facted, _ -> true) + ")",
                            Math.toIntExact(day.toEpochDay()),
                            ParquetWriter.bytesInMemory(engine, paths));
            commit(table, List.of(file), written, kept, Map.of());
            return completed;
        }
    }

    /// Makes one of several files of a day, in the table's order.
    ///
    /// @param properties of the table, set in the same step
    public List<WrittenFile> together(
            LakeTable table, List<LiveFile> files, LocalDate day, Map<String, String> properties) throws SQLException {
        List<Path> paths = files.stream().map(LiveFile::path).toList();
        try (Engine engine = engine()) {
            Scan scan = scan(engine, files);
            String source = scan.whole(table.dataset(), paths);
            long kept = files.stream().mapToLong(LiveFile::rows).sum() - scan.deletedRows();
            engine.expect(ParquetWriter.heaviestRow(engine, paths, List.of()));
            List<WrittenFile> written = kept == 0
                    ? List.of()
                    : ParquetWriter.again(engine, limits.rowGroupBytes())
                            .writeDay(
                                    table,
                                    source,
                                    Math.toIntExact(day.toEpochDay()),
                                    ParquetWriter.bytesInMemory(engine, paths));
            commit(table, files, written, kept, properties);
            return written;
        }
    }

    private void commit(
            LakeTable table, List<LiveFile> files, List<WrittenFile> written, long kept, Map<String, String> properties)
            throws SQLException {
        steps.accept(Step.WRITTEN);
        long rows = written.stream().mapToLong(f -> f.metrics().recordCount()).sum();
        if (rows != kept) {
            written.forEach(Rewrite::delete);
            throw new SQLException("%d rows came out where %d were to stay; nothing was changed".formatted(rows, kept));
        }
        written.forEach(WrittenFile::sync);
        steps.accept(Step.SYNCED);
        table.rewrite(files, written, table.files(), properties);
        steps.accept(Step.COMMITTED);
    }

    private static void delete(WrittenFile file) {
        try {
            Files.deleteIfExists(file.path());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Scan scan(Engine engine, List<LiveFile> files) throws SQLException {
        return new Scan(engine, "rewritten", files, new LocalFiles());
    }

    private static long count(Engine engine, String from) throws SQLException {
        return Long.parseLong(engine.strings("SELECT count(*) FROM " + from).getFirst());
    }

    private Engine engine() throws SQLException {
        return Engine.forMaintenance(limits.memoryBytes(), limits.spill());
    }
}
