package io.hypaware.read;

import static io.hypaware.testing.RecordedCalls.message;
import static org.assertj.core.api.Assertions.assertThat;

import io.hypaware.config.CacheConfig;
import io.hypaware.dataset.Dataset;
import io.hypaware.home.Cache;
import io.hypaware.home.Progress;
import io.hypaware.lake.Lake;
import io.hypaware.lake.LakeTable;
import io.hypaware.lake.LiveFile;
import io.hypaware.maintain.Maintenance;
import io.hypaware.maintain.Report;
import io.hypaware.maintain.Writing;
import io.hypaware.project.ExchangeRow;
import io.hypaware.project.Messages;
import io.hypaware.query.OutputFormat;
import io.hypaware.query.ResultWriter;
import io.hypaware.query.SessionIndex;
import io.hypaware.testing.Configs;
import io.hypaware.testing.Queries;
import io.hypaware.testing.RecordedCalls;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Who asks for one session opens the files of its days, however many others there are.
class SessionFilesTest {

    private static final CacheConfig KEPT_FOR_EVER =
            Configs.withCache("{\"retention\": {\"default_days\": 0}}").query().cache();
    private static final String ASKED = "11111111-0000-4000-8000-000000000001";
    private static final String OTHER = "22222222-0000-4000-8000-000000000002";

    @TempDir
    private Path folder;

    private int words;

    @Test
    void aSessionIsShownWithItsDaysFilesAlone() throws Exception {
        call(ASKED, "2026-03-01T10:00:00Z");
        call(OTHER, "2026-03-02T10:00:00Z");
        call(OTHER, "2026-03-03T10:00:00Z");
        call(ASKED, "2026-03-04T10:00:00Z");
        tick("2026-03-05T01:00:00Z");
        loseFiles(messages(), Set.of(LocalDate.of(2026, 3, 2), LocalDate.of(2026, 3, 3)));

        assertThat(sessions().named(ASKED)).isEqualTo(ASKED);
        assertThat(sessions().calls(ASKED)).hasSize(2);
        assertThat(sessions().fork(ASKED)).isEmpty();
        assertThat(sessions().about(ASKED).span().messages()).isEqualTo(4);
        assertThat(new SessionList(recorded(), Prices.of(folder))
                        .whole(ASKED)
                        .orElseThrow()
                        .calls())
                .hasSize(2);
        assertThat(Queries.values(
                        folder,
                        "select count(distinct message_id) from ai_gateway_messages where session_id = '" + ASKED
                                + "'"))
                .containsExactly("4");
    }

    @Test
    void theLastSessionsAreFoundInTheNewestDays() throws Exception {
        for (int day = 1; day <= 8; day++) {
            call("s" + day, "2026-03-0" + day + "T10:00:00Z");
        }
        call("s2", "2026-03-07T12:00:00Z");
        tick("2026-03-09T01:00:00Z");
        // It is not committed yet, and no reason to take sessions for the last ones that are not.
        call("s0", "2026-03-01T12:00:00Z");
        assertThat(latest(3)).containsExactly("s8", "s2", "s7");
        assertThat(latest(20)).containsExactly("s8", "s2", "s7", "s6", "s5", "s4", "s3", "s0", "s1");
        loseFiles(messages(), Set.of(LocalDate.of(2026, 3, 1), LocalDate.of(2026, 3, 3), LocalDate.of(2026, 3, 4)));
        assertThat(latest(3)).containsExactly("s8", "s2", "s7");
        List<String> calls = new ArrayList<>();
        new SessionTable(recorded(), Progress.NONE).show(3, false, rows -> {
            while (rows.next()) {
                calls.add(rows.getString(1) + " " + rows.getString(5));
            }
        });
        assertThat(calls).containsExactly("s8 1", "s2 2", "s7 1");
        SessionList.Page page = new SessionList(recorded(), Prices.of(folder))
                .page(new SessionList.Filter("", "", "", Optional.empty(), 1, 2));
        assertThat(page.entries().stream().map(entry -> entry.id() + " " + entry.calls() + " " + entry.turns()))
                .containsExactly("s2 2 1", "s7 1 1");
        assertThat(page.more()).isTrue();
    }

    /// The worker commits a day for the first time between a look at which days there are, and the query.
    @Test
    void aDayThatIsCommittedMeanwhileIsSeen() throws Exception {
        for (int day = 1; day <= 8; day++) {
            call("s" + day, "2026-03-0" + day + "T10:00:00Z");
        }
        tick("2026-03-08T23:00:00Z");
        call("today", "2026-03-09T10:00:00Z");
        List<Recorded> parts = new ArrayList<>();
        LatestSessions.find(recorded(), Optional.empty(), 1, (part, _) -> {
            parts.add(part);
            return List.of("any");
        });
        tick("2026-03-09T11:00:00Z");
        List<String> found = new ArrayList<>();
        parts.getFirst()
                .run(
                        "select session_id from ai_gateway_messages where session_id = 'today'",
                        row -> found.add(Recorded.text(row, 1)));
        assertThat(found).isNotEmpty();
    }

