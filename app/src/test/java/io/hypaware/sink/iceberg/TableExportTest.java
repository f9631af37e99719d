package io.hypaware.sink.iceberg;

import static io.hypaware.testing.RecordedCalls.message;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.hypaware.config.S3Config;
import io.hypaware.home.Cache;
import io.hypaware.home.Progress;
import io.hypaware.lake.stored.TableCommits;
import io.hypaware.maintain.Maintenance;
import io.hypaware.maintain.Writing;
import io.hypaware.privacy.PrivacyList;
import io.hypaware.project.Messages;
import io.hypaware.query.QueryException;
import io.hypaware.query.RowExport;
import io.hypaware.sink.rows.DatasetExport;
import io.hypaware.store.Content;
import io.hypaware.store.Destination;
import io.hypaware.store.LocalFolder;
import io.hypaware.store.ObjectKey;
import io.hypaware.store.S3Bucket;
import io.hypaware.store.StoreException;
import io.hypaware.testing.Configs;
import io.hypaware.testing.ExportedTables;
import io.hypaware.testing.FaultyProxy;
import io.hypaware.testing.FaultyProxy.Fate;
import io.hypaware.testing.OlderHome;
import io.hypaware.testing.Queries;
import io.hypaware.testing.RecordedCalls;
import io.hypaware.testing.S3Server;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A dataset as a table, and as files in a bucket: all rows, adopted ones too, or none.
class TableExportTest {

    private static final Clock CLOCK = Clock.fixed(Instant.parse("2026-06-20T00:00:00Z"), ZoneOffset.UTC);

    private static final ObjectKey TABLE = ObjectKey.of("iceberg", "datasets", "ai_gateway_messages");

    private static final String FIELDS =
            "md5(concat_ws('|', part_id, message_created_at, session_id, content_text, tools, attributes))";

    @TempDir
    private Path home;

    private Cache cache;
    private LocalFolder folder;
    private TableExport export;

    @BeforeEach
    void record() throws Exception {
        cache = new Cache(OlderHome.copyTo(home, Instant.parse("2026-11-01T00:00:00Z"), OlderHome.Days.NINETEEN));
        new Maintenance(cache, Configs.defaults().query().cache(), Writing.whole("gw"), CLOCK, Progress.NONE)
                .run(Maintenance.Options.background(Duration.ofMinutes(5)), Duration.ZERO);
        say("one");
        folder = new LocalFolder(home.resolve("out"), CLOCK);
        export = new TableExport(cache, 192L << 20, Progress.NONE);
    }

    private void say(String session) {
        RecordedCalls calls = new RecordedCalls(cache.folder());
        calls.call()
                .session(session)
                .messages(message("user", "question " + session), message("user", "large text ".repeat(400)))
                .answer("answer")
                .record();
        calls.settle();
    }

    private static DatasetExport.Wanted wanted(String where) {
        return new DatasetExport.Wanted(
                Messages.DATASET,
                Optional.of(where).filter(text -> !text.isEmpty()),
                Optional.empty(),
                new RowExport.Form(RowExport.Format.PARQUET, "zstd"));
    }

    private List<String> recorded() throws Exception {
        return Queries.values(cache.folder(), "select " + FIELDS + " from ai_gateway_messages order by 1");
    }

    private List<String> exported(Destination from) throws Exception {
        return ExportedTables.read(from, "ai_gateway_messages", home, "select " + FIELDS, "order by 1");
    }

    private static TableCommits commits(Destination at) {
        return new TableCommits(at, TABLE, _ -> {});
    }

    @Test
    void aTableHasAllRowsFromItsFirstVersionOn() throws Exception {
        DatasetExport.Result result = export.write(wanted(""), folder, TABLE, false);
        assertThat(exported(folder)).isEqualTo(recorded()).hasSize((int) result.rows());
        assertThat(commits(folder).current().metadataFileLocation()).endsWith("/v1.metadata.json");
        List<Destination.StoredFile> before = folder.list(TABLE);
        assertThatThrownBy(() -> export.write(wanted(""), folder, TABLE, false))
                .isInstanceOf(QueryException.class)
                .hasMessageContaining("there are files already")
                .hasMessageContaining("--force");
        assertThat(folder.list(TABLE)).isEqualTo(before);

        say("two");
        export.write(wanted(""), folder, TABLE, true);
        assertThat(exported(folder)).isEqualTo(recorded());
        assertThat(commits(folder).current().snapshots()).hasSize(2);
        assertThat(export.write(wanted("session_id = 'two'"), folder, TABLE, true)
                        .rows())
                .isEqualTo(3);
        assertThat(exported(folder)).hasSize(3);
    }

