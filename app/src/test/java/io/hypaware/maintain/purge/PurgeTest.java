package io.hypaware.maintain.purge;

import static io.hypaware.testing.RecordedCalls.message;
import static org.assertj.core.api.Assertions.assertThat;

import io.hypaware.engine.Engine;
import io.hypaware.home.Cache;
import io.hypaware.lake.ForeignDeletes;
import io.hypaware.maintain.CacheCheck;
import io.hypaware.maintain.Writing;
import io.hypaware.project.Messages;
import io.hypaware.search.PartSearch;
import io.hypaware.search.Search;
import io.hypaware.testing.Queries;
import io.hypaware.testing.RecordedCalls;
import io.hypaware.testing.Trees;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// What is purged is on no byte of the disk, and nothing else changes.
@Timeout(value = 5, unit = TimeUnit.MINUTES)
class PurgeTest {

    @TempDir
    private Path home;

    @Tag("slow")
    @Test
    void oneSessionOfFiftyGoesAndTheOthersStayAsTheyWere() throws Exception {
        PurgeHome sessions = PurgeHome.in(home, 50);
        PurgeHome.Kept before = sessions.kept(7);
        assertThat(DiskGrep.of(home).find(PurgeHome.secrets(7))).isNotEmpty();

        sessions.purge(new Selection.Session(PurgeHome.session(7)));

        assertThat(DiskGrep.of(home).find(PurgeHome.secrets(7))).isEmpty();
        assertThat(sessions.kept(7)).isEqualTo(before);
        assertThat(Queries.values(
                        sessions.cache(),
                        "select count(*) from exchanges where session_id = '" + PurgeHome.session(7) + "'"))
                .containsExactly("0");
        assertThat(CacheCheck.run(new Cache(sessions.cache()), false).findings())
                .isEmpty();
    }

    @Test
    void whatWaitsForTheLakeGoesToo() throws Exception {
        PurgeHome sessions = PurgeHome.hot(home, 5);
        PurgeHome.Kept before = sessions.kept(2);

        sessions.purge(new Selection.Session(PurgeHome.session(2)));

        assertThat(DiskGrep.of(home).find(PurgeHome.secrets(2))).isEmpty();
        assertThat(sessions.kept(2)).isEqualTo(before);
    }

    /// Rows that another engine has deleted may stand in a file for long, where no query sees them.
    @Tag("slow")
    @Test
    void whatAnotherEngineHasDeletedGoesToo() throws Exception {
        PurgeHome sessions = PurgeHome.in(home, 8);
        PurgeHome.Kept before = sessions.kept(2);
        ForeignDeletes.delete(
                new Cache(sessions.cache()), Messages.DATASET, "session_id = '" + PurgeHome.session(2) + "'");

        sessions.purge(new Selection.Session(PurgeHome.session(2)));

        assertThat(DiskGrep.of(home).find(PurgeHome.secrets(2))).isEmpty();
        assertThat(sessions.kept(2)).isEqualTo(before);
    }

    @Tag("slow")
    @Test
    void everySessionThatWorkedInAFolderGoes() throws Exception {
        PurgeHome sessions = PurgeHome.in(home, 6);
        PurgeHome.Kept before = sessions.kept(3);

        sessions.purge(new Selection.Folder(List.of(Path.of("/work/project-3"))));

        assertThat(DiskGrep.of(home).find(PurgeHome.secrets(3))).isEmpty();
        assertThat(sessions.kept(3)).isEqualTo(before);
    }

    @Tag("slow")
    @Test
    void whatIsFromBeforeADayGoes() throws Exception {
        PurgeHome sessions = PurgeHome.in(home, 6);

        sessions.purge(new Selection.Before(PurgeHome.dayOf(3)));

        assertThat(DiskGrep.of(home).find(PurgeHome.secrets(0))).isEmpty();
        assertThat(DiskGrep.of(home).find(PurgeHome.secrets(2))).isEmpty();
        assertThat(Queries.values(sessions.cache(), "select distinct session_id from exchanges order by 1"))
                .containsExactly(PurgeHome.session(3), PurgeHome.session(4));
        assertThat(CacheCheck.run(new Cache(sessions.cache()), false).findings())
                .isEmpty();
    }

