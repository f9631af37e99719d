package io.hypaware.daemon;

import io.hypaware.gateway.GatewayStats;
import io.hypaware.gateway.UpstreamStats;
import io.hypaware.home.HypHome;
import io.hypaware.journal.RecorderStats;
import io.hypaware.maintain.Figures;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/// One line for people at work: whether it is recorded, and what the session and the day took. Of what was said
/// nothing is in it, nor any name.
///
/// The gateway asks for it on its event loops; the figures, which workers write down, are read elsewhere.
public final class StatusLine {

    /// After that, no one is thought to look at it.
    private static final Duration WATCHED_FOR = Duration.ofMinutes(10);

    /// How long a call that did not reach its provider is told.
    private static final Duration TROUBLE = Duration.ofMinutes(10);

    /// Figures of before the last calls are not told to be old sooner.
    private static final Duration FRESH = Duration.ofMinutes(5);

    /// What a status line has room for.
    private static final int MOST_CHARACTERS = 200;

    private static final int MINUTES_OF_AN_HOUR = 60;
    private static final int HOURS_OF_TWO_DAYS = 48;

    private final HypHome home;
    private final boolean recording;
    private final Clock clock;
    private volatile Optional<Figures> figures = Optional.empty();
    private volatile Instant asked = Instant.EPOCH;

    /// @param recording whether the config says so
    StatusLine(HypHome home, boolean recording, Clock clock) {
        this.home = home;
        this.recording = recording;
        this.clock = clock;
    }

    /// Takes the figures that were written last. It waits for the disk.
    void reload() {
        figures = Figures.read(home.figures());
    }

    /// Whether somebody looks at it.
    boolean isWatched() {
        return asked.plus(WATCHED_FOR).isAfter(clock.instant());
    }

    /// Whether there are no figures of today.
    boolean lacksDay() {
        return figures.filter(there -> clock.instant().isBefore(there.dayEnds()))
                .isEmpty();
    }

    /// @param session in which somebody is; one that is not known is left out
    String text(String session, GatewayStats calls, RecorderStats recorder) {
        Instant now = clock.instant();
        asked = now;
        List<String> said = new ArrayList<>();
        if (!recording) {
            said.add("○ not recording");
        } else {
            boolean broken = !recorder.open() && recorder.lastError().isPresent();
            said.add(broken ? "○ cannot record: hyp status" : "● recording");
        }
        if (calls.openCalls() > 0) {
            said.add(calls.openCalls() + " open");
        }
        long failed = calls.upstreams().values().stream()
                .filter(upstream -> began(upstream).plus(TROUBLE).isAfter(now))
                .mapToLong(UpstreamStats::failedInARow)
                .sum();
        if (failed > 0) {
            said.add(failed + (failed == 1 ? " call" : " calls") + " without an answer");
        }
        figures.ifPresent(there -> figures(said, there, session, now));
        figures.filter(there -> isOld(there, calls, now))
                .ifPresent(there -> said.add(DateTimeFormatter.ofPattern("'as of' HH:mm", Locale.ROOT)
                        .format(there.at().atZone(there.zone()))));
        String line = String.join(" · ", said);
        return line.length() > MOST_CHARACTERS ? line.substring(0, MOST_CHARACTERS - 1) + "…" : line;
    }

    private static void figures(List<String> said, Figures figures, String session, Instant now) {
        boolean today = now.isBefore(figures.dayEnds());
        Optional<Figures.Took> ofSession =
                Optional.ofNullable(figures.sessions().get(session));
        if (ofSession.isPresent()) {
            took(said, "session", ofSession.get());
            if (today) {
                said.add("today " + dollars(figures.day()));
            }
        } else if (today) {
            took(said, "today", figures.day());
        }
        figures.window()
                .filter(window -> now.isBefore(window.resets()))
                .ifPresent(window -> said.add(length(window.minutes()) + " " + window.percent() + "%"));
    }

    private static void took(List<String> said, String of, Figures.Took took) {
        said.add("%s %s %s".formatted(of, count(took.answers()), took.answers() == 1 ? "answer" : "answers"));
        if (took.answers() == 0) {
            return;
        }
        said.add(count(took.tokensIn()) + " in"
                + (took.tokensIn() == 0
                        ? ""
                        : " (%.0f%% cache)".formatted(100.0 * took.tokensCached() / took.tokensIn())));
        said.add(count(took.tokensOut()) + " out");
        said.add(dollars(took));
        if (took.misses() > 0) {
            said.add(count(took.misses()) + (took.misses() == 1 ? " miss" : " misses"));
        }
    }

    /// Calls were made since that the figures do not know.
    private static boolean isOld(Figures figures, GatewayStats calls, Instant now) {
        return figures.at().plus(FRESH).isBefore(now)
                && calls.upstreams().values().stream()
                        .anyMatch(upstream -> began(upstream).isAfter(figures.at()));
    }

    private static Instant began(UpstreamStats upstream) {
        return Instant.ofEpochMilli(upstream.lastCallMillis());
    }

    /// A cost that leaves out models without a price says so; one that knows no price at all is none.
    private static String dollars(Figures.Took took) {
        if (!took.isPriced() && took.microDollars() == 0) {
            return "$?";
        }
        return String.format(Locale.ROOT, "$%.2f", took.microDollars() / 1e6) + (took.isPriced() ? "" : "+");
    }

    /// 999, 1.2k, 38k, 1.2M.
    public static String count(long number) {
        double shown = number;
        String unit = "";
        for (String next : List.of("k", "M", "G", "T")) {
            if (shown < 999.5) {
                break;
            }
            shown /= 1_000;
            unit = next;
        }
        return String.format(Locale.ROOT, unit.isEmpty() || shown >= 9.95 ? "%.0f%s" : "%.1f%s", shown, unit);
    }

    private static String length(long minutes) {
        long hours = minutes / MINUTES_OF_AN_HOUR;
        return hours >= HOURS_OF_TWO_DAYS ? hours / 24 + "d" : hours + "h";
    }
}
