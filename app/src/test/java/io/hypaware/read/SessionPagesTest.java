package io.hypaware.read;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.hypaware.home.Cache;
import io.hypaware.query.Deadline;
import io.hypaware.query.QueryException;
import io.hypaware.read.SessionParts.Part;
import io.hypaware.testing.AgentSession;
import io.hypaware.testing.RecordedCalls;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Lists are read in pages while more is recorded.
class SessionPagesTest {

    private static final long MEMORY_BYTES = 256L << 20;
    private static final Instant FIRST = Instant.parse("2026-03-01T10:00:00Z");

    @TempDir
    private Path folder;

    private RecordedCalls calls;
    private Recorded recorded;

    @BeforeEach
    void begin() {
        calls = new RecordedCalls(folder);
        recorded = new Recorded(new Cache(folder), MEMORY_BYTES);
    }

    @Test
    void aSessionThatGoesOnIsReadToItsEnd() throws Exception {
        AgentSession session = new AgentSession(calls, "s", FIRST);
        session.turns(3);
        calls.settle();
        SessionParts parts = new SessionParts(recorded);
        List<String> read = new ArrayList<>();
        List<Part> page = parts.page("s", Optional.empty(), 20, 4);
        page.forEach(part -> read.add(part.id()));

        session.turns(2);
        new AgentSession(calls, "another", FIRST).turns(1);
        calls.settle();
        while (!page.isEmpty()) {
            page = parts.page("s", Optional.of(page.getLast().id()), 20, 4);
            page.forEach(part -> read.add(part.id()));
        }

        assertThat(read).hasSize(25).doesNotHaveDuplicates();
        assertThat(parts.page("s", Optional.empty(), 20, 100).stream().map(Part::id))
                .isEqualTo(read);
        assertThatThrownBy(() -> parts.page("s", Optional.of("gone"), 20, 4))
                .isInstanceOf(QueryException.class)
                .hasMessageContaining("has no part gone");
    }

    @Test
    void aListOfSessionsIsThatOfItsBeginning() throws Exception {
        for (int i = 0; i < 6; i++) {
            new AgentSession(calls, "s" + i, FIRST.plus(Duration.ofHours(i))).turns(1);
        }
        calls.settle();
        SessionSummaries summaries = new SessionSummaries(recorded, Prices.shippedTable());
        SessionSummaries.Wanted all = new SessionSummaries.Wanted(Optional.empty(), Optional.empty(), Optional.empty());
        List<SessionSummaries.Summary> first = summaries.list(all, Optional.empty(), 2);
        assertThat(first.stream().map(SessionSummaries.Summary::session)).containsExactly("s5", "s4");
        assertThat(first.getFirst().prompt()).startsWith("question 0");
        assertThat(first.getFirst().microDollars().orElseThrow()).isPositive();

        // One that was to come is used again, and a new one begins.
        new AgentSession(calls, "s0", FIRST.plus(Duration.ofDays(1))).turns(1);
        new AgentSession(calls, "s9", FIRST.plus(Duration.ofDays(2))).turns(1);
        calls.settle();
        List<String> rest = new ArrayList<>();
        SessionSummaries.Summary last = first.getLast();
        for (int pages = 0; pages < 10; pages++) {
            List<SessionSummaries.Summary> next = summaries.list(
                    all,
                    Optional.of(new SessionSummaries.Reach(first.getFirst().last(), last.last(), last.place())),
                    2);
            if (next.isEmpty()) {
                break;
            }
            next.forEach(one -> rest.add(one.session()));
            last = next.getLast();
        }
        assertThat(rest).containsExactly("s3", "s2", "s1", "s0");
    }

    @Test
    void whatTakesTooLongIsStopped() {
        calls.call().session("s").answer("hi").record();
        calls.settle();
        Recorded hurried = new Recorded(new Cache(folder), MEMORY_BYTES, Deadline.in(Duration.ofMillis(300)));
        assertThatThrownBy(() -> hurried.run("select count(*) from range(1000000000) a, range(1000000000) b", _ -> {}))
                .isInstanceOf(QueryException.class)
                .hasMessageContaining("stopped after");
        // All of its questions have one time together.
        assertThatThrownBy(() -> hurried.run("select 1", _ -> {})).hasMessageContaining("stopped after");
    }
}
