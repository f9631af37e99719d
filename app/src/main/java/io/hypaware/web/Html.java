package io.hypaware.web;

import io.hypaware.query.Inert;
import io.hypaware.read.SessionCall.Tokens;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.Locale;

/// How values are written on a page. Templates escape what they print; here is what is to be seen.
public final class Html {

    private static final DateTimeFormatter CLOCK = DateTimeFormatter.ofPattern("HH:mm:ss", Locale.ROOT);
    private static final DateTimeFormatter DAY_AND_TIME = DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm", Locale.ROOT);
    private static final double DOLLAR = 1e6;

    /// A captured text: what a browser would act on besides markup is visible.
    public static String visible(String text) {
        return Inert.page(text);
    }

    /// One line of a text, not longer than so many characters.
    public static String line(String text, int most) {
        String shown = text.strip();
        int end = shown.indexOf('\n');
        String first = end < 0 ? shown : shown.substring(0, end);
        boolean cut = end >= 0 || first.length() > most;
        return visible(first.length() > most ? whole(first, most) : first) + (cut ? " …" : "");
    }

    /// The beginning of a text, no character halved.
    static String whole(String text, int most) {
        if (text.length() <= most) {
            return text;
        }
        return text.substring(0, Character.isHighSurrogate(text.charAt(most - 1)) ? most - 1 : most);
    }

    public static String clock(Instant at, ZoneId zone) {
        return CLOCK.format(at.atZone(zone));
    }

    /// A moment as people say it: today by the time alone.
    public static String moment(Instant at, Instant now, ZoneId zone) {
        LocalDate day = LocalDate.ofInstant(at, zone);
        return day.equals(LocalDate.ofInstant(now, zone))
                ? "today " + clock(at, zone).substring(0, 5)
                : full(at, zone);
    }

    public static String full(Instant at, ZoneId zone) {
        return DAY_AND_TIME.format(at.atZone(zone));
    }

    public static String number(long value) {
        return String.format(Locale.ROOT, "%,d", value);
    }

    /// A large number as its first digits: 1.2M.
    public static String brief(long value) {
        if (value < 1_000) {
            return Long.toString(value);
        }
        if (value < 999_500) {
            return value < 9_950
                    ? String.format(Locale.ROOT, "%.1fk", value / 1e3)
                    : String.format(Locale.ROOT, "%.0fk", value / 1e3);
        }
        return value < 999_500_000
                ? String.format(Locale.ROOT, "%.1fM", value / 1e6)
                : String.format(Locale.ROOT, "%.1fG", value / 1e9);
    }

    public static String size(long bytes) {
        return bytes < 1_000
                ? bytes + " B"
                : brief(bytes).replace("k", " kB").replace("M", " MB").replace("G", " GB");
    }

    /// Millionths of a dollar as dollars; a plus says that a model has no price.
    public static String dollars(long microDollars, boolean more) {
        String plus = more ? "+" : "";
        if (microDollars == 0) {
            return more ? "?" : "$0";
        }
        BigDecimal dollars = BigDecimal.valueOf(microDollars / DOLLAR);
        int digits = microDollars < 10_000 ? 4 : 2;
        return "$" + String.format(Locale.ROOT, "%,." + digits + "f", dollars.setScale(digits, RoundingMode.HALF_UP))
                + plus;
    }

    public static String duration(Duration duration) {
        long millis = duration.toMillis();
        if (millis < 1_000) {
            return millis + " ms";
        }
        if (millis < 60_000) {
            return String.format(Locale.ROOT, "%.1f s", millis / 1e3);
        }
        long minutes = duration.toMinutes();
        return minutes < 60
                ? minutes + " min " + duration.toSecondsPart() + " s"
                : duration.toHours() + " h " + duration.toMinutesPart() + " min";
    }

    public static String percent(double share) {
        return String.format(Locale.ROOT, "%.0f%%", share * 100);
    }

    /// How much of what was sent came out of the cache.
    public static String cached(Tokens tokens) {
        long all = tokens.prompt();
        return all == 0 ? "–" : percent((double) tokens.cacheRead() / all);
    }

    /// The last folder of a path, or of an address, and the one it is in.
    public static String tail(String path) {
        String plain = path.replaceFirst("/+$", "").replaceFirst("\\.git$", "");
        int last = plain.lastIndexOf('/');
        return visible(plain.substring(last <= 0 ? 0 : plain.lastIndexOf('/', last - 1) + 1));
    }

    /// A value within an address of this page.
    public static String url(String value) {
        return URLEncoder.encode(value, StandardCharsets.UTF_8);
    }

    public static String plural(long count, String one, String many) {
        return number(count) + " " + (count == 1 ? one : many);
    }

    private Html() {}
}
