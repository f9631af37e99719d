package io.hypaware.lake;

import io.hypaware.dataset.Dataset;
import io.hypaware.engine.Engine;
import io.hypaware.home.Cache;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import org.apache.iceberg.FileMetadata;
import org.apache.iceberg.MetadataColumns;
import org.apache.iceberg.RowDelta;

/// Deletes rows as another engine does that leaves files as they are: by their positions.
public final class ForeignDeletes {

    /// @param where over the columns that files have
    public static void delete(Cache cache, Dataset dataset, String where) throws SQLException, IOException {
        try (Lake lake = Lake.open(cache);
                Engine engine = Engine.open(64 << 20, 1, cache.spill())) {
            LakeTable table = lake.table(dataset).orElseThrow();
            RowDelta delta = table.table().newRowDelta();
            for (LiveFile file : table.files()) {
                Path deletes =
                        file.path().resolveSibling("deletes-" + file.path().getFileName());
                engine.execute("""
                        COPY (SELECT %s AS file_path, file_row_number AS pos
                          FROM read_parquet(%s, file_row_number = true) WHERE %s)
                        TO %s (FORMAT parquet, FIELD_IDS {file_path: %d, pos: %d})""".formatted(
                                Engine.literal(file.file().location()),
                                Engine.literal(file.path().toString()),
                                where,
                                Engine.literal(deletes.toString()),
                                MetadataColumns.DELETE_FILE_PATH.fieldId(),
                                MetadataColumns.DELETE_FILE_POS.fieldId()));
                delta.addDeletes(FileMetadata.deleteFileBuilder(table.table().spec())
                        .ofPositionDeletes()
                        .withPath(deletes.toUri().toString())
                        .withFormat("parquet")
                        .withPartition(file.file().partition())
                        .withFileSizeInBytes(Files.size(deletes))
                        .withRecordCount(Scan.rowsInFooter(engine, deletes))
                        .build());
            }
            delta.commit();
        }
    }

    private ForeignDeletes() {}
}