    /// A long list is added up in parts, and looks as if it was not.
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aLongListIsAddedUpInParts(boolean narrow) throws Exception {
        for (int day = 1; day <= 7; day++) {
            call("s" + day, "2026-03-0" + day + "T10:00:00Z");
        }
        tick("2026-03-09T01:00:00Z");
        List<String> told = new ArrayList<>();
        Progress progress = new Progress() {
            @Override
            public void begin(String what, long files, long bytes) {}

            @Override
            public void begin(String what, String unit, long all) {
                told.add(all + " " + unit);
            }

            @Override
            public void advance(long files, long bytes) {
                told.add("" + bytes);
            }

            @Override
            public void end() {
                told.add("end");
            }
        };
        String whole = table(new SessionTable(recorded(), progress), narrow);
        assertThat(told).isEmpty();
        assertThat(table(new SessionTable(recorded(), progress, 3), narrow))
                .isEqualTo(whole)
                .contains("s7", "s1", "7 rows");
        assertThat(told).startsWith("7 sessions", "3", "3", "1", "end").hasSize(10);
    }

    private static String table(SessionTable table, boolean narrow) throws Exception {
        StringWriter text = new StringWriter();
        for (OutputFormat format : List.of(OutputFormat.TABLE, OutputFormat.JSON)) {
            table.show(20, narrow, new ResultWriter(format, new PrintWriter(text), 0, 0, false)::write);
        }
        return text.toString();
    }

    private List<String> latest(int most) throws Exception {
        return LatestSessions.of(recorded(), Optional.empty(), most);
    }

    /// A page of the last days costs the same in its second year.
    @Test
    void theLastDaysAreSummedUpOutOfTheirFilesAlone() throws Exception {
        call("old", "2026-01-10T10:00:00Z");
        for (int day = 1; day <= 8; day++) {
            call("s" + day, "2026-03-0" + day + "T10:00:00Z");
        }
        tick("2026-03-09T01:00:00Z");
        LocalDate longAgo = LocalDate.of(2026, 1, 10);
        loseFiles(messages(), Set.of(longAgo, LocalDate.of(2026, 3, 1), LocalDate.of(2026, 3, 2)));
        loseFiles(ExchangeRow.DATASET, Set.of(longAgo));
        Instant since = Instant.parse("2026-03-06T00:00:00Z");

        Overview.All all = new Overview(recorded(), Prices.of(folder), new Overview.Span(since, ZoneOffset.UTC))
                .all(Overview.By.values());
        assertThat(all.of(Overview.By.SESSION).stream().map(Overview.Group::name))
                .containsExactlyInAnyOrder("s6", "s7", "s8");
        assertThat(all.of(Overview.By.DAY)).hasSize(3);
        assertThat(RateWindow.latest(recorded())).isEmpty();

        SessionList list = new SessionList(recorded(), Prices.of(folder));
        SessionList.Page any = list.page(new SessionList.Filter("", "", "", Optional.of(since), 0, 2));
        assertThat(any.entries().stream().map(SessionList.Entry::id)).containsExactly("s8", "s7");
        assertThat(any.more()).isTrue();
        SessionList.Page named = list.page(new SessionList.Filter("s7", "", "", Optional.of(since), 0, 2));
        assertThat(named.entries().stream().map(SessionList.Entry::id)).containsExactly("s7");
        assertThat(named.more()).isFalse();

        SessionSummaries summaries = new SessionSummaries(recorded(), Prices.of(folder));
        assertThat(summaries.list(wanted(Optional.of(since)), Optional.empty(), 9).stream()
                        .map(SessionSummaries.Summary::session))
                .containsExactly("s8", "s7", "s6");
        assertThat(summaries.list(wanted(Optional.empty()), Optional.empty(), 2).stream()
                        .map(SessionSummaries.Summary::session))
                .containsExactly("s8", "s7");
    }

    /// A session that has moved on to another folder worked in its first one all the same.
    @Test
    void whereASessionWorkedIsLookedForInAllItsDays() throws Exception {
        call("s1", "2026-03-01T10:00:00Z", "/work/alpha");
        for (int day = 3; day <= 8; day++) {
            call("s" + day, "2026-03-0" + day + "T10:00:00Z", "/work/alpha");
        }
        call("s1", "2026-03-08T09:00:00Z", "/work/beta");
        tick("2026-03-09T01:00:00Z");
        SessionSummaries summaries = new SessionSummaries(recorded(), Prices.of(folder));
        SessionSummaries.Wanted alpha =
                new SessionSummaries.Wanted(Optional.empty(), Optional.of("alpha"), Optional.empty());
        assertThat(summaries.list(alpha, Optional.empty(), 2).stream().map(SessionSummaries.Summary::session))
                .containsExactly("s8", "s1");
    }

