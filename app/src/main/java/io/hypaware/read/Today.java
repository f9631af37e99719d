package io.hypaware.read;

import io.hypaware.query.QueryException;
import java.io.IOException;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/// What today took, and the sessions that were last at work: what fits into a line.
///
/// @param day as an overview of one day says it
/// @param misses of the prompt cache, of the day
/// @param sessions the last used first, each with what it took in a week
/// @param window the shortest that a provider said, which is used up the soonest
public record Today(Overview.Group day, long misses, List<Session> sessions, Optional<RateWindow> window) {

    private static final int DAYS_OF_SESSIONS = 7;

    public record Session(Overview.Group took, long misses) {}

    /// @param most sessions
    public static Today of(Recorded recorded, Prices prices, Instant now, ZoneId zone, int most)
            throws QueryException, SQLException, IOException {
        Overview.Span today = Overview.Span.of(1, now, zone);
        Overview.Span week = Overview.Span.of(DAYS_OF_SESSIONS, now, zone);
        MissCounter ofDay = new MissCounter(prices);
        MissCounter ofWeek = new MissCounter(prices);
        Map<String, Overview.Group> day = new TreeMap<>();
        Map<String, Overview.Group> sessions = new TreeMap<>();
        List<RateWindow> windows = new ArrayList<>();
        recorded.run(List.of(
                Sessions.calls(Slice.since(week.since()), call -> {
                    ofWeek.count(call);
                    if (!call.startedAt().isBefore(today.since())) {
                        ofDay.count(call);
                    }
                }),
                new Overview(recorded, prices, today).groups(Overview.By.DAY, day),
                new Overview(recorded, prices, week).groups(Overview.By.SESSION, sessions),
                RateWindow.latest(now.minus(Duration.ofDays(1)), windows::add)));
        return new Today(
                Overview.total(day.values()),
                ofDay.all().calls(),
                sessions.values().stream()
                        .sorted(Comparator.comparing(Overview.Group::last).reversed())
                        .limit(most)
                        .map(group -> new Session(group, ofWeek.of(group.name()).calls()))
                        .toList(),
                windows.stream()
                        .filter(window -> window.length().isPresent())
                        .filter(window -> window.resets().map(now::isBefore).orElse(false))
                        .min(Comparator.comparing(window -> window.length().orElseThrow())));
    }
}
