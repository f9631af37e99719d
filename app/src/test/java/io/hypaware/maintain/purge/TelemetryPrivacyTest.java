package io.hypaware.maintain.purge;

import static io.hypaware.testing.SentTelemetry.PROTOBUF;
import static io.hypaware.testing.SentTelemetry.gzip;
import static io.hypaware.testing.SentTelemetry.log;
import static io.hypaware.testing.SentTelemetry.logs;
import static io.hypaware.testing.SentTelemetry.spans;
import static io.hypaware.testing.SentTelemetry.text;
import static org.assertj.core.api.Assertions.assertThat;

import io.hypaware.home.Cache;
import io.hypaware.journal.TelemetryRequest.Signal;
import io.hypaware.maintain.Flush;
import io.hypaware.maintain.Writing;
import io.hypaware.privacy.Mark;
import io.hypaware.privacy.PrivacyClass;
import io.hypaware.privacy.PrivacyList;
import io.hypaware.privacy.PrivacyRules;
import io.hypaware.query.QuerySession;
import io.hypaware.query.Scope;
import io.hypaware.read.LocalSessions;
import io.hypaware.read.Recorded;
import io.hypaware.testing.Configs;
import io.hypaware.testing.RecordedCalls;
import io.hypaware.testing.ReportingClient;
import io.hypaware.testing.SentTelemetry;
import io.opentelemetry.proto.logs.v1.LogRecord;
import io.opentelemetry.proto.trace.v1.Span;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Telemetry follows what the user has said of sessions, agents and folders, as calls do.
class TelemetryPrivacyTest {

    private static final long MEMORY_BYTES = 200_000_000;

    @TempDir
    private Path home;

    private SentTelemetry sent;
    private PurgeHome purges;
    private Cache cache;

    @BeforeEach
    void folders() {
        purges = PurgeHome.at(home);
        cache = new Cache(purges.cache());
        sent = new SentTelemetry(purges.cache());
    }

    private List<String> seen() throws Exception {
        return sent.values("select body ->> '$' from logs union all select name from traces order by 1");
    }

    private void mark(Mark mark) throws Exception {
        PrivacyList.update(cache.privacyList(), list -> list.with(mark));
    }

    @Test
    void whatAnIgnoredSessionOrAgentSendsIsNoRow() throws Exception {
        PrivacyList.update(cache.privacyList(), list -> list.withSession("hushed", Instant.EPOCH));
        mark(new Mark(Optional.empty(), Optional.of("shop"), PrivacyClass.IGNORE));
        sent.send(logs(
                log("unheard words").addAttributes(text("session.id", "hushed")),
                log("of the agent").addAttributes(text("session.id", "open"))));
        assertThat(seen()).isEmpty();
        assertThat(DiskGrep.of(home).find(List.of("unheard words", "of the agent")))
                .isEmpty();
        assertThat(sent.left()).isEqualTo("0 pending, 0 failed");
    }

    @Test
    void whatAHookSaysOfASessionsFolderCounts() throws Exception {
        Path work = Files.createDirectories(home.toRealPath().resolve("work"));
        mark(new Mark(Optional.of(work), Optional.empty(), PrivacyClass.IGNORE));
        sent.send(logs(log("early words").addAttributes(text("session.id", "working"))));
        // Its folder is not known yet, but it was received long ago.
        assertThat(seen()).containsExactly("early words");
        Files.createDirectories(cache.sessionHooks().resolveSibling(""));
        Files.writeString(
                cache.sessionHooks(),
                "1\t%d\tSessionStart\tworking\t\t%s\t\t\t\t\t\n"
                        .formatted(Instant.parse("2026-03-01T10:00:00Z").getEpochSecond(), work));
        sent.sendAt(Instant.now(), logs(log("waiting words").addAttributes(text("session.id", "unknown"))));
        sent.send(logs(log("later words").addAttributes(text("session.id", "working"))));
        assertThat(sent.values("select body ->> '$' from logs")).doesNotContain("later words", "waiting words");
        assertThat(sent.left()).isEqualTo("1 pending, 0 failed");
        // What was recorded before is about to go.
        purges.purge(_ -> {}).run(Writing.whole("gw"));
        assertThat(seen()).isEmpty();
        assertThat(DiskGrep.of(home).find(List.of("early words", "later words")))
                .isEmpty();
    }