    @Tag("slow")
    @Test
    void whatAnExpressionMatchesGoesWithTheCallsThatRepeatIt() throws Exception {
        PurgeHome sessions = PurgeHome.in(home, 6);
        PurgeHome.Kept before = sessions.kept(4);

        sessions.purge(new Selection.Matching("answer-secret-4-[0-9a-f]{20}"));

        assertThat(DiskGrep.of(home).find(List.of(PurgeHome.answerSecret(4)))).isEmpty();
        assertThat(sessions.kept(4)).isEqualTo(before);
        assertThat(Queries.values(
                        sessions.cache(),
                        "select count(*) > 0 from ai_gateway_messages where session_id = '" + PurgeHome.session(4)
                                + "'"))
                .containsExactly("true");
    }

    @Tag("slow")
    @Test
    void everythingGoes() throws Exception {
        PurgeHome sessions = PurgeHome.in(home, 4);

        sessions.purge(new Selection.All());

        for (int i = 0; i < 4; i++) {
            assertThat(DiskGrep.of(home).find(PurgeHome.secrets(i))).isEmpty();
        }
        assertThat(DiskGrep.of(home).find(List.of(PurgeHome.SHARED_MARK))).isEmpty();
        assertThat(Queries.values(sessions.cache(), "select count(*) from payloads"))
                .containsExactly("0");
        sessions.record(9);
        assertThat(Queries.values(sessions.cache(), "select count(*) from exchanges where request_body is not null"))
                .containsExactly("3");
    }

    /// A session that is purged may begin again, from nothing.
    @Test
    void aPurgedSessionThatGoesOnIsRecordedWhole() throws Exception {
        PurgeHome sessions = PurgeHome.in(home, 3);
        List<String> first = sessions.rowsOf(1);

        sessions.purge(new Selection.Session(PurgeHome.session(1)));
        sessions.record(1);

        assertThat(sessions.rowsOf(1)).hasSameSizeAs(first);
        assertThat(CacheCheck.run(new Cache(sessions.cache()), false).findings())
                .isEmpty();
    }

    @Test
    void theProofFindsWhatIsLeft() throws Exception {
        PurgeHome sessions = PurgeHome.in(home, 6);
        Purge purge = sessions.purge(_ -> {});
        Selection selection = new Selection.Session(PurgeHome.session(2));
        AtomicReference<Purge.Sample> sample = new AtomicReference<>();
        PurgePlan plan = purge.plan(selection, Writing.whole("gw"), sample::set);
        assertThat(plan.sessions()).containsExactly(PurgeHome.session(2));
        assertThat(plan.exchanges()).isEqualTo(3);
        assertThat(plan.shared()).isPositive();

        PurgeProof before = purge.verify(selection, sample.get());
        assertThat(before.isClean()).isFalse();
        assertThat(before.unread().toString()).contains("rows of ai_gateway_messages are left");

        purge.order(selection);
        PurgeResult result = purge.run(Writing.whole("gw")).getFirst();
        assertThat(result.exchanges()).isEqualTo(3);
        assertThat(result.rows()).isEqualTo(plan.rows());
        PurgeProof after = purge.verify(selection, sample.get());
        assertThat(after.places()).isEmpty();
        assertThat(after.unread()).isEmpty();
        assertThat(after.pieces() - after.shared()).isGreaterThan(20);

        // Wherever a piece is put, it is found there.
        String piece = PurgeHome.answerSecret(2);
        Path cache = sessions.cache();
        Files.writeString(home.resolve("hypaware/logs/worker.1.log"), "a line with " + piece);
        try (var gzip = new GZIPOutputStream(Files.newOutputStream(home.resolve("hypaware/logs/old.gz")))) {
            gzip.write(("packed " + piece).getBytes(StandardCharsets.UTF_8));
        }
        try (Engine engine = Engine.open(64L << 20, 1, new Cache(cache).spill())) {
            engine.execute("COPY (SELECT '" + piece + "' AS a, range AS b FROM range(5000)) TO '"
                    + cache.resolve("tables/left.parquet") + "' (FORMAT parquet, COMPRESSION zstd)");
            engine.execute("COPY (SELECT '" + piece + "' AS a, range AS b FROM range(5000)) TO '"
                    + cache.resolve("tables/snappy.parquet") + "' (FORMAT parquet, COMPRESSION snappy)");
        }
        PurgeProof found = purge.find(List.of(piece));
        assertThat(found.places().keySet())
                .contains(
                        "hypaware/logs/worker.1.log (bytes)",
                        "hypaware/logs/old.gz (unpacked)",
                        "hypaware/cache/tables/left.parquet (unpacked)",
                        "hypaware/cache/tables/left.parquet (rows)",
                        "hypaware/cache/tables/snappy.parquet (rows)");
        assertThat(purge.find(List.of("nowhere-at-all-is-this")).places()).isEmpty();
    }

