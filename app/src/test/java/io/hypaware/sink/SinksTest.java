package io.hypaware.sink;

import static io.hypaware.testing.RecordedCalls.message;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import io.hypaware.home.Cache;
import io.hypaware.journal.Journal;
import io.hypaware.journal.Purges;
import io.hypaware.journal.SinkLedger;
import io.hypaware.journal.SinkState;
import io.hypaware.privacy.PrivacyList;
import io.hypaware.read.Prices;
import io.hypaware.secret.Redactor;
import io.hypaware.sink.otlp.OtlpSink;
import io.hypaware.testing.Configs;
import io.hypaware.testing.RecordedCalls;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceResponse;
import io.opentelemetry.proto.trace.v1.Span;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// When sinks run, and what one that fails costs.
class SinksTest {

    private static final Instant NOW = Instant.parse("2026-03-02T10:00:20Z");

    @TempDir
    private Path home;

    private final List<Span> taken = new CopyOnWriteArrayList<>();
    private Cache cache;
    private RecordedCalls calls;
    private HttpServer server;
    private volatile int status = 200;
    private volatile byte[] answer = new byte[0];
    private volatile Runnable whileAsked = () -> {};

    @BeforeEach
    void listen() throws IOException {
        cache = new Cache(home.resolve("hypaware/cache"));
        calls = new RecordedCalls(cache.folder());
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        server.createContext("/", exchange -> {
            List<Span> spans = ExportTraceServiceRequest.parseFrom(new GZIPInputStream(exchange.getRequestBody()))
                    .getResourceSpans(0)
                    .getScopeSpans(0)
                    .getSpansList();
            whileAsked.run();
            if (status == 200) {
                taken.addAll(spans);
            }
            if (status == 429) {
                exchange.getResponseHeaders().set("retry-after", "999999");
            }
            exchange.sendResponseHeaders(status, answer.length == 0 ? -1 : answer.length);
            exchange.getResponseBody().write(answer);
            exchange.close();
        });
        server.start();
    }

    @AfterEach
    void stop() {
        server.stop(0);
    }

    private void sessions(int count) {
        for (int i = 0; i < count; i++) {
            calls.call()
                    .session("s" + i)
                    .messages(message("user", "question " + i))
                    .answer("answer")
                    .record();
        }
        calls.settle();
    }

    private String good() {
        return "http://127.0.0.1:" + server.getAddress().getPort();
    }

    private Sinks sinks(String sinks, Instant now) {
        return sinks(sinks, Clock.fixed(now, ZoneOffset.UTC), _ -> {});
    }

    private Sinks sinks(String sinks, Clock clock, Consumer<SinkStep> steps) {
        return new Sinks(
                Configs.withSinks(sinks),
                new OtlpSink.Environment(cache, 256L << 20, Prices.shippedTable(), Redactor.NONE, "1", clock, steps));
    }

    private static String sink(String name, String endpoint) {
        return "\"%s\": {\"plugin\": \"@hypaware/otlp\", \"config\": {\"endpoint\": \"%s\", \"headers\": {\"authorization\": \"Bearer key-of-mine\"}}}"
                .formatted(name, endpoint);
    }

    private String one() {
        return "{" + sink("one", good()) + "}";
    }

    private SinkState state(String name) {
        try (SinkLedger ledger = SinkLedger.openExisting(calls.journal()).orElseThrow()) {
            return ledger.state(name);
        }
    }

    @Tag("slow")
    @Test
    void oneThatFailsStopsNoOther() throws Exception {
        sessions(2);
        List<Sinks.Ran> ran = sinks("{" + sink("dead", "http://127.0.0.1:1") + "," + sink("good", good()) + "}", NOW)
                .runDue();
        assertThat(ran).extracting(Sinks.Ran::name).containsExactly("dead", "good");
        assertThat(ran.getFirst().error()).contains("cannot be reached").doesNotContain("key-of-mine");
        assertThat(taken).hasSize(2 * 3);
        assertThat(state("good").next()).contains(Instant.parse("2026-03-02T10:01:00Z"));
        assertThat(state("dead").next()).contains(NOW.plusSeconds(60));
    }