    @Test
    void aPurgeReachesRowsAndWhatWasSetAside() throws Exception {
        sendTwo();
        sent.settle();
        new Flush(cache, Configs.defaults().query().cache().maintenance(), _ -> {}).run();
        sent.send(spans(Span.newBuilder().setName("hot going").addAttributes(text("gen_ai.conversation.id", "goes"))));
        byte[] whole = logs(log("aside going").addAttributes(text("session.id", "goes")))
                .toByteArray();
        sent.send(Signal.LOGS, PROTOBUF, "gzip", gzip(broken("aside going", "goes")));
        byte[] other = logs(log("aside staying").addAttributes(text("session.id", "stays")))
                .toByteArray();
        sent.send(Signal.LOGS, PROTOBUF, "gzip", gzip(broken("aside staying", "stays")));
        assertThat(seen()).containsExactly("going", "hot going", "staying");
        assertThat(sent.left()).isEqualTo("0 pending, 2 failed");

        purges.purge(new Selection.Session("goes"));
        assertThat(seen()).containsExactly("staying");
        assertThat(sent.left()).isEqualTo("0 pending, 1 failed");
        assertThat(DiskGrep.of(home).find(List.of("going"))).isEmpty();

        purges.purge(new Selection.Before(Instant.parse("2026-04-01T00:00:00Z")));
        assertThat(seen()).isEmpty();
        assertThat(sent.left()).isEqualTo("0 pending, 0 failed");
    }

    @Tag("slow")
    @Test
    void aPlanCountsWhatWaitsWasSetAsideAndIsReportedOnlyOfWhatGoes() throws Exception {
        sent.send(Signal.LOGS, PROTOBUF, "gzip", gzip(broken("aside going", "aside-goes")));
        sent.send(Signal.LOGS, PROTOBUF, "", broken("aside staying", "stays"));
        assertThat(planned("aside-goes").waiting()).isEqualTo(1);
        assertThat(planned("aside-goes").isEmpty()).isFalse();
        assertThat(planned("never-was").isEmpty()).isTrue();

        ReportingClient reporting = new ReportingClient(cache, "reported-goes", Instant.now());
        reporting.request(reporting.body(RecordedCalls.message("user", "of a file")));
        reporting.lose();
        assertThat(planned("reported-goes").waiting()).isEqualTo(1);
        assertThat(purges.purge(_ -> {})
                        .plan(new Selection.All(), Writing.whole("gw"))
                        .waiting())
                .isEqualTo(3);
    }

    private PurgePlan planned(String session) throws Exception {
        return purges.purge(_ -> {}).plan(new Selection.Session(session), Writing.whole("gw"));
    }

    /// A request that nothing is read of: behind its end another field begins. What follows the session's name looks
    /// like a part of it.
    private static byte[] broken(String body, String session) {
        byte[] whole = logs(log(body).addAttributes(text("session.id", session)).addAttributes(text("a", "b")))
                .toByteArray();
        byte[] broken = Arrays.copyOf(whole, whole.length + 1);
        broken[whole.length] = 0x0a;
        return broken;
    }

    @Tag("slow")
    @Test
    void whatAnExpressionMatchesGoesWhereverItStands() throws Exception {
        sendTwo();
        sent.send(logs(log("x".repeat(3_000) + " going at length")));
        sent.settle();
        new Flush(cache, Configs.defaults().query().cache().maintenance(), _ -> {}).run();
        purges.purge(new Selection.Matching("going"));
        assertThat(seen()).containsExactly("staying");
        assertThat(DiskGrep.of(home).find(List.of("going"))).isEmpty();
    }

    private void sendTwo() {
        sent.send(logs(
                log("going").addAttributes(text("session.id", "goes")),
                log("staying").addAttributes(text("session.id", "stays"))));
    }

    @Test
    void whatStaysOnTheMachineIsNotTold() throws Exception {
        sendTwo();
        sent.send(logs(log("of no session")));
        sent.settle();
        assertThat(new LocalSessions(new Recorded(cache, MEMORY_BYTES), PrivacyRules.of(cache.privacyList())).find())
                .isEmpty();
        mark(new Mark(Optional.of(Path.of("/work/private")), Optional.empty(), PrivacyClass.LOCAL_ONLY));
        // Of neither it can be told where it worked.
        assertThat(new LocalSessions(new Recorded(cache, MEMORY_BYTES), PrivacyRules.of(cache.privacyList())).find())
                .containsExactlyInAnyOrder("goes", "stays");

        List<String> told = new ArrayList<>();
        Scope scope = new Scope(Optional.empty(), java.util.Set.of("goes"), true);
        try (QuerySession session = QuerySession.open(cache, MEMORY_BYTES, "select body ->> '$' from logs", scope)) {
            session.run(result -> {
                while (result.next()) {
                    told.add(result.getString(1));
                }
            });
        }
        assertThat(told).containsExactly("staying");
    }

