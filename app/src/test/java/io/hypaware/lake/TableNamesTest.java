package io.hypaware.lake;

import static io.hypaware.testing.RecordedCalls.message;
import static org.assertj.core.api.Assertions.assertThat;

import io.hypaware.dataset.Dataset;
import io.hypaware.dataset.Datasets;
import io.hypaware.engine.Engine;
import io.hypaware.home.Cache;
import io.hypaware.maintain.Flush;
import io.hypaware.project.Messages;
import io.hypaware.testing.Configs;
import io.hypaware.testing.Queries;
import io.hypaware.testing.RecordedCalls;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.apache.iceberg.DataFiles;
import org.apache.iceberg.MetadataColumns;
import org.apache.iceberg.Table;
import org.apache.iceberg.types.Types;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What tables call their columns, which other engines must take, and what files call them, which is their writer's.
class TableNamesTest {

    private static final String ROWS = "select _row_id || content_text || _seq from ai_gateway_messages order by 1";

    @TempDir
    private Path folder;

    @Test
    void noColumnHasANameThatIcebergKeepsForItself() {
        for (Dataset dataset : Datasets.all()) {
            assertThat(IcebergSchema.schema(dataset).columns())
                    .extracting(Types.NestedField::name)
                    .as(dataset.name())
                    .noneMatch(MetadataColumns::isMetadataColumn)
                    .doesNotHaveDuplicates();
        }
    }

    @Test
    void aTableWithSuchANameIsReadAndGetsAnotherOne() throws Exception {
        say("one");
        List<String> before = Queries.values(folder, ROWS);
        try (Lake lake = Lake.open(new Cache(folder))) {
            nameAsBefore(lake.table(Messages.DATASET).orElseThrow());
        }
        assertThat(Queries.values(folder, ROWS)).isEqualTo(before).hasSize(2);

        say("two");

        assertThat(names()).contains("row_id").doesNotContain(Dataset.ROW_ID);
        assertThat(Queries.values(folder, ROWS)).hasSize(4).containsAll(before);
    }

    @Test
    void aFileOfAnotherEngineIsReadByTheIdsOfItsColumns() throws Exception {
        say("one");
        List<String> before = Queries.values(folder, ROWS);
        try (Lake lake = Lake.open(new Cache(folder));
                Engine engine = Engine.open(1 << 28, 1, folder)) {
            LakeTable table = lake.table(Messages.DATASET).orElseThrow();
            LiveFile file = table.files().getFirst();
            Path copy = file.path().resolveSibling("other.parquet");
            String ids = table.table().schema().columns().stream()
                    .map(field -> "\"" + field.name() + "\": " + field.fieldId())
                    .reduce((a, b) -> a + ", " + b)
                    .orElseThrow();
            engine.execute("COPY (SELECT * RENAME (_row_id AS row_id) FROM read_parquet("
                    + Engine.literal(file.path().toString()) + ")) TO " + Engine.literal(copy.toString())
                    + " (FORMAT parquet, FIELD_IDS {" + ids + "})");
            Table raw = table.table();
            raw.newRewrite()
                    .deleteFile(file.file())
                    .addFile(DataFiles.builder(raw.spec())
                            .copy(file.file())
                            .withPath(copy.toUri().toString())
                            .withFileSizeInBytes(Files.size(copy))
                            .build())
                    .commit();
        }

        assertThat(Queries.values(folder, ROWS)).isEqualTo(before);
        say("two");
        assertThat(Queries.values(folder, ROWS)).hasSize(4).containsAll(before);
    }

    private void say(String text) throws Exception {
        RecordedCalls calls = new RecordedCalls(folder);
        calls.call().session(text).messages(message("user", text)).answer("yes").record();
        calls.settle();
        new Flush(new Cache(folder), Configs.defaults().query().cache().maintenance(), _ -> {}).run();
    }

    /// Gives the table the name that an earlier program made tables with.
    static void nameAsBefore(LakeTable table) {
        table.table().updateSchema().renameColumn("row_id", Dataset.ROW_ID).commit();
    }

    private List<String> names() {
        try (Lake lake = Lake.open(new Cache(folder))) {
            return lake.table(Messages.DATASET).orElseThrow().table().schema().columns().stream()
                    .map(Types.NestedField::name)
                    .toList();
        }
    }
}
