package io.hypaware.lake;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.hypaware.engine.Engine;
import io.hypaware.engine.RowTable;
import io.hypaware.home.Cache;
import io.hypaware.project.ExchangeRow;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.DataFiles;
import org.apache.iceberg.Table;
import org.apache.iceberg.TableProperties;
import org.apache.iceberg.exceptions.ValidationException;
import org.apache.iceberg.types.Type;
import org.apache.iceberg.types.Types;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What other engines do to a table is theirs: what we write again has their columns, and not the rows that they
/// deleted.
class OtherEnginesTest {

    private static final LocalDate DAY = LocalDate.EPOCH;

    @TempDir
    private Path folder;

    private Cache cache;
    private Lake lake;
    private Engine engine;

    @BeforeEach
    void open() throws Exception {
        cache = new Cache(folder);
        lake = Lake.open(cache);
        engine = Engine.open(64 << 20, 1, cache.spill());
        append(1);
        append(2);
    }

    @AfterEach
    void close() throws Exception {
        engine.close();
        lake.close();
    }

    @Test
    void aColumnThatAnotherEngineHasAddedIsWrittenAgain() throws Exception {
        add("note", Types.StringType.get());
        add("rating", Types.DecimalType.of(20, 3));
        replace("SELECT *, 'of ' || exchange_id AS note, 1.125::DECIMAL(20, 3) AS rating");

        compact();

        assertThat(values("exchange_id || ' ' || note || ' ' || rating"))
                .containsExactly("x1 of x1 1.125", "x2 of x2 1.125", "x3 of x3 1.125", "x4 of x4 1.125");
        assertThat(table().files()).hasSize(1);

        rewrite().without(ExchangeRow.DATASET, table().files().getFirst(), _ -> "f.exchange_id = 'x1'");

        assertThat(values("exchange_id || ' ' || note")).containsExactly("x2 of x2", "x3 of x3", "x4 of x4");
    }

    @Test
    void aFileWithAColumnOfAKindThatWeDoNotWriteIsLeftAlone() throws Exception {
        add("tags", Types.MapType.ofOptional(1, 2, Types.StringType.get(), Types.StringType.get()));
        List<Path> before = paths();

        assertThatThrownBy(this::compact)
                .isInstanceOf(LakeException.class)
                .hasMessageContaining("another engine has added the column tags");

        assertThat(paths()).isEqualTo(before);
        assertThat(ours()).containsExactly("x1", "x2", "x3", "x4");
    }

    @Test
    void rowsThatAreDeletedMeanwhileDoNotComeBack() throws Exception {
        List<LiveFile> read = table().files();
        ForeignDeletes.delete(cache, ExchangeRow.DATASET, "exchange_id = 'x1'");

        assertThatThrownBy(() -> rewrite().together(table(), read, DAY, Map.of()))
                .isInstanceOf(ValidationException.class)
                .hasMessageContaining("another engine has changed");
        assertThatThrownBy(() -> rewrite().without(ExchangeRow.DATASET, read.getFirst(), _ -> "f._row_id <> ''"))
                .isInstanceOf(ValidationException.class);

        assertThat(ours()).hasSize(3);
        compact();
        assertThat(ours()).hasSize(3);
    }

    @Test
    void whatIsWrittenAgainHasNoneOfTheDeletedRows() throws Exception {
        ForeignDeletes.delete(cache, ExchangeRow.DATASET, "exchange_id = 'x1'");

        for (LiveFile file : table().files()) {
            rewrite().without(ExchangeRow.DATASET, file, _ -> "false");
        }

        assertThat(values("exchange_id")).containsExactly("x2", "x3", "x4");
        assertThat(ours()).containsExactly("x2", "x3", "x4");
    }

    @Test
    void rowsOfAFileWithoutIdsAreNotTakenForNulls() throws Exception {
        Path file = folder.resolve("taken.parquet");
        engine.execute("COPY (SELECT 'x9' AS exchange_id) TO " + Engine.literal(file.toString()) + " (FORMAT parquet)");
        Table raw = table().table();
        raw.updateProperties().set(TableProperties.DEFAULT_NAME_MAPPING, "[]").commit();
        raw.newAppend().appendFile(like(table().files().getFirst(), file, 1)).commit();

        assertThatThrownBy(this::ours).isInstanceOf(LakeException.class).hasMessageContaining("taken.parquet");
        assertThatThrownBy(this::compact).isInstanceOf(LakeException.class).hasMessageContaining("taken.parquet");
    }

