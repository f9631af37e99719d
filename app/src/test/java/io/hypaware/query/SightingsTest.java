package io.hypaware.query;

import static io.hypaware.testing.RecordedCalls.message;
import static org.assertj.core.api.Assertions.assertThat;

import io.hypaware.home.Cache;
import io.hypaware.maintain.Flush;
import io.hypaware.testing.Configs;
import io.hypaware.testing.Queries;
import io.hypaware.testing.RecordedCalls;
import java.nio.file.Path;
import java.sql.DriverManager;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// `last_seen_at` says when a payload was last seen, wherever its row is.
class SightingsTest {

    private static final String SYSTEM = "be brief ".repeat(300);
    private static final String SEEN = """
            select strftime(first_seen_at at time zone 'UTC', '%d %X') || ' to '
              || strftime(last_seen_at at time zone 'UTC', '%d %X')
            from payloads where text = '""" + SYSTEM + "'";

    @TempDir
    private Path folder;

    @Test
    void aPayloadThatIsSeenAgainSaysWhen() throws Exception {
        call("2026-03-01T10:00:00Z");
        assertThat(Queries.values(folder, SEEN)).containsExactly("01 10:00:00 to 01 10:00:00");
        call("2026-03-01T10:00:07Z");
        assertThat(Queries.values(folder, SEEN)).containsExactly("01 10:00:00 to 01 10:00:07");

        new Flush(new Cache(folder), Configs.defaults().query().cache().maintenance(), _ -> {}).run();
        assertThat(Queries.values(folder, SEEN)).containsExactly("01 10:00:00 to 01 10:00:07");
        call("2026-03-04T11:00:00Z");
        assertThat(Queries.values(folder, SEEN)).containsExactly("01 10:00:00 to 04 11:00:00");
        assertThat(Queries.values(
                        folder,
                        "select count(*) from payloads where last_seen_at > '2026-03-03' and text = '" + SYSTEM + "'"))
                .containsExactly("1");
    }

    /// What one call holds in its body and in its rows is one sighting, and what each call repeats is not
    /// written with each.
    @Test
    void oneCallIsNoSightingOfItsOwnAndFiveMinutesAreOne() throws Exception {
        call("2026-03-01T10:00:00Z");
        assertThat(sightings()).isEmpty();
        call("2026-03-01T10:01:00Z");
        List<String> first = sightings();
        assertThat(first).isNotEmpty();
        call("2026-03-01T10:05:00Z");
        call("2026-03-01T09:00:00Z");
        assertThat(sightings()).isEqualTo(first);
        call("2026-03-01T10:06:00Z");
        assertThat(sightings()).isNotEqualTo(first);
    }

    private List<String> sightings() throws Exception {
        List<String> found = new ArrayList<>();
        try (var connection = DriverManager.getConnection("jdbc:sqlite:" + folder.resolve("journal.db"));
                var statement = connection.createStatement();
                var rows = statement.executeQuery("SELECT hash || ' ' || last_us FROM sighting ORDER BY hash")) {
            while (rows.next()) {
                found.add(rows.getString(1));
            }
        }
        return found;
    }

    @Test
    void aJournalOfAnOlderVersionLearnsIt() throws Exception {
        call("2026-03-01T10:00:00Z");
        try (var connection = DriverManager.getConnection("jdbc:sqlite:" + folder.resolve("journal.db"));
                var statement = connection.createStatement()) {
            statement.execute("DROP TABLE sighting");
            statement.execute("PRAGMA user_version = 4");
        }
        call("2026-03-02T10:00:00Z");
        assertThat(Queries.values(folder, SEEN)).containsExactly("01 10:00:00 to 02 10:00:00");
    }

    private void call(String at) throws Exception {
        RecordedCalls calls = new RecordedCalls(folder);
        calls.call()
                .session("s" + at)
                .system(SYSTEM)
                .messages(message("user", "hello at " + at))
                .startedAt(Instant.parse(at))
                .answer("A")
                .record();
        calls.settle();
    }
}
