package io.hypaware.read;

import static io.hypaware.testing.RecordedCalls.message;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.hypaware.home.Cache;
import io.hypaware.query.QueryException;
import io.hypaware.testing.Queries;
import io.hypaware.testing.RecordedCalls;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Who gives too few letters of an id sees what it may be, and how to go on.
class AmbiguousTest {

    @TempDir
    private Path folder;

    private RecordedCalls calls;
    private Recorded recorded;

    @BeforeEach
    void recorded() {
        calls = new RecordedCalls(folder);
        recorded = new Recorded(new Cache(folder), 100L << 20);
    }

    private void session(String id, String at) {
        calls.call()
                .session(id)
                .messages(message("user", "asked in " + id))
                .answer("answered in " + id)
                .startedAt(Instant.parse(at))
                .record();
    }

    @Test
    void sessionsAreToldApartByTheirTimeAndAgent() throws Exception {
        session("abc1", "2026-03-01T10:00:00Z");
        session("abc2", "2026-03-02T11:30:00Z");
        calls.settle();
        String client = Queries.values(folder, "select any_value(client_name) from ai_gateway_messages")
                .getFirst();
        for (Named named : List.<Named>of(new Sessions(recorded)::named, new Sessions(recorded)::recordedAs)) {
            assertThatThrownBy(() -> named.of("AB"))
                    .isInstanceOf(QueryException.class)
                    .hasMessage("""
                            more than one session begins with AB; give more of its letters:
                              abc1  2026-03-01 10:00  %s
                              abc2  2026-03-02 11:30  %<s""".formatted(client));
        }
        assertThat(new Sessions(recorded).named("abc2")).isEqualTo("abc2");
    }

    private interface Named {
        String of(String beginning) throws Exception;
    }

    @Test
    void fiveOfManyAreNamedAndWhereAllAre() throws Exception {
        for (int i = 1; i < 8; i++) {
            session("many" + i, "2026-03-01T10:00:00Z");
        }
        calls.settle();
        assertThatThrownBy(() -> new Sessions(recorded).named("many"))
                .hasMessageContaining("many5")
                .hasMessageNotContaining("many6")
                .hasMessageEndingWith("\n  and more, see: hyp session list");
    }

    @Test
    void exchangesAreToldApartByTheirTimeAndCall() throws Exception {
        session("s", "2026-03-01T10:00:00Z");
        session("s", "2026-03-01T10:00:07Z");
        calls.settle();
        String begins = Queries.values(folder, "select exchange_id from exchanges")
                .getFirst()
                .substring(0, 2);
        assertThatThrownBy(() -> new Exchanges(recorded).named(begins))
                .hasMessageContaining("more than one exchange begins with " + begins)
                .hasMessageContaining("  2026-03-01 10:00:00  POST /v1/messages  200  claude-sonnet-4-5-20250929\n")
                .hasMessageContaining("  2026-03-01 10:00:07  POST /v1/messages  200");
    }

    @Test
    void nothingIsTheBeginningOfNoId() {
        assertThatThrownBy(() -> new Sessions(recorded).named(" "))
                .isInstanceOf(QueryException.class)
                .hasMessageContaining("the id of the session is empty")
                .hasMessageContaining("hyp session list");
    }
}
