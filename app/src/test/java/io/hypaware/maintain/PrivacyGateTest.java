package io.hypaware.maintain;

import static io.hypaware.testing.RecordedCalls.message;
import static org.assertj.core.api.Assertions.assertThat;

import io.hypaware.home.Cache;
import io.hypaware.journal.Journal;
import io.hypaware.journal.SessionClasses;
import io.hypaware.privacy.Mark;
import io.hypaware.privacy.PrivacyClass;
import io.hypaware.privacy.PrivacyList;
import io.hypaware.project.ExchangeRow;
import io.hypaware.project.Projector;
import io.hypaware.testing.Configs;
import io.hypaware.testing.Queries;
import io.hypaware.testing.RecordedCalls;
import io.hypaware.testing.Trees;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Clock;
import java.time.Instant;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What is ignored is on no byte of the home; all else is recorded.
class PrivacyGateTest {

    private static final String UNHEARD = "the plan that nobody is to hear of";

    @TempDir
    private Path folder;

    private Path home;
    private Path work;
    private RecordedCalls calls;
    private Cache cache;

    @BeforeEach
    void folders() throws Exception {
        home = folder.resolve("home");
        work = Files.createDirectories(folder.toRealPath().resolve("work"));
        calls = new RecordedCalls(home.resolve("hypaware/cache"));
        cache = new Cache(calls.cache());
    }

    private RecordedCalls.Call call(String session, String text) {
        return calls.call().session(session).messages(message("user", text)).answer("About " + text);
    }

    private RecordedCalls.Call from(Path where, String session, String text) {
        return call(session, text).system("Primary working directory: " + where + "\n");
    }

    private void ignore(Path where) throws Exception {
        mark(new Mark(Optional.of(where), Optional.empty(), PrivacyClass.IGNORE));
    }

    private void mark(Mark mark) throws Exception {
        PrivacyList.update(cache.privacyList(), list -> list.with(mark));
    }

    private void hook(String session, Path where, Instant at) throws Exception {
        Files.createDirectories(cache.sessionHooks().resolveSibling(""));
        Files.writeString(
                cache.sessionHooks(),
                "1\t%d\tSessionStart\t%s\t\t%s\t\t\t\t\t\n".formatted(at.getEpochSecond(), session, where),
                StandardOpenOption.CREATE,
                StandardOpenOption.APPEND);
    }

    private void isNowhere(String text) throws Exception {
        assertThat(Trees.filesWith(home, text)).isEmpty();
    }

    @Test
    void whatIsSaidInAnIgnoredFolderIsNotRecorded() throws Exception {
        ignore(work);
        from(work.resolve("sub"), "s1", UNHEARD).record();
        from(folder, "s2", "hello").record();
        assertThat(calls.said()).containsExactly("user: hello", "assistant: About hello");
        assertThat(calls.rows(ExchangeRow.DATASET)).hasSize(1);
        isNowhere(UNHEARD);
    }

    @Test
    void anIgnoreFileDoesTheSame() throws Exception {
        Files.writeString(work.resolve(".hypignore"), "");
        from(work, "s1", UNHEARD).record();
        assertThat(calls.said()).isEmpty();
        isNowhere(UNHEARD);
    }

    @Test
    void otherCallsOfTheSessionGoToo() throws Exception {
        ignore(work);
        from(work, "s1", UNHEARD).record();
        calls.settle();
        call("s1", UNHEARD + ", in a title").record();
        call("s1", UNHEARD + ", counted").path("/v1/messages/count_tokens").record();
        calls.call()
                .session("s1")
                .request((UNHEARD + ", no JSON").getBytes(StandardCharsets.UTF_8))
                .record();
        assertThat(calls.said()).isEmpty();
        assertThat(calls.rows(ExchangeRow.DATASET)).isEmpty();
        isNowhere(UNHEARD);
    }

    @Test
    void whatNobodyCanReadWholeSaysAtItsBeginningWhereItIsFrom() throws Exception {
        ignore(work);
        String folder = "{\"system\":\"Primary working directory: " + work + "\\n\",\"messages\":[" + UNHEARD;
        calls.call()
                .session("s1")
                .request(folder.getBytes(StandardCharsets.UTF_8))
                .record();
        PrivacyList.update(cache.privacyList(), list -> list.withSession("session-two-of-some", Instant.EPOCH));
        String session = "{\"metadata\":{\"user_id\":\"{\\\"session_id\\\":\\\"session-two-of-some\\\"}\"}," + UNHEARD;
        calls.call().request(session.getBytes(StandardCharsets.UTF_8)).record();
        calls.call()
                .path("/api/event_logging/batch")
                .request(session.getBytes(StandardCharsets.UTF_8))
                .record();
        assertThat(calls.rows(ExchangeRow.DATASET)).isEmpty();
        isNowhere(UNHEARD);
    }

    @Test
    void anAgentIsIgnoredEverywhere() throws Exception {
        mark(new Mark(Optional.empty(), Optional.of("claude"), PrivacyClass.IGNORE));
        from(work, "s1", UNHEARD).record();
        calls.call().messages(message("user", UNHEARD)).record();
        assertThat(calls.said()).isEmpty();
        isNowhere(UNHEARD);
    }

    @Test
    void aCallWaitsWhileSomebodyMaySayWhereItIsFrom() throws Exception {
        ignore(work);
        call("s1", UNHEARD).startedAt(Instant.now()).record();
        call("s2", "hello").startedAt(Instant.now()).record();
        assertThat(calls.said()).isEmpty();
        hook("s1", work, Instant.now().plusSeconds(30));
        hook("s2", folder, Instant.now().plusSeconds(30));
        assertThat(calls.said()).containsExactly("user: hello", "assistant: About hello");
        isNowhere(UNHEARD);
    }

