package io.hypaware.maintain;

import static io.hypaware.testing.RecordedCalls.message;
import static org.assertj.core.api.Assertions.assertThat;

import io.hypaware.home.Cache;
import io.hypaware.privacy.Mark;
import io.hypaware.privacy.PrivacyClass;
import io.hypaware.privacy.PrivacyList;
import io.hypaware.testing.Configs;
import io.hypaware.testing.Queries;
import io.hypaware.testing.RecordedCalls;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Sessions that stay on the machine may be kept for a shorter time than the others.
class RetentionByClassTest {

    private static final String SESSIONS = "select distinct session_id from %s order by 1";

    @TempDir
    private Path folder;

    private RecordedCalls calls;
    private Cache cache;

    @BeforeEach
    void twoSessions() throws Exception {
        calls = new RecordedCalls(folder.resolve("hypaware/cache"));
        cache = new Cache(calls.cache());
        PrivacyList.update(
                cache.privacyList(),
                list -> list.with(
                        new Mark(Optional.of(Path.of("/work/here")), Optional.empty(), PrivacyClass.LOCAL_ONLY)));
        for (String session : List.of("here", "there")) {
            calls.call()
                    .session(session)
                    .system("Primary working directory: /work/" + session)
                    .messages(message("user", "hello"))
                    .answer("hello to you")
                    .record();
        }
    }

    private Report work(String day, String retention) throws Exception {
        Clock clock = Clock.fixed(Instant.parse(day + "T12:00:00Z"), ZoneOffset.UTC);
        return new Worker(cache, Configs.withCache("{\"retention\": " + retention + "}"), Writing.whole("gw"), clock)
                .run();
    }

    private List<String> sessions(String dataset) throws Exception {
        return Queries.values(calls.cache(), SESSIONS.formatted(dataset));
    }

    @Test
    void theyGoWhenTheirDaysAreOver() throws Exception {
        String retention = "{\"default_days\": 0, \"local_only_days\": 5}";
        work("2026-03-06", retention);
        assertThat(sessions("ai_gateway_messages")).containsExactly("here", "there");
        assertThat(work("2026-03-07", retention).of(Event.Retained.class)).hasSize(2);
        assertThat(sessions("ai_gateway_messages")).containsExactly("there");
        assertThat(sessions("exchanges")).containsExactly("there");
        assertThat(work("2026-03-07", retention).of(Event.Retained.class)).isEmpty();
        assertThat(CacheCheck.run(cache, false).findings()).isEmpty();
    }

    @Tag("slow")
    @Test
    void withoutDaysOfTheirOwnTheyStayLikeTheOthers() throws Exception {
        work("2026-03-30", "{\"default_days\": 90}");
        assertThat(sessions("ai_gateway_messages")).containsExactly("here", "there");
        work("2026-07-30", "{\"default_days\": 90}");
        assertThat(sessions("ai_gateway_messages")).isEmpty();
    }
}
