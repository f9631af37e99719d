package io.hypaware.read;

import io.hypaware.journal.Header;
import io.hypaware.project.ExchangeRow;
import io.hypaware.query.QueryException;
import java.io.IOException;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Consumer;

/// How much of what a subscription allows in a time is used, as the provider said it last, in the head of an answer.
///
/// @param length of the time; empty if it is not said
/// @param percent that is used
/// @param resets when it begins anew; empty if that is not said
/// @param reportedAt when the call was made whose answer said so
public record RateWindow(
        String upstream, Optional<Duration> length, double percent, Optional<Instant> resets, Instant reportedAt) {

    private static final String ANTHROPIC = "anthropic-ratelimit-unified-";
    private static final Map<String, Duration> ANTHROPIC_WINDOWS =
            Map.of("5h", Duration.ofHours(5), "7d", Duration.ofDays(7));

    private static final String CODEX = "x-codex-";
    private static final List<String> CODEX_WINDOWS = List.of("primary", "secondary");

    /// Windows are of hours, of a week, or of a month.
    private static final int LOOKED_THROUGH_DAYS = 31;

    /// The newest of each upstream.
    public static List<RateWindow> latest(Recorded recorded) throws QueryException, SQLException, IOException {
        List<RateWindow> windows = new ArrayList<>();
        recorded.run(List.of(latest(since(recorded), windows::add)));
        return windows;
    }

    /// Since when calls may have reported a window that lasted until the newest of them; one of a clock that was ahead
    /// is
    /// not the newest.
    static Instant since(Recorded recorded) {
        LocalDate tomorrow = LocalDate.now(ZoneOffset.UTC).plusDays(1);
        return recorded.daysOf(ExchangeRow.DATASET).stream()
                .filter(day -> !day.isAfter(tomorrow))
                .findFirst()
                .map(newest -> newest.minusDays(LOOKED_THROUGH_DAYS)
                        .atStartOfDay(ZoneOffset.UTC)
                        .toInstant())
                .orElse(Instant.EPOCH);
    }

    /// The newest of each upstream that was called since.
    static Recorded.Question latest(Instant since, Consumer<RateWindow> reader) {
        return new Recorded.Question(
                """
                select upstream, epoch_us(max(started_at)), arg_max(response_headers::varchar, started_at) from exchanges
                where started_at >= %s and (contains(lower(response_headers::varchar), '%s')
                  or contains(lower(response_headers::varchar), '%s'))
                group by upstream order by upstream""".formatted(Recorded.time(since), ANTHROPIC, CODEX + CODEX_WINDOWS.getFirst()),
                row -> of(
                                Recorded.text(row, 1),
                                Recorded.instant(row, 2),
                                Recorded.headers(Optional.ofNullable(row.getString(3))))
                        .forEach(reader));
    }

    static List<RateWindow> of(String upstream, Instant at, List<Header> headers) {
        Map<String, String> values = new TreeMap<>();
        headers.forEach(header -> values.put(header.name().toLowerCase(Locale.ROOT), header.value()));
        List<RateWindow> windows = new ArrayList<>();
        new TreeMap<>(ANTHROPIC_WINDOWS)
                .forEach((name, length) -> number(values, ANTHROPIC + name + "-utilization")
                        .ifPresent(share -> windows.add(new RateWindow(
                                upstream,
                                Optional.of(length),
                                share * 100,
                                instant(values, ANTHROPIC + name + "-reset"),
                                at))));
        for (String name : CODEX_WINDOWS) {
            number(values, CODEX + name + "-used-percent")
                    .ifPresent(percent -> windows.add(new RateWindow(
                            upstream,
                            number(values, CODEX + name + "-window-minutes")
                                    .map(minutes -> Duration.ofMinutes(minutes.longValue())),
                            percent,
                            instant(values, CODEX + name + "-reset-at")
                                    .or(() -> number(values, CODEX + name + "-reset-after-seconds")
                                            .map(seconds -> at.plusSeconds(seconds.longValue()))),
                            at)));
        }
        return windows;
    }

    private static Optional<Instant> instant(Map<String, String> values, String name) {
        return number(values, name)
                .filter(seconds -> seconds > 0 && seconds < 1e11)
                .map(seconds -> Instant.ofEpochSecond(seconds.longValue()));
    }

    /// A number as headers say it; what is none, or without bounds, is not there.
    private static Optional<Double> number(Map<String, String> values, String name) {
        try {
            return Optional.ofNullable(values.get(name))
                    .map(Double::valueOf)
                    .filter(value -> value >= 0 && value < 1e12);
        } catch (NumberFormatException e) {
            return Optional.empty();
        }
    }
}
