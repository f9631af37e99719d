package io.hypaware.cli;

import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/// A time as options say it: so long ago, a day, or a time.
record Moment(Instant instant) {

    private static final Pattern AGO = Pattern.compile("(\\d{1,6})([smhd])");

    static final class Converter implements ITypeConverter<Moment> {
        @Override
        public Moment convert(String text) {
            Matcher ago = AGO.matcher(text);
            if (ago.matches()) {
                long count = Long.parseLong(ago.group(1));
                Duration back = switch (ago.group(2)) {
                    case "s" -> Duration.ofSeconds(count);
                    case "m" -> Duration.ofMinutes(count);
                    case "h" -> Duration.ofHours(count);
                    default -> Duration.ofDays(count);
                };
                return new Moment(Instant.now().minus(back));
            }
            try {
                return new Moment(
                        text.contains("T")
                                ? Instant.parse(text)
                                : LocalDate.parse(text)
                                        .atStartOfDay(ZoneOffset.UTC)
                                        .toInstant());
            } catch (DateTimeException e) {
                throw new TypeConversionException("found " + text
                        + ", expected 30m, 12h, 7d, a day such as 2026-03-01, or a time such as 2026-03-01T10:00:00Z");
            }
        }
    }
}
