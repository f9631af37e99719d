package io.hypaware.maintain.purge;

import static org.assertj.core.api.Assertions.assertThat;

import io.hypaware.home.Cache;
import io.hypaware.maintain.CacheCheck;
import io.hypaware.testing.Queries;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What is purged is on no byte of the disk, and nothing else changes.
class PurgeTest {

    @TempDir
    private Path home;

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

    @Test
    void everySessionThatWorkedInAFolderGoes() throws Exception {
        PurgeHome sessions = PurgeHome.in(home, 6);
        PurgeHome.Kept before = sessions.kept(3);

        sessions.purge(new Selection.Folder(List.of(Path.of("/work/project-3"))));

        assertThat(DiskGrep.of(home).find(PurgeHome.secrets(3))).isEmpty();
        assertThat(sessions.kept(3)).isEqualTo(before);
    }

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
}
