package io.hypaware.lake;

import com.github.f4b6a3.ulid.UlidCreator;
import io.hypaware.dataset.Column;
import io.hypaware.dataset.Dataset;
import io.hypaware.engine.Engine;
import io.hypaware.home.HypHome;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/// Writes rows that are in the engine to Parquet files of a lake table, one for each day.
public final class ParquetWriter {

    /// The other bound of a row group, besides its bytes.
    private static final int ROW_GROUP_ROWS = 10_000;

    /// A dictionary for values that are long and repeat; without a bound on it, memory would grow with them.
    private static final int DICTIONARY_BYTES = 1024 * 1024;

    private final Engine engine;
    private final long rowGroupBytes;
    private final long sortLimit;

    public ParquetWriter(Engine engine, long rowGroupBytes) {
        this.engine = engine;
        this.rowGroupBytes = rowGroupBytes;
        this.sortLimit = 4 * engine.memoryBytes();
    }

    /// Writes all rows of an engine table; nothing is committed or synced yet.
    ///
    /// @param source name of a table in the engine with the dataset's stored columns
    public List<WrittenFile> write(LakeTable target, String source) throws SQLException {
        Dataset dataset = target.dataset();
        Path folder = HypHome.privateFolder(target.dataFolder());
        String day = "CAST(epoch_us(" + Engine.identifier(dataset.primaryTime()) + ") // 86400000000 AS INTEGER)";
        List<WrittenFile> files = new ArrayList<>();
        for (String found : engine.strings("SELECT DISTINCT " + day + " FROM " + source + " ORDER BY 1")) {
            Path file = newFile(folder);
            engine.execute(copy(dataset, source, day + " = " + found, true, file));
            files.add(WrittenFile.of(engine, dataset, file, Integer.parseInt(found)));
        }
        return files;
    }

    /// Writes all rows of a source into one file of one day.
    ///
    /// @param source a table expression with the dataset's stored columns, all rows of that day
    /// @param bytesInMemory what the rows take once decoded, about; sorting more than memory holds does not pay
    public List<WrittenFile> rewrite(LakeTable target, String source, int day, long bytesInMemory) throws SQLException {
        Dataset dataset = target.dataset();
        Path file = newFile(HypHome.privateFolder(target.dataFolder()));
        engine.execute(copy(dataset, source, "true", bytesInMemory <= sortLimit, file));
        return List.of(WrittenFile.of(engine, dataset, file, day));
    }

    private static Path newFile(Path folder) {
        return folder.resolve(UlidCreator.getMonotonicUlid().toString().toLowerCase(Locale.ROOT) + ".parquet");
    }

    private String copy(Dataset dataset, String source, String where, boolean sorted, Path file) {
        List<Column> columns = dataset.storedColumns();
        String names = columns.stream().map(c -> Engine.identifier(c.name())).collect(Collectors.joining(", "));
        String ids = IntStream.range(0, columns.size())
                .mapToObj(i -> Engine.identifier(columns.get(i).name()) + ": " + (i + 1))
                .collect(Collectors.joining(", "));
        String order = sorted
                ? " ORDER BY "
                        + dataset.clusteredBy().stream().map(Engine::identifier).collect(Collectors.joining(", "))
                        + ", _seq"
                : "";
        return """
                COPY (SELECT %s FROM %s WHERE %s%s) TO %s
                (FORMAT parquet, COMPRESSION zstd, FIELD_IDS {%s}, ROW_GROUP_SIZE %d, ROW_GROUP_SIZE_BYTES %d,
                 STRING_DICTIONARY_PAGE_SIZE_LIMIT %d)""".formatted(
                        names,
                        source,
                        where,
                        order,
                        Engine.literal(file.toString()),
                        ids,
                        ROW_GROUP_ROWS,
                        rowGroupBytes,
                        DICTIONARY_BYTES);
    }
}