    @Test
    void newerPartitionsOfAnotherEngineAreOfNoMatterToOurFiles() throws Exception {
        table().table().updateSpec().addField("outcome").commit();
        table().table().replaceSortOrder().asc("outcome").commit();

        append(3);
        compact();

        LiveFile file = table().files().getFirst();
        assertThat(file.day()).contains(DAY);
        assertThat(file.file().specId()).isZero();
        assertThat(file.file().sortOrderId())
                .isNotEqualTo(table().table().sortOrder().orderId());
        assertThat(ours()).hasSize(6);
    }

    private LakeTable table() {
        return lake.table(ExchangeRow.DATASET).orElseThrow();
    }

    private Rewrite rewrite() {
        return new Rewrite(lake, new Rewrite.Limits(1 << 28, 1 << 20, folder.resolve("spill")), _ -> {});
    }

    private void compact() throws SQLException {
        LakeTable table = table();
        rewrite().together(table, table.files(), DAY, Map.of());
    }

    private List<Path> paths() {
        return table().files().stream().map(LiveFile::path).sorted().toList();
    }

    private List<String> ours() throws SQLException {
        List<LiveFile> files = table().files();
        Scan scan = new Scan(engine, "ours", files, new LocalFiles());
        return engine.strings("SELECT exchange_id FROM "
                + scan.from(
                        ExchangeRow.DATASET, files.stream().map(LiveFile::path).toList()) + " ORDER BY 1");
    }

    /// What stands in the files under the names that their writers gave columns.
    private List<String> values(String sql) throws SQLException {
        String files = paths().stream().map(p -> Engine.literal(p.toString())).collect(Collectors.joining(", "));
        return engine.strings("SELECT " + sql + " FROM read_parquet([" + files + "], union_by_name = true) ORDER BY 1");
    }

    private void add(String name, Type type) {
        table().table().updateSchema().addColumn(name, type).commit();
    }

    /// Another engine's files, which have the table's names, in place of those that are there.
    private void replace(String select) throws SQLException, IOException {
        LakeTable table = table();
        String ids = table.table().schema().columns().stream()
                .map(field -> Engine.identifier(field.name()) + ": " + field.fieldId())
                .collect(Collectors.joining(", "));
        var rewrite = table.table().newRewrite();
        for (LiveFile file : table.files()) {
            Path copy = file.path().resolveSibling("other-" + file.path().getFileName());
            engine.execute("COPY (" + select + " FROM (SELECT * RENAME (_row_id AS row_id) FROM read_parquet("
                    + Engine.literal(file.path().toString()) + "))) TO " + Engine.literal(copy.toString())
                    + " (FORMAT parquet, FIELD_IDS {" + ids + "})");
            rewrite.deleteFile(file.file()).addFile(like(file, copy, file.rows()));
        }
        rewrite.commit();
    }

    private DataFile like(LiveFile file, Path copy, long rows) throws IOException {
        return DataFiles.builder(table().table().spec())
                .withPath(copy.toUri().toString())
                .withFormat("parquet")
                .withPartition(file.file().partition())
                .withFileSizeInBytes(Files.size(copy))
                .withRecordCount(rows)
                .build();
    }

    /// Two rows of the first day, in a file.
    private void append(int unit) throws Exception {
        try (RowTable rows = new RowTable(engine, "unit", ExchangeRow.DATASET)) {
            for (long seq = 2L * unit - 1; seq <= 2L * unit; seq++) {
                rows.add(LakeFaultTest.row("x" + seq, seq), seq);
            }
        }
        LakeTable table = lake.tableOrCreate(ExchangeRow.DATASET);
        List<WrittenFile> written = new ArrayList<>(new ParquetWriter(engine, 1 << 20).write(table, "unit", 1_000));
        written.forEach(WrittenFile::sync);
        table.append(written, 2L * unit);
        engine.execute("DROP TABLE unit");
    }
}