    @Tag("slow")
    @Test
    void noRowsAreATableWithoutRows() throws Exception {
        assertThat(export.write(wanted("false"), folder, TABLE, false).rows()).isZero();
        assertThat(commits(folder).current().schema().findField("content_text")).isNotNull();
    }

    @Test
    void whatStaysOnThisMachineDoesNotGo() throws Exception {
        PrivacyList.update(cache.privacyList(), list -> list.withSession("one", Instant.EPOCH));
        assertThat(export.write(wanted(""), folder, TABLE, false).withheld()).isEqualTo(1);
        assertThat(exported(folder)).isNotEmpty().hasSizeLessThan(recorded().size());
    }

    @Test
    void aTableOfAnotherKindStaysWhateverIsSaid() throws Exception {
        folder.put(TABLE.child("metadata/00001-abc.metadata.json"), Content.of("{}"));
        assertThatThrownBy(() -> export.write(wanted(""), folder, TABLE, true)).hasMessageContaining("stays as it is");
        assertThat(folder.list(TABLE)).hasSize(1);
    }

    @Tag("slow")
    @Test
    void filesOfAnExportThatDiedGoWhenTheyAreReplaced() throws Exception {
        folder.put(TABLE.child("data/day=2026-03-01/export.x.parquet"), Content.of("PAR1"));
        assertThatThrownBy(() -> export.write(wanted(""), folder, TABLE, false)).hasMessageContaining("--force");
        export.write(wanted(""), folder, TABLE, true);
        assertThat(exported(folder)).isEqualTo(recorded());
        assertThat(folder.stat(TABLE.child("data/day=2026-03-01/export.x.parquet")))
                .isEmpty();
    }

    @Tag("slow")
    @Test
    void inABucketToo() throws Exception {
        S3Server.useCredentials();
        S3Server server = S3Server.get();
        S3Config config = S3Server.config(server.bucket(), "", server.port());
        try (S3Bucket bucket = S3Bucket.open(config)) {
            export.write(wanted(""), bucket, TABLE, false);
            assertThat(exported(bucket)).isEqualTo(recorded());
            assertThatThrownBy(() -> export.write(wanted(""), bucket, TABLE, false))
                    .hasMessageContaining("--force");
            assertFilesAreWhole(bucket, server.files(config.bucket()));
        }
    }

    private void assertFilesAreWhole(S3Bucket bucket, Path root) throws Exception {
        DatasetExport files = new DatasetExport(cache, 192L << 20, Progress.NONE);
        ObjectKey days = ObjectKey.of("desk", "ai_gateway_messages");
        files.toFolder(wanted(""), bucket, days, false);
        assertThat(ExportedTables.rows("'" + root + "/desk/*/*/*.parquet'", "select " + FIELDS, "order by 1"))
                .isEqualTo(recorded());
        assertThatThrownBy(() -> files.toFolder(wanted(""), bucket, days, false))
                .hasMessageContaining("--force");
        files.toFile(wanted("_seq < 0"), bucket, ObjectKey.of("adopted.parquet"), false);
        assertThat(ExportedTables.rows("'" + root + "/adopted.parquet'", "select count(*)", ""))
                .isEqualTo(Queries.values(cache.folder(), "select count(*) from ai_gateway_messages where _seq < 0"));
    }

    /// A network that fails in the middle leaves nothing, and no table.
    @Tag("slow")
    @Test
    void whatFailsLeavesNoTable() throws Exception {
        S3Server.useCredentials();
        S3Server server = S3Server.get();
        String name = server.bucket();
        AtomicInteger puts = new AtomicInteger();
        try (FaultyProxy proxy = new FaultyProxy(
                        server.port(),
                        line -> line.startsWith("PUT ") && puts.incrementAndGet() > 4
                                ? new Fate.Answered(403, "", "<Error><Code>AccessDenied</Code></Error>")
                                : new Fate.Passed());
                S3Bucket troubled = S3Bucket.open(S3Server.config(name, "", proxy.port()));
                S3Bucket bucket = S3Bucket.open(S3Server.config(name, "", server.port()))) {
            assertThatThrownBy(() -> export.write(wanted(""), troubled, TABLE, false))
                    .isInstanceOf(StoreException.class)
                    .hasMessageStartingWith("s3_access_denied");
            assertThat(bucket.list(TABLE)).isEmpty();
            export.write(wanted(""), bucket, TABLE, false);
            assertThat(exported(bucket)).isEqualTo(recorded());
        }
    }
}
