package io.hypaware.cli;

import com.github.freva.asciitable.AsciiTable;
import com.github.freva.asciitable.Column;
import com.github.freva.asciitable.HorizontalAlign;
import io.hypaware.query.ResultWriter;
import io.hypaware.read.Overview;
import io.hypaware.read.OverviewPage;
import io.hypaware.read.Prices;
import io.hypaware.read.RateWindow;
import java.io.PrintWriter;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/// An overview as text.
record OverviewText(OverviewPage page) {

    private static final int LONGEST_BAR = 24;
    private static final int LONGEST_NAME = 48;

    /// Narrower has no room for bars.
    private static final int ROOM_FOR_BARS = 110;

    private static final int MOST_TOOLS = 12;

    private static final double DOLLAR = 1e6;

    void print(PrintWriter out, int width) {
        ZoneId zone = page.span().zone();
        out.printf(
                "The last %d %s, from %s on (%s)%n%n",
                page.days(),
                page.days() == 1 ? "day" : "days",
                DateTimeFormatter.ISO_LOCAL_DATE.format(page.span().since().atZone(zone)),
                zone.getId());
        if (page.groups().isEmpty()) {
            out.println("No answer of a model was recorded in that time.");
        } else {
            out.println(table(width == 0 || width >= ROOM_FOR_BARS));
            cost(out);
        }
        tools(out);
        if (!page.endings().isEmpty()) {
            out.println("Calls ended: "
                    + page.endings().stream()
                            .map(ending -> "%,d %s".formatted(ending.calls(), ResultWriter.shown(ending.outcome())))
                            .collect(Collectors.joining(", ")));
        }
        page.windows().forEach(window -> window(out, window));
    }

    private String table(boolean bars) {
        Overview.Group total = Overview.total(page.groups());
        long most = page.groups().stream()
                .mapToLong(Overview.Group::microDollars)
                .max()
                .orElse(0);
        List<String[]> rows = new ArrayList<>();
        for (Overview.Group group : page.groups()) {
            rows.add(row(group, bars ? bar(group.microDollars(), most) : ""));
        }
        rows.add(row(total, ""));
        List<Column> columns = new ArrayList<>();
        for (String header : List.of(
                page.by().name().toLowerCase(Locale.ROOT),
                "answers",
                "in",
                "out",
                "cache read",
                "written",
                "cost",
                "")) {
            boolean text = columns.isEmpty() || header.isEmpty();
            columns.add(new Column()
                    .header(header)
                    .headerAlign(text ? HorizontalAlign.LEFT : HorizontalAlign.RIGHT)
                    .dataAlign(text ? HorizontalAlign.LEFT : HorizontalAlign.RIGHT));
        }
        List<Column> shown = bars ? columns : columns.subList(0, columns.size() - 1);
        return AsciiTable.getTable(AsciiTable.NO_BORDERS, shown.toArray(Column[]::new), rows.toArray(String[][]::new));
    }

    private static String[] row(Overview.Group group, String bar) {
        return new String[] {
            Results.line(group.name().isEmpty() ? "-" : group.name(), LONGEST_NAME),
            "%,d".formatted(group.answers()),
            "%,d".formatted(group.tokens().input()),
            "%,d".formatted(group.tokens().output()),
            "%,d".formatted(group.tokens().cacheRead()),
            "%,d".formatted(group.tokens().cacheWrite()),
            dollars(group.microDollars()) + (group.unpriced().isEmpty() ? "" : "+?"),
            bar
        };
    }

    private static String bar(long part, long most) {
        if (part == 0 || most == 0) {
            return "";
        }
        return "█".repeat((int) Math.max(1, Math.round((double) part / most * LONGEST_BAR)));
    }

    private void cost(PrintWriter out) {
        Overview.Group total = Overview.total(page.groups());
        if (!total.unpriced().isEmpty()) {
            out.println("Without a price, and not in the cost: "
                    + total.unpriced().stream().map(ResultWriter::shown).collect(Collectors.joining(", "))
                    + " (add them to " + Prices.FILE + " in the home)");
        }
        total.cached()
                .ifPresent(share -> out.printf(
                        Locale.ROOT,
                        "Cache: %.1f %% of what models were sent was read from it; %,d %s cost about %s%s%n",
                        share * 100,
                        page.misses().calls(),
                        page.misses().calls() == 1 ? "miss" : "misses",
                        dollars(page.misses().microDollars()),
                        page.misses().calls() == 0 ? "" : " (why: hyp session misses <id>)"));
    }

    private void tools(PrintWriter out) {
        if (page.tools().isEmpty()) {
            return;
        }
        String named = page.tools().stream()
                .limit(MOST_TOOLS)
                .map(tool -> "%s %,d%s"
                        .formatted(
                                ResultWriter.shown(tool.name()),
                                tool.calls(),
                                tool.failed() == 0 ? "" : " (%,d failed)".formatted(tool.failed())))
                .collect(Collectors.joining(", "));
        out.println("Tools: " + named
                + (page.tools().size() > MOST_TOOLS
                        ? ", and %,d more".formatted(page.tools().size() - MOST_TOOLS)
                        : ""));
    }

    private void window(PrintWriter out, RateWindow window) {
        out.printf(
                Locale.ROOT,
                "Limit of %s%s: %.0f %% used%s, as reported at %s%n",
                ResultWriter.shown(window.upstream()),
                window.length().map(length -> " for " + said(length)).orElse(""),
                window.percent(),
                window.resets().map(at -> ", anew at " + time(at)).orElse(""),
                time(window.reportedAt()));
    }

    private static String said(Duration length) {
        return length.toHours() >= 48 ? length.toDays() + " days" : length.toHours() + " hours";
    }

    private String time(Instant at) {
        return DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm", Locale.ROOT)
                .format(at.atZone(page.span().zone()));
    }

    private static String dollars(long micros) {
        return String.format(Locale.ROOT, "$%,.2f", micros / DOLLAR);
    }
}