    @Test
    void whoFailsIsTriedLaterEachTime() throws Exception {
        sessions(1);
        status = 404;
        String dead = "{" + sink("dead", good()) + "}";
        Instant now = NOW;
        for (int minutes : List.of(1, 2, 4)) {
            assertThat(sinks(dead, now).runDue()).hasSize(1);
            assertThat(state("dead").next()).contains(now.plus(Duration.ofMinutes(minutes)));
            assertThat(sinks(dead, now.plusSeconds(30)).runDue()).isEmpty();
            now = state("dead").next().orElseThrow();
        }
        assertThat(state("dead").failures()).isEqualTo(3);
        status = 200;
        assertThat(sinks(dead, now).runDue().getFirst().error()).isEmpty();
        assertThat(state("dead").failures()).isZero();
    }

    @Test
    void noEndpointIsLeftAloneForLongerThanADay() throws Exception {
        sessions(1);
        status = 429;
        sinks(one(), NOW).runDue();
        assertThat(state("one").next()).contains(NOW.plus(Duration.ofDays(1)));
    }

    @Test
    void aClockThatWasAheadHoldsNothingUp() throws Exception {
        sessions(1);
        sinks(one(), NOW.plus(Duration.ofDays(3_000))).runDue();
        calls.call()
                .session("t")
                .messages(message("user", "new"))
                .answer("answer")
                .record();
        calls.settle();
        assertThat(sinks(one(), NOW).runDue()).hasSize(1);
        assertThat(taken).hasSize(2 * 3);
    }

    @Test
    void whatIsMarkedWhileARunGoesDoesNotLeave() throws Exception {
        sessions(2);
        Sinks sinks = sinks(one(), Clock.fixed(NOW, ZoneOffset.UTC), step -> {
            if (step == SinkStep.READ && taken.isEmpty()) {
                mark(cache, "s1");
            }
        });
        assertThat(sinks.runDue().getFirst().outcome().orElseThrow().isWhole()).isFalse();
        assertThat(taken).isEmpty();
        sinks.runDue();
        assertThat(taken).hasSize(3);
    }

