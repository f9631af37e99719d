package io.hypaware.sink.rows;

import static io.hypaware.testing.RecordedCalls.message;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.hypaware.home.Cache;
import io.hypaware.home.Progress;
import io.hypaware.privacy.PrivacyList;
import io.hypaware.project.Messages;
import io.hypaware.query.QueryException;
import io.hypaware.query.RowExport;
import io.hypaware.query.RowExport.Format;
import io.hypaware.sink.iceberg.TableExport;
import io.hypaware.store.LocalFolder;
import io.hypaware.store.ObjectKey;
import io.hypaware.testing.RecordedCalls;
import io.hypaware.testing.Trees;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A dataset as a file or a folder, whole or not at all.
class DatasetExportTest {

    @TempDir
    private Path home;

    private Cache cache;
    private DatasetExport export;

    @BeforeEach
    void record() {
        cache = new Cache(home.resolve("cache"));
        RecordedCalls calls = new RecordedCalls(cache.folder());
        for (String session : new String[] {"one", "two"}) {
            calls.call()
                    .session(session)
                    .messages(message("user", "=formula of " + session))
                    .answer("answer")
                    .record();
        }
        calls.settle();
        export = new DatasetExport(cache, 192L << 20, Progress.NONE);
    }

    private static DatasetExport.Wanted wanted(Format format, String where) {
        return new DatasetExport.Wanted(
                Messages.DATASET,
                Optional.of(where).filter(text -> !text.isEmpty()),
                Optional.empty(),
                new RowExport.Form(format, format == Format.PARQUET ? "zstd" : "none"));
    }

    @Test
    void someRowsGoToAFileOnce() throws Exception {
        Path file = home.resolve("some.csv");
        var some = wanted(Format.CSV, "session_id = 'one' -- and so on");
        assertThat(export.toFile(some, file, false).rows()).isEqualTo(2);
        assertThat(Files.readString(file))
                .contains("'=formula of one")
                .doesNotContain("of two")
                .startsWith("gateway_id,");
        assertThatThrownBy(() -> export.toFile(some, file, false)).hasMessageContaining("--force");
        assertThat(export.toFile(wanted(Format.CSV, ""), file, true).rows()).isEqualTo(4);
        assertThat(Trees.files(home).keySet()).noneMatch(name -> name.contains(".hyp-export"));
    }

    @Test
    void aFolderHasOneForEachDay() throws Exception {
        Path into = home.resolve("out");
        assertThat(export.toFolder(wanted(Format.JSONL, ""), into, false).files())
                .isEqualTo(1);
        assertThat(export.toFolder(wanted(Format.PARQUET, ""), into, true).rows())
                .isEqualTo(4);
        assertThat(Trees.files(into).keySet())
                .singleElement()
                .asString()
                .matches("ai_gateway_messages/date=\\d{4}-\\d\\d-\\d\\d/rows.parquet");
    }

    /// A folder that a sink fills, or somebody else, has what no export can write again.
    @Test
    void whatNoExportWroteIsNeverReplaced() throws Exception {
        for (String name : new String[] {
            "notes.txt",
            "date=2026-03-01/0969c24342-000000000001-000000000017.parquet",
            "_batches/a-00000001.parquet.json"
        }) {
            Path into = Files.createTempDirectory(home, "out");
            Path theirs = into.resolve("ai_gateway_messages").resolve(name);
            Files.createDirectories(theirs.getParent());
            Files.writeString(theirs, "theirs");
            assertThatThrownBy(() -> export.toFolder(wanted(Format.PARQUET, ""), into, true))
                    .isInstanceOf(QueryException.class)
                    .hasMessageContaining("no export wrote")
                    .hasMessageContaining(name);
            try (LocalFolder to = new LocalFolder(into, Clock.systemUTC())) {
                ObjectKey folder = ObjectKey.of("ai_gateway_messages");
                assertThatThrownBy(() -> export.toFolder(wanted(Format.PARQUET, ""), to, folder, true))
                        .hasMessageContaining("no export wrote");
                TableExport tables = new TableExport(cache, 192L << 20, Progress.NONE);
                assertThatThrownBy(() -> tables.write(wanted(Format.PARQUET, ""), to, folder, true))
                        .hasMessageContaining("no export wrote");
            }
            assertThat(Trees.files(into)).hasSize(1);
        }
    }

    @Test
    void whatStaysOnThisMachineDoesNotGo() throws Exception {
        PrivacyList.update(cache.privacyList(), list -> list.withSession("two", Instant.EPOCH));
        Path file = home.resolve("some.jsonl");
        DatasetExport.Result result = export.toFile(wanted(Format.JSONL, ""), file, false);
        assertThat(result.withheld()).isEqualTo(1);
        assertThat(Files.readString(file)).contains("of one").doesNotContain("of two");
    }

    /// A condition is part of a query, and nothing but that.
    @Test
    void aConditionReadsNoFiles() {
        Path file = home.resolve("some.jsonl");
        for (String where : new String[] {
            "true) union all select * from read_text('/etc/passwd') where (true",
            "true); drop table batch; select (1",
            "nonsense ="
        }) {
            assertThatThrownBy(() -> export.toFile(wanted(Format.JSONL, where), file, false))
                    .isInstanceOf(QueryException.class);
        }
        assertThat(file).doesNotExist();
    }

    @Test
    void noRowsAreAFileWithoutRows() throws Exception {
        Path file = home.resolve("none.parquet");
        assertThat(export.toFile(wanted(Format.PARQUET, "false"), file, false).rows())
                .isZero();
        assertThat(file).isNotEmptyFile();
    }
}