    @Test
    void aReportedCallThatWaitsForItsOtherHalfGoesWithItsFiles() throws Exception {
        ReportingClient gone = new ReportingClient(cache, "reported-gone", Instant.now());
        gone.request(gone.body(RecordedCalls.message("user", "words that are taken back")));
        gone.export();
        ReportingClient lost = new ReportingClient(cache, "reported-gone", Instant.now());
        lost.request(lost.body(RecordedCalls.message("user", "more that is taken back")));
        lost.lose();
        ReportingClient kept = new ReportingClient(cache, "reported-kept", Instant.now());
        kept.request(kept.body(RecordedCalls.message("user", "words that stay")));
        kept.export();
        purges.purge(new Selection.Session("reported-gone"));
        assertThat(DiskGrep.of(home).find(List.of("words that are taken back", "more that is taken back")))
                .isEmpty();
        assertThat(DiskGrep.of(home).find(List.of("words that stay"))).isNotEmpty();
    }

    @Test
    void aPurgeLeavesWhatOthersSentInTheSameRequest() throws Exception {
        List<LogRecord.Builder> all = List.of(
                log("of the one that goes").addAttributes(text("session.id", "gone-1")),
                log("of another session").addAttributes(text("session.id", "stay-1")),
                log("more of the one that goes").addAttributes(text("session.id", "gone-1")),
                log("of no session"));
        sent.send(
                Signal.LOGS,
                PROTOBUF,
                "gzip",
                gzip(logs(all.toArray(LogRecord.Builder[]::new)).toByteArray()));
        sent.sendJson(Signal.TRACES, """
                {"resourceSpans":[{"scopeSpans":[{"spans":[
                  {"name":"goes","attributes":[{"key":"session.id","value":{"stringValue":"gone-1"}}]},
                  {"name":"stays","attributes":[{"key":"session.id","value":{"stringValue":"stay-1"}}]}]}]},
                 {"resource":{"attributes":[{"key":"session.id","value":{"stringValue":"gone-1"}}]},
                  "scopeSpans":[{"spans":[{"name":"goes, as its resource does"}]}]}]}""");

        purges.purge(new Selection.Session("gone-1"));

        assertThat(DiskGrep.of(home).find(List.of("of the one that goes", "goes, as its resource does")))
                .isEmpty();
        assertThat(seen()).containsExactly("of another session", "of no session", "stays");
        assertThat(sent.left()).isEqualTo("0 pending, 0 failed");
    }

    @Test
    void recordsThatAreRowsAlreadyAreInNoRestOfTheirRequest() throws Exception {
        mark(new Mark(Optional.of(home.resolve("elsewhere")), Optional.empty(), PrivacyClass.IGNORE));
        sent.sendAt(
                Instant.now(),
                logs(
                        log("of no session"),
                        log("of one that waits").addAttributes(text("session.id", "stay-1")),
                        log("of the one that goes").addAttributes(text("session.id", "gone-1"))));
        assertThat(seen()).containsExactly("of no session");
        assertThat(sent.left()).isEqualTo("1 pending, 0 failed");

        purges.purge(new Selection.Session("gone-1"));
        PrivacyList.update(
                cache.privacyList(),
                list -> list.without(
                        new Mark(Optional.of(home.resolve("elsewhere")), Optional.empty(), PrivacyClass.IGNORE)));
        assertThat(seen()).containsExactly("of no session", "of one that waits");
    }

    @Test
    void anAnswerThatNamesNoSessionGoesWithItsRequest() throws Exception {
        ReportingClient waiting =
                new ReportingClient(cache, "gone-1", Instant.now().minusSeconds(60));
        waiting.request(waiting.body(RecordedCalls.message("user", "asked, and told by what waits")));
        waiting.later(40)
                .answered("req_1", 38, ReportingClient.message("msg_1", RecordedCalls.textBlock("answer one")));
        waiting.post();
        ReportingClient lost =
                new ReportingClient(cache, "gone-1", Instant.now().minusSeconds(40));
        lost.request(lost.body(RecordedCalls.message("user", "asked, and never told")));
        lost.later(40).answered("req_2", 38, ReportingClient.message("msg_2", RecordedCalls.textBlock("answer two")));
        lost.lose();
        ReportingClient other =
                new ReportingClient(cache, "stay-1", Instant.now().minusSeconds(20));
        other.request(other.body(RecordedCalls.message("user", "asked by another")));
        other.later(40)
                .answered("req_3", 38, ReportingClient.message("msg_3", RecordedCalls.textBlock("answer three")));
        other.post();

        purges.purge(new Selection.Session("gone-1"));

        assertThat(DiskGrep.of(home).find(List.of("answer one", "answer two"))).isEmpty();
        assertThat(DiskGrep.of(home).find(List.of("answer three"))).isNotEmpty();
    }
}