    private static SessionSummaries.Wanted wanted(Optional<Instant> since) {
        return new SessionSummaries.Wanted(Optional.empty(), Optional.empty(), since);
    }

    /// Calls of other days than theirs are not looked at.
    @Test
    void callsAreLookedForAmongThoseOfItsTime() throws Exception {
        call(OTHER, "2026-03-01T10:00:00Z");
        call(ASKED, "2026-03-02T10:00:00Z");
        call(OTHER, "2026-03-05T10:00:00Z");
        tick("2026-03-06T01:00:00Z");
        loseFiles(ExchangeRow.DATASET, Set.of(LocalDate.of(2026, 3, 1), LocalDate.of(2026, 3, 5)));
        assertThat(sessions().calls(ASKED)).hasSize(1);
    }

    /// A day goes on: its files are not known yet, and are opened.
    @Test
    void whatCameTodayIsSeenAtOnce() throws Exception {
        call(OTHER, "2026-03-01T10:00:00Z");
        tick("2026-03-02T01:00:00Z");
        call(ASKED, "2026-03-02T02:00:00Z");
        assertThat(sessions().calls(ASKED)).hasSize(1);
        tick("2026-03-02T03:00:00Z");
        assertThat(sessions().calls(ASKED)).hasSize(1);
        // One more of a day that was known.
        call(ASKED, "2026-03-01T23:00:00Z");
        assertThat(sessions().calls(ASKED)).hasSize(2);
        tick("2026-03-02T04:00:00Z");
        assertThat(sessions().calls(ASKED)).hasSize(2);
    }

    @Test
    void aLostOrTornIndexIsMadeAgain() throws Exception {
        call(ASKED, "2026-03-01T10:00:00Z");
        call(OTHER, "2026-03-02T10:00:00Z");
        tick("2026-03-05T01:00:00Z");
        Path index = new Cache(folder).sessionIndex();
        assertThat(SessionIndex.filesWithout(new Cache(folder), List.of(ASKED))).hasSize(1);
        Files.writeString(index, "torn");
        assertThat(sessions().calls(ASKED)).hasSize(1);
        tick("2026-03-05T02:00:00Z");
        assertThat(SessionIndex.filesWithout(new Cache(folder), List.of(ASKED))).hasSize(1);
        Files.delete(index);
        assertThat(sessions().calls(ASKED)).hasSize(1);
        tick("2026-03-05T03:00:00Z");
        assertThat(SessionIndex.filesWithout(new Cache(folder), List.of(ASKED))).hasSize(1);
    }

    /// Files that were written again are others, and those before are forgotten; no id stands in the index.
    @Test
    void itKnowsWhatLivesAndNoNames() throws Exception {
        call(ASKED, "2026-03-01T10:00:00Z");
        tick("2026-03-02T01:00:00Z");
        call(ASKED, "2026-03-01T11:00:00Z");
        tick("2026-03-02T02:00:00Z");
        Path index = new Cache(folder).sessionIndex();
        List<String> live = new ArrayList<>();
        for (LiveFile file : files(messages())) {
            live.add(String.valueOf(file.path().getFileName()));
        }
        assertThat(SessionIndex.filesWithout(new Cache(folder), List.of(OTHER))).containsExactlyElementsOf(live);
        assertThat(new String(Files.readAllBytes(index), StandardCharsets.ISO_8859_1))
                .doesNotContain(ASKED);
    }

    private static Dataset messages() {
        return Messages.DATASET;
    }

    private Recorded recorded() {
        return new Recorded(new Cache(folder), 200_000_000);
    }

    private Sessions sessions() {
        return new Sessions(recorded());
    }

    private void call(String session, String at) {
        call(session, at, "/work");
    }

    private void call(String session, String at, String cwd) {
        RecordedCalls calls = new RecordedCalls(folder);
        calls.call()
                .session(session)
                .system("Working directory: " + cwd)
                .messages(message("user", "question " + ++words + " at " + at))
                .startedAt(Instant.parse(at))
                .answer("A" + words)
                .record();
        calls.settle();
    }

    private void tick(String now) throws Exception {
        Report report = new Maintenance(
                        new Cache(folder),
                        KEPT_FOR_EVER,
                        Writing.whole("gw"),
                        Clock.fixed(Instant.parse(now), ZoneOffset.UTC),
                        Progress.NONE)
                .run(
                        new Maintenance.Options(Optional.empty(), false, false, false, false, Optional.empty()),
                        Duration.ofSeconds(5));
        assertThat(report.failed()).isEmpty();
    }

    private List<LiveFile> files(Dataset dataset) {
        try (Lake lake = Lake.open(new Cache(folder))) {
            return lake.table(dataset).map(LakeTable::files).orElseThrow();
        }
    }

    private void loseFiles(Dataset dataset, Set<LocalDate> days) throws Exception {
        for (LiveFile file : files(dataset)) {
            if (days.contains(file.day().orElseThrow())) {
                Files.delete(file.path());
            }
        }
    }
}
