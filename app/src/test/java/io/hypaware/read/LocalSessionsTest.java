package io.hypaware.read;

import static io.hypaware.testing.RecordedCalls.message;
import static org.assertj.core.api.Assertions.assertThat;

import io.hypaware.home.Cache;
import io.hypaware.privacy.Mark;
import io.hypaware.privacy.PrivacyClass;
import io.hypaware.privacy.PrivacyList;
import io.hypaware.privacy.PrivacyRules;
import io.hypaware.query.Deadline;
import io.hypaware.query.Scope;
import io.hypaware.testing.RecordedCalls;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What stays on the machine is not seen where what is asked leaves it.
class LocalSessionsTest {

    @TempDir
    private Path folder;

    private RecordedCalls calls;
    private Cache cache;

    @BeforeEach
    void sessions() {
        calls = new RecordedCalls(folder.resolve("hypaware/cache"));
        cache = new Cache(calls.cache());
        said("here", "/work/here");
        said("there", "/work/there");
        calls.call()
                .session("nowhere")
                .messages(message("user", "from nowhere"))
                .record();
        calls.settle();
    }

    private void said(String session, String where) {
        calls.call()
                .session(session)
                .system("Primary working directory: " + where + "\n" + "x".repeat(5_000))
                .messages(message("user", "from " + session))
                .record();
    }

    private void mark(String where, PrivacyClass is) throws Exception {
        PrivacyList.update(
                cache.privacyList(), list -> list.with(new Mark(Optional.of(Path.of(where)), Optional.empty(), is)));
    }

    private Set<String> local() throws Exception {
        return new LocalSessions(new Recorded(cache, 200_000_000), PrivacyRules.of(cache.privacyList())).find();
    }

    private List<String> seen(String sql) throws Exception {
        List<String> values = new ArrayList<>();
        new Recorded(cache, 200_000_000, Deadline.NONE, new Scope(Optional.empty(), local(), false))
                .run(sql, row -> values.add(row.getString(1)));
        return values;
    }

    @Test
    void allIsSeenWhereNothingIsSaid() throws Exception {
        assertThat(local()).isEmpty();
        assertThat(seen("select distinct session_id from ai_gateway_messages order by 1"))
                .containsExactly("here", "nowhere", "there");
        assertThat(seen("select count(*) > 0 from payloads")).containsExactly("true");
    }

    @Test
    void whatIsMarkedAndWhatCannotBeToldApartIsNotSeen() throws Exception {
        mark("/work/here", PrivacyClass.LOCAL_ONLY);
        assertThat(local()).containsExactlyInAnyOrder("here", "nowhere");
        assertThat(seen("select distinct session_id from ai_gateway_messages")).containsExactly("there");
        assertThat(seen("select distinct session_id from exchanges")).containsExactly("there");
        assertThat(seen("select content_text from ai_gateway_messages where session_id = 'here'"))
                .isEmpty();
        assertThat(seen("select hash from payloads")).isEmpty();
        assertThat(seen("select system_text from ai_gateway_messages where role = 'user'"))
                .singleElement()
                .asString()
                .contains("/work/there");
    }

    @Test
    void whatWouldNotBeRecordedNowIsNotSeenEither() throws Exception {
        mark("/work", PrivacyClass.IGNORE);
        assertThat(local()).containsExactlyInAnyOrder("here", "there", "nowhere");
    }

    @Test
    void whereTheListCannotBeReadNothingIsSeen() throws Exception {
        java.nio.file.Files.writeString(cache.privacyList(), "torn");
        assertThat(local()).hasSize(3);
    }
}
