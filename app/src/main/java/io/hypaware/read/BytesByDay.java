package io.hypaware.read;

import io.hypaware.query.QueryException;
import java.io.IOException;
import java.sql.SQLException;
import java.time.Instant;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;

/// How much is recorded, day by day.
public final class BytesByDay {

    /// @param wireBytes of requests and answers that passed
    /// @param payloadBytes of large values that were seen for the first time, which is what had to be stored
    public record Day(String name, long exchanges, long wireBytes, long payloadBytes) {

        Day plus(Day other) {
            return new Day(
                    name, exchanges + other.exchanges, wireBytes + other.wireBytes, payloadBytes + other.payloadBytes);
        }
    }

    /// Each of the last days, in the user's zone.
    public static List<Day> byDay(Recorded recorded, Instant now, int days, ZoneId zone)
            throws QueryException, SQLException, IOException {
        Overview.Span span = Overview.Span.of(days, now, zone);
        TreeMap<String, Day> byDay = new TreeMap<>();
        span.names(days).forEach(name -> byDay.put(name, new Day(name, 0, 0, 0)));
        String since = Recorded.time(span.since());
        recorded.run("""
                select %s, count(*),
                  coalesce(sum(coalesce(request_bytes, 0) + coalesce(response_bytes, 0)), 0)::bigint
                from exchanges where started_at >= %s group by 1""".formatted(Overview.quarter("started_at"), since), row -> {
            String name = span.name(Overview.By.DAY, Recorded.instant(row, 1));
            byDay.merge(name, new Day(name, Recorded.number(row, 2), Recorded.number(row, 3), 0), Day::plus);
        });
        recorded.run("""
                select %s, sum(size)::bigint
                from payloads where first_seen_at >= %s and parts is null group by 1""".formatted(Overview.quarter("first_seen_at"), since), row -> {
            String name = span.name(Overview.By.DAY, Recorded.instant(row, 1));
            byDay.merge(name, new Day(name, 0, 0, Recorded.number(row, 2)), Day::plus);
        });
        return new ArrayList<>(byDay.values());
    }

    private BytesByDay() {}
}