    private static void mark(Cache cache, String session) {
        try {
            PrivacyList.update(cache.privacyList(), list -> list.withSession(session, NOW));
        } catch (IOException | InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void whatIsTakenBackWhileARunGoesDoesNotLeave() throws Exception {
        sessions(1);
        sinks(one(), Clock.fixed(NOW, ZoneOffset.UTC), step -> {
                    if (step == SinkStep.READ) {
                        try (Journal journal = Journal.open(calls.journal())) {
                            journal.purges().order(Purges.SESSION, "s0", NOW);
                        }
                    }
                })
                .runDue();
        assertThat(taken).isEmpty();
    }

    /// Of one that was purged before, a second purge leaves no other trace.
    @Test
    void aSessionThatIsGoneWhenARequestEndsIsNotNamedInTheBook() throws Exception {
        sessions(1);
        purge("s0");
        whileAsked = () -> {
            purge("s0");
            mark(cache, "s0");
        };
        sinks(one(), NOW).runDue();
        assertThat(taken).hasSize(3);
        assertThat(sessionsInTheBook()).isEmpty();
    }

    @Test
    void aPurgeWhileARequestIsUnderWaySendsNothingOfOthersTwice() throws Exception {
        sessions(3);
        AtomicBoolean isFirst = new AtomicBoolean(true);
        whileAsked = () -> {
            if (isFirst.getAndSet(false)) {
                purge("s0");
                purge("elsewhere");
                mark(cache, "s0");
            }
        };
        sinks(one(), NOW).runDue();
        sinks(one(), NOW.plusSeconds(60)).runDue();
        assertThat(taken.stream().map(Span::getSpanId)).hasSize(3 * 3).doesNotHaveDuplicates();
        assertThat(sessionsInTheBook()).containsExactlyInAnyOrder("s1", "s2");
    }

    private void purge(String session) {
        try (Journal journal = Journal.open(calls.journal())) {
            Purges purges = journal.purges();
            purges.order(Purges.SESSION, session, NOW);
            Purges.Order order = purges.open().getFirst();
            purges.choose(order, new Purges.Meaning(List.of(session), List.of(), 0, Instant.EPOCH));
            purges.forgetSessions(order.id());
            purges.blank(order.id());
            purges.done(order.id());
        }
    }

    private List<String> sessionsInTheBook() throws SQLException {
        List<String> sessions = new ArrayList<>();
        try (Connection journal = DriverManager.getConnection("jdbc:sqlite:" + calls.journal());
                Statement statement = journal.createStatement();
                ResultSet row = statement.executeQuery("SELECT session FROM sink_session")) {
            while (row.next()) {
                sessions.add(row.getString(1));
            }
        }
        return sessions;
    }

    @Test
    void whatIsRefusedIsSaidUntilAllIsTakenAgain() throws Exception {
        sessions(1);
        ExportTraceServiceResponse.Builder partly = ExportTraceServiceResponse.newBuilder();
        partly.getPartialSuccessBuilder().setRejectedSpans(2).setErrorMessage("too\u001b[2J old for key-of-mine");
        answer = partly.build().toByteArray();
        assertThat(sinks(one(), NOW).runDue().getFirst().outcome().orElseThrow().text())
                .contains("2 were refused");
        assertThat(state("one").lately()).isEqualTo(new SinkState.Refused(2, "too [2J old for …"));

        // Nothing was sent, so that nothing was taken.
        answer = new byte[0];
        sinks(one(), NOW.plusSeconds(60)).runDue();
        assertThat(state("one").lately().count()).isEqualTo(2);

        sinks(one(), NOW.plusSeconds(120)).force(Optional.empty());
        assertThat(state("one").lately()).isEqualTo(SinkState.Refused.NONE);
        assertThat(state("one").refused()).isEqualTo(2);
    }

    /// A run that has no more time stops between requests, and the next goes on behind them.
    @Tag("slow")
    @Test
    void aSlowEndpointIsGivenTheTimeOfATick() throws Exception {
        sessions(400);
        Turned clock = new Turned();
        List<Integer> lyingAbout = new CopyOnWriteArrayList<>();
        whileAsked = () -> {
            clock.now = clock.now.plus(Duration.ofMinutes(2));
            lyingAbout.add(Optional.ofNullable(cache.spill().toFile().list()).orElseThrow().length);
        };
        Sinks sinks = sinks(one(), clock, _ -> {});
        int runs = 0;
        for (boolean isWhole = false; !isWhole && runs < 50; runs++) {
            int before = taken.size();
            isWhole = sinks.runDue().getFirst().outcome().orElseThrow().isWhole();
            assertThat(taken.size() - before).isLessThanOrEqualTo(512);
        }
        assertThat(taken.stream().map(Span::getSpanId)).hasSize(400 * 3).doesNotHaveDuplicates();
        assertThat(runs).isGreaterThan(2);
        // No query is open while it is asked, and nothing lies about.
        assertThat(lyingAbout).hasSizeGreaterThan(2).containsOnly(0);
    }

    private static final class Turned extends Clock {
        private volatile Instant now = NOW;

        @Override
        public ZoneId getZone() {
            return ZoneOffset.UTC;
        }

        @Override
        public Clock withZone(ZoneId zone) {
            return this;
        }

        @Override
        public Instant instant() {
            return now;
        }
    }

    @Test
    void thoseThatNeverRanAreListed() {
        assertThat(sinks(one(), NOW).list())
                .singleElement()
                .satisfies(sink -> assertThat(sink.state().run()).isEmpty());
        assertThat(Optional.of(sinks(one(), NOW).list().getFirst().target())).contains(good() + "/v1/traces");
    }
}