    /// Others go on meanwhile; a call of the purged session that comes in between is there whole, or not at all.
    @Test
    void callsThatAreMadeMeanwhileStay() throws Exception {
        PurgeHome sessions = PurgeHome.in(home, 6);
        PurgeHome.Kept before = sessions.kept(2);
        AtomicBoolean over = new AtomicBoolean();
        List<String> others = new ArrayList<>();
        AtomicInteger own = new AtomicInteger();
        Thread recorder = Thread.ofPlatform().start(() -> {
            RecordedCalls calls = new RecordedCalls(sessions.cache());
            for (int i = 0; !over.get() && i < 2_000; i++) {
                boolean isOwn = i % 5 == 0;
                String id = calls.call()
                        .session(isOwn ? PurgeHome.session(2) : "meanwhile-" + i)
                        .messages(message("user", "said meanwhile " + i + " ".repeat(i % 3 * 900)))
                        .answer("answered meanwhile " + i)
                        .record();
                if (isOwn) {
                    own.incrementAndGet();
                } else {
                    others.add(id);
                }
            }
        });
        try {
            sessions.purge(new Selection.Session(PurgeHome.session(2)));
        } finally {
            over.set(true);
            recorder.join();
        }
        new RecordedCalls(sessions.cache()).settle();

        assertThat(others).hasSizeGreaterThan(20);
        assertThat(Queries.values(sessions.cache(), "select exchange_id from exchanges"))
                .doesNotHaveDuplicates()
                .containsAll(others);
        assertThat(Queries.values(
                        sessions.cache(),
                        "select count(*) from ai_gateway_messages where session_id like 'meanwhile-%'"))
                .containsExactly(Integer.toString(2 * others.size()));
        String ofOwn = " from exchanges where session_id = '" + PurgeHome.session(2) + "'";
        String left =
                Queries.values(sessions.cache(), "select count(*)" + ofOwn).getFirst();
        assertThat(Integer.parseInt(left)).isLessThanOrEqualTo(own.get());
        assertThat(Queries.values(sessions.cache(), "select count(*)" + ofOwn + " and request_body is not null"))
                .containsExactly(left);
        assertThat(Queries.values(
                        sessions.cache(),
                        "select count(*) from ai_gateway_messages where exchange_id in (select exchange_id" + ofOwn
                                + ") and role = 'assistant'"))
                .containsExactly(left);
        // What only the purged calls said is gone, whatever came later.
        assertThat(DiskGrep.of(home).find(List.of(PurgeHome.answerSecret(2)))).isEmpty();
        assertThat(sessions.kept(2).bodies()).containsAll(before.bodies());
        assertThat(CacheCheck.run(new Cache(sessions.cache()), false).findings())
                .isEmpty();
    }

    /// A long text stands in the index once a day, on the part that said it first.
    @Test
    void searchFindsStillWhatOthersSaidLater() throws Exception {
        String shared = "alphabravo charliedelta echofoxtrot ".repeat(20);
        RecordedCalls calls = new RecordedCalls(home.resolve("hypaware/cache"));
        for (String session : List.of("the-first", "the-second", "the-third")) {
            calls.call()
                    .session(session)
                    .messages(message("user", shared))
                    .answer("answerof" + session.replace("-", ""))
                    .record();
        }
        calls.settle();
        PurgeHome sessions = PurgeHome.at(home);
        sessions.flush();
        sessions.feed();
        assertThat(found(sessions, "charliedelta")).hasSize(1);

        sessions.purge(new Selection.Session("the-first"));

        // Nothing is fed in between: the index is as the purge left it.
        assertThat(found(sessions, "charliedelta")).hasSize(1);
        assertThat(found(sessions, "answerofthesecond")).containsExactly("the-second");
        assertThat(found(sessions, "answerofthefirst")).isEmpty();
        assertThat(Trees.files(sessions.cache().resolve("search"))).isNotEmpty();
        assertThat(DiskGrep.of(home).find(List.of("the-first", "answerofthefirst")))
                .isEmpty();
    }

    private static List<String> found(PurgeHome home, String word) throws Exception {
        try (PartSearch search = PartSearch.open(home.cache().resolve("search")).orElseThrow()) {
            return search.find(Search.of(word, 10)).stream()
                    .map(hit -> hit.conversation())
                    .toList();
        }
    }
}
