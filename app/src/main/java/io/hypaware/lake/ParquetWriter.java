package io.hypaware.lake;

import com.github.f4b6a3.ulid.UlidCreator;
import io.hypaware.dataset.Column;
import io.hypaware.dataset.Dataset;
import io.hypaware.engine.Engine;
import io.hypaware.home.HypHome;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import org.apache.iceberg.Schema;

/// Writes rows that are in the engine to Parquet files of a lake table, one for each day.
public final class ParquetWriter {

    /// Rows are sorted where that pays: more of them than this share of memory would be sorted on disk, and what
    /// arrives in the order of time is nearly in the order of conversations.
    private static final int SORT_SHARE = 3;

    /// A dictionary for values that are long and repeat; without a bound on it, memory would grow with them.
    private static final int DICTIONARY_BYTES = 1024 * 1024;

    private final Engine engine;
    private final long rowGroupBytes;
    private final long sortLimit;
    private final boolean withAdded;

    /// Writes rows of ours.
    public ParquetWriter(Engine engine, long rowGroupBytes) {
        this(engine, rowGroupBytes, false);
    }

    /// Writes rows of a table again, with the columns that other engines have added to it.
    static ParquetWriter again(Engine engine, long rowGroupBytes) {
        return new ParquetWriter(engine, rowGroupBytes, true);
    }

    private ParquetWriter(Engine engine, long rowGroupBytes, boolean withAdded) {
        this.engine = engine;
        this.withAdded = withAdded;
        this.rowGroupBytes = rowGroupBytes;
        this.sortLimit = engine.memoryBytes() / SORT_SHARE;
    }

    /// Writes all rows of an engine table; nothing is committed or synced yet.
    ///
    /// @param source name of a table in the engine with the dataset's stored columns
    /// @param bytesInMemory what the rows take once decoded, about; see [#SORT_SHARE]
    public List<WrittenFile> write(LakeTable target, String source, long bytesInMemory) throws SQLException {
        target.addMissingColumns();
        return write(target, source, bytesInMemory, HypHome.privateFolder(target.dataFolder()));
    }

    /// The same into another folder, for a table that has all columns.
    public List<WrittenFile> write(LakeTable target, String source, long bytesInMemory, Path folder)
            throws SQLException {
        Dataset dataset = target.dataset();
        String day = day(Engine.identifier(dataset.primaryTime()));
        List<WrittenFile> files = new ArrayList<>();
        for (String found : engine.strings("SELECT DISTINCT " + day + " FROM " + source + " ORDER BY 1")) {
            Path file = newFile(folder);
            boolean sorted = bytesInMemory <= sortLimit;
            engine.execute(copy(target, source, day + " = " + found, sorted, file));
            files.add(WrittenFile.of(engine, target, file, Integer.parseInt(found), sorted));
        }
        return files;
    }

    /// The day of a time as SQL, in days since the epoch: the partition that a row is of.
    public static String day(String time) {
        return "CAST(floor(epoch_us(" + time + ") / 86400000000) AS INTEGER)";
    }

    /// Writes all rows of a source into one file of one day.
    ///
    /// @param source a table expression with the dataset's stored columns, all rows of that day
    /// @param bytesInMemory what the rows take once decoded, about; see [#SORT_SHARE]
    public List<WrittenFile> writeDay(LakeTable target, String source, int day, long bytesInMemory)
            throws SQLException {
        target.addMissingColumns();
        Path file = newFile(HypHome.privateFolder(target.dataFolder()));
        boolean sorted = bytesInMemory <= sortLimit;
        engine.execute(copy(target, source, "true", sorted, file));
        return List.of(WrittenFile.of(engine, target, file, day, sorted));
    }

    private static Path newFile(Path folder) {
        return folder.resolve(UlidCreator.getMonotonicUlid().toString().toLowerCase(Locale.ROOT) + ".parquet");
    }

    /// What the rows of Parquet files take once decoded, about: their footers know.
    public static long bytesInMemory(Engine engine, Collection<Path> files) throws SQLException {
        String list = files.stream().map(f -> Engine.literal(f.toString())).collect(Collectors.joining(", "));
        return Long.parseLong(engine.strings("SELECT coalesce(sum(total_uncompressed_size), 0)::BIGINT"
                        + " FROM parquet_metadata([" + list + "])")
                .getFirst());
    }

    /// What a row of Parquet files takes once decoded, on average in the row group where that is most.
    ///
    /// @param without columns that are not read
    public static long heaviestRow(Engine engine, Collection<Path> files, Collection<String> without)
            throws SQLException {
        String list = files.stream().map(f -> Engine.literal(f.toString())).collect(Collectors.joining(", "));
        String left = without.stream().map(Engine::literal).collect(Collectors.joining(", "));
        return engine
                .strings("SELECT coalesce(max(bytes), 0)::BIGINT FROM (SELECT sum(total_uncompressed_size)"
                        + " / any_value(row_group_num_rows) AS bytes FROM parquet_metadata([" + list + "])"
                        + (left.isEmpty() ? "" : " WHERE split_part(path_in_schema, ', ', 1) NOT IN (" + left + ")")
                        + " GROUP BY file_name, row_group_id)")
                .stream()
                .mapToLong(Long::parseLong)
                .findFirst()
                .orElse(0);
    }

    private String copy(LakeTable target, String source, String where, boolean sorted, Path file) {
        Dataset dataset = target.dataset();
        Schema schema = target.table().schema();
        Map<String, String> ids = new LinkedHashMap<>();
        for (Column column : dataset.storedColumns()) {
            ids.put(Engine.identifier(column.name()), IcebergSchema.fieldIds(schema, column));
        }
        if (withAdded) {
            IcebergSchema.columns(dataset, target.table())
                    .added()
                    .forEach(field -> ids.put(Engine.identifier(field.name()), Integer.toString(field.fieldId())));
        }
        String order = sorted
                ? " ORDER BY "
                        + dataset.clusteredBy().stream().map(Engine::identifier).collect(Collectors.joining(", "))
                        + ", _seq"
                : "";
        return """
                COPY (SELECT %s FROM %s WHERE %s%s) TO %s
                (FORMAT parquet, COMPRESSION zstd, FIELD_IDS {%s}, ROW_GROUP_SIZE %d, ROW_GROUP_SIZE_BYTES %d,
                 STRING_DICTIONARY_PAGE_SIZE_LIMIT %d)""".formatted(
                        String.join(", ", ids.keySet()),
                        source,
                        where,
                        order,
                        Engine.literal(file.toString()),
                        ids.entrySet().stream()
                                .map(id -> id.getKey() + ": " + id.getValue())
                                .collect(Collectors.joining(", ")),
                        Engine.ROW_GROUP_ROWS,
                        engine.rowGroupBytes(rowGroupBytes),
                        DICTIONARY_BYTES);
    }
}