    @Test
    void aLaterCallOfTheSessionSaysItForTheOnesThatWait() throws Exception {
        ignore(work);
        call("s1", UNHEARD).startedAt(Instant.now()).record();
        call("s2", "hello").startedAt(Instant.now()).record();
        from(work, "s1", UNHEARD).startedAt(Instant.now()).record();
        from(folder, "s2", "hello").startedAt(Instant.now()).record();
        assertThat(calls.said()).contains("user: hello");
        isNowhere(UNHEARD);
    }

    @Test
    void nothingWaitsForEver() throws Exception {
        ignore(work);
        call("s1", "hello").startedAt(Instant.now().minusSeconds(600)).record();
        assertThat(calls.said()).containsExactly("user: hello", "assistant: About hello");
    }

    @Test
    void aSessionThatGoesToAnIgnoredFolderIsIgnoredFromThenOn() throws Exception {
        ignore(work);
        Instant began = Instant.parse("2026-03-01T12:00:00Z");
        hook("s1", folder, began);
        call("s1", "hello").startedAt(began.plusSeconds(10)).record();
        hook("s1", work, began.plusSeconds(60));
        call("s1", UNHEARD).startedAt(began.plusSeconds(70)).record();
        hook("s1", folder, began.plusSeconds(90));
        call("s1", UNHEARD + " and then").startedAt(began.plusSeconds(100)).record();
        assertThat(calls.said()).containsExactly("user: hello", "assistant: About hello");
        isNowhere(UNHEARD);
    }

    /// On a connection only the first turn says it, and a title is asked for without.
    @Test
    void aFolderOnceSaidCountsForCallsThatSayNone() throws Exception {
        ignore(work.resolve("other"));
        from(work, "s1", "hello").record();
        calls.settle();
        call("s1", "go on").record();
        calls.settle();
        assertThat(decided("s1")).isEqualTo("sync in " + work);
        ignore(work);
        call("s1", UNHEARD).record();
        assertThat(calls.said()).contains("user: go on").doesNotContain("user: " + UNHEARD);
        isNowhere(UNHEARD);
    }

    private String decided(String session) {
        try (Journal journal = Journal.openExisting(cache.journal()).orElseThrow()) {
            SessionClasses.Decided decided =
                    journal.sessionClasses().of(session).orElseThrow();
            return decided.is() + " in " + decided.folder();
        }
    }

    @Test
    void aSessionIsTakenOutAndBackIn() throws Exception {
        PrivacyList.update(cache.privacyList(), list -> list.withSession("s1", Instant.EPOCH));
        from(folder, "s1", UNHEARD).record();
        from(folder, "s2", "hello").record();
        assertThat(calls.said()).containsExactly("user: hello", "assistant: About hello");
        isNowhere(UNHEARD);
        PrivacyList.update(cache.privacyList(), list -> list.withoutSession("s1"));
        from(folder, "s1", "hello again").record();
        assertThat(calls.said()).contains("user: hello again");
    }

    @Test
    void whatWasRecordedOfASessionThatIsTakenOutGoes() throws Exception {
        from(folder, "s1", UNHEARD).record();
        from(folder, "s2", "hello").record();
        calls.settle();
        flush();
        call("s1", UNHEARD + ", again").record();
        assertThat(calls.said()).isNotEmpty();
        PrivacyList.update(cache.privacyList(), list -> list.withSession("s1", Instant.EPOCH));
        work();
        assertThat(Queries.values(calls.cache(), "select content_text from ai_gateway_messages order by 1"))
                .containsExactly("About hello", "hello");
        isNowhere(UNHEARD);
    }

    @Test
    void whatWasRecordedForLackOfKnowledgeGoes() throws Exception {
        Files.writeString(work.resolve(".hypignore"), "");
        call("s1", UNHEARD).record();
        assertThat(calls.said()).isNotEmpty();
        hook("s1", work, Instant.parse("2026-03-01T10:05:00Z"));
        work();
        assertThat(calls.said()).isEmpty();
        isNowhere(UNHEARD);
    }

    /// The first turn of a connection may say no folder, and what follows it needs it.
    @Test
    void whatCannotWaitGoesOnceItsFolderIsKnown() throws Exception {
        ignore(work);
        call("s1", UNHEARD).method(Projector.WEBSOCKET).startedAt(Instant.now()).record();
        calls.settle();
        from(work, "s1", "more").startedAt(Instant.now()).record();
        work();
        assertThat(calls.rows(ExchangeRow.DATASET)).isEmpty();
        isNowhere(UNHEARD);
    }

    private void work() throws Exception {
        new Worker(
                        cache,
                        Configs.withCache("{\"retention\": {\"default_days\": 0}}"),
                        Writing.whole("gw"),
                        Clock.systemUTC())
                .run();
    }

    private void flush() throws Exception {
        new Flush(cache, Configs.defaults().query().cache().maintenance(), _ -> {}).run();
    }

    @Test
    void aListThatCannotBeReadStopsNoRecording() throws Exception {
        Files.createDirectories(cache.privacyList().resolveSibling(""));
        Files.writeString(cache.privacyList(), "torn");
        from(work, "s1", "hello").record();
        assertThat(calls.said()).containsExactly("user: hello", "assistant: About hello");
    }
}
