package io.hypaware.read;

import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// A time as people and programs say it: so long ago, a day, or a time.
public record Moment(Instant instant) {

    private static final Pattern AGO = Pattern.compile("(\\d{1,6})([smhd])");

    /// @throws IllegalArgumentException if it is none; the message says what is expected
    public static Moment of(String text, Instant now) {
        Matcher ago = AGO.matcher(text);
        if (ago.matches()) {
            long count = Long.parseLong(ago.group(1));
            Duration back = switch (ago.group(2)) {
                case "s" -> Duration.ofSeconds(count);
                case "m" -> Duration.ofMinutes(count);
                case "h" -> Duration.ofHours(count);
                default -> Duration.ofDays(count);
            };
            return new Moment(now.minus(back));
        }
        try {
            return new Moment(
                    text.contains("T")
                            ? Instant.parse(text)
                            : LocalDate.parse(text).atStartOfDay(ZoneOffset.UTC).toInstant());
        } catch (DateTimeException e) {
            throw new IllegalArgumentException(
                    "found " + text
                            + ", expected 30m, 12h, 7d, a day such as 2026-03-01, or a time such as 2026-03-01T10:00:00Z",
                    e);
        }
    }
}
