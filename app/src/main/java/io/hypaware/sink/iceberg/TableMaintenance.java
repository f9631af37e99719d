package io.hypaware.sink.iceberg;

import io.hypaware.dataset.Dataset;
import io.hypaware.dataset.Hashes;
import io.hypaware.home.Cache;
import io.hypaware.home.Folders;
import io.hypaware.lake.FileFacts;
import io.hypaware.query.FileMerge;
import io.hypaware.query.RowExport;
import io.hypaware.sink.SinkException;
import io.hypaware.sink.rows.Staging;
import io.hypaware.store.Destination;
import io.hypaware.store.ObjectKey;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Instant;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.iceberg.DataFile;

/// Keeps an exported table small: files of a day that this sink has put become one, in one commit with what they
/// replace, and snapshots are expired. What other writers have put stays.
public final class TableMaintenance {

    private final Cache cache;
    private final long memoryBytes;
    private final TableBatches.Place place;
    private final String writer;

    /// @param memoryBytes most memory of a query
    public TableMaintenance(Cache cache, long memoryBytes, TableBatches.Place place, String writer) {
        this.cache = cache;
        this.memoryBytes = memoryBytes;
        this.place = place;
        this.writer = writer;
    }

    /// What was done, or would be.
    ///
    /// @param files that became fewer
    /// @param merged what they became
    /// @param orphans files of attempts that died
    public record Result(int files, int merged, int snapshots, List<ObjectKey> orphans) {

        public static final Result NOTHING = new Result(0, 0, 0, List.of());

        /// For people.
        ///
        /// @param isPlan whether it would be done
        public String text(boolean isPlan) {
            String would = isPlan ? "would be " : "";
            List<String> parts = new ArrayList<>();
            if (files + snapshots > 0) {
                parts.add("%,d files %smade %,d; %,d snapshots %sexpired"
                        .formatted(files, would, merged, snapshots, would));
            }
            if (!orphans.isEmpty()) {
                parts.add("%,d files of attempts that died %sdeleted:%n  %s"
                        .formatted(
                                orphans.size(),
                                would,
                                orphans.stream().map(ObjectKey::path).collect(Collectors.joining("%n  ".formatted()))));
            }
            return parts.isEmpty() ? "nothing to do" : String.join("; ", parts);
        }

        public Result plus(Result other) {
            return new Result(
                    files + other.files,
                    merged + other.merged,
                    snapshots + other.snapshots,
                    Stream.concat(orphans.stream(), other.orphans.stream()).toList());
        }
    }

    /// What there is to do.
    public Result plan(Dataset dataset, Instant now) throws IOException {
        ExportedTable table = place.table(dataset);
        List<List<DataFile>> groups = table.small(writer);
        return new Result(count(groups), groups.size(), table.expirable(now), table.orphans(writer, now));
    }

    /// Does it.
    public Result run(Dataset dataset, String compression, Instant now) throws IOException, SQLException {
        ExportedTable table = place.table(dataset);
        List<List<DataFile>> groups = table.small(writer);
        for (List<DataFile> group : groups) {
            Path folder = Staging.folder(cache);
            try {
                merge(
                        dataset,
                        table,
                        group,
                        new RowExport.Form(RowExport.Format.PARQUET, compression, table.fieldIds()),
                        folder);
            } finally {
                Folders.deleteIfThere(folder);
            }
        }
        return new Result(count(groups), groups.size(), table.expire(now), table.deleteOrphans(writer, now));
    }

    private static int count(List<List<DataFile>> groups) {
        return groups.stream().mapToInt(List::size).sum();
    }

    private void merge(Dataset dataset, ExportedTable table, List<DataFile> group, RowExport.Form form, Path folder)
            throws IOException, SQLException {
        List<Path> copies = new ArrayList<>();
        for (DataFile file : group) {
            copies.add(copy(table.key(file), folder.resolve(copies.size() + ".parquet")));
        }
        Path merged = folder.resolve("merged.parquet");
        FileFacts facts = new FileMerge(cache.spill(), memoryBytes).merge(dataset, copies, form, merged);
        long expected = group.stream().mapToLong(DataFile::recordCount).sum();
        if (facts.rows() != expected) {
            throw new SinkException(
                    "the files of a day have " + facts.rows() + " rows, and not " + expected + " as the table says");
        }
        LocalDate day = LocalDate.ofEpochDay(group.getFirst().partition().get(0, Integer.class));
        table.merge(writer, group, new DayFile(day, merged, Hashes.sha256(merged), facts));
    }

    private Path copy(ObjectKey key, Path to) throws IOException {
        Destination from = place.to();
        try (InputStream in =
                from.get(key).orElseThrow(() -> new SinkException(from.location(key) + " is not there any more"))) {
            Files.copy(in, to);
        }
        return to;
    }
}
