package io.hypaware.cli;

import com.github.freva.asciitable.AsciiTable;
import com.github.freva.asciitable.Column;
import com.github.freva.asciitable.HorizontalAlign;
import io.hypaware.daemon.StatusLine;
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
import org.apache.commons.text.WordUtils;

/// An overview as text.
record OverviewText(OverviewPage page) {

    private static final int LONGEST_BAR = 24;
    private static final int LONGEST_NAME = 48;
    private static final int NARROWEST_NAME = 12;

    /// Narrower has no room for bars.
    private static final int ROOM_FOR_BARS = 110;

    private static final int MOST_TOOLS = 12;

    private static final int MOST_NAMES = 100;

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
            out.println(table(width));
            int more = page.groups().size() - shown().size();
            if (more > 0) {
                out.println("Left out: %s that cost less, which the total counts (all of them: --json)"
                        .formatted(Results.count(more, page.by().toString())));
            }
            cost(out);
        }
        tools(out, width);
        if (!page.endings().isEmpty()) {
            out.println(wrapped(
                    "Calls ended: "
                            + page.endings().stream()
                                    .map(ending ->
                                            "%,d %s".formatted(ending.calls(), ResultWriter.shown(ending.outcome())))
                                    .collect(Collectors.joining(", ")),
                    width));
        }
        page.windows().forEach(window -> window(out, window));
    }

    /// Times are bounded by what is asked for, all else is not.
    private List<Overview.Group> shown() {
        List<Overview.Group> groups = page.groups();
        return page.by().isTime() ? groups : groups.subList(0, Math.min(MOST_NAMES, groups.size()));
    }

    /// How the table is drawn.
    ///
    /// @param brief whether numbers are, such as 1.2M
    private record Look(boolean bars, boolean brief, int mostName) {

        String number(long number) {
            return brief ? StatusLine.count(number) : "%,d".formatted(number);
        }

        /// Of a folder the end says most.
        String name(String name) {
            String shown = ResultWriter.shown(name.isEmpty() ? "-" : name);
            return shown.startsWith("/") && shown.length() > mostName
                    ? "…" + shown.substring(shown.length() - mostName + 1)
                    : Results.line(shown, mostName);
        }
    }

    /// The table as it fits: first without bars, then with brief numbers, then with names that are cut.
    ///
    /// @param width 0 for no bound
    private String table(int width) {
        if (width == 0) {
            return table(new Look(true, false, LONGEST_NAME));
        }
        List<Look> looks = List.of(
                new Look(width >= ROOM_FOR_BARS, false, LONGEST_NAME),
                new Look(false, false, LONGEST_NAME),
                new Look(false, true, LONGEST_NAME));
        for (Look look : looks) {
            String table = table(look);
            if (widest(table) <= width) {
                return table;
            }
        }
        int longest = shown().stream()
                .mapToInt(group -> looks.getLast().name(group.name()).length())
                .max()
                .orElse(0);
        int room = longest - (widest(table(looks.getLast())) - width);
        return table(new Look(false, true, Math.max(NARROWEST_NAME, room)));
    }

    /// A line that fills the terminal would be followed by an empty one.
    private static int widest(String table) {
        return 1 + table.lines().mapToInt(String::length).max().orElse(0);
    }

    private String table(Look look) {
        Overview.Group total = Overview.total(page.groups());
        long most = page.groups().stream()
                .mapToLong(Overview.Group::microDollars)
                .max()
                .orElse(0);
        List<String[]> rows = new ArrayList<>();
        for (Overview.Group group : shown()) {
            rows.add(row(look, group, look.bars() ? bar(group.microDollars(), most) : ""));
        }
        rows.add(row(look, total, ""));
        List<Column> columns = new ArrayList<>();
        for (String header :
                List.of(page.by().toString(), "answers", "in", "out", "cache read", "written", "cost", "")) {
            boolean text = columns.isEmpty() || header.isEmpty();
            columns.add(new Column()
                    .header(header)
                    .headerAlign(text ? HorizontalAlign.LEFT : HorizontalAlign.RIGHT)
                    .dataAlign(text ? HorizontalAlign.LEFT : HorizontalAlign.RIGHT));
        }
        List<Column> shown = look.bars() ? columns : columns.subList(0, columns.size() - 1);
        return AsciiTable.getTable(AsciiTable.NO_BORDERS, shown.toArray(Column[]::new), rows.toArray(String[][]::new));
    }

    private static String[] row(Look look, Overview.Group group, String bar) {
        return new String[] {
            look.name(group.name()),
            look.number(group.answers()),
            look.number(group.tokens().input()),
            look.number(group.tokens().output()),
            look.number(group.tokens().cacheRead()),
            look.number(group.tokens().cacheWrite()),
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
                        "Cache: %.1f %% of what models were sent was read from it%s%n",
                        share * 100,
                        page.misses().calls() == 0 ? ", without a miss" : ""));
        if (page.misses().calls() > 0) {
            out.printf(
                    Locale.ROOT,
                    "%,d %s cost about %s (why: hyp session misses <id>)%n",
                    page.misses().calls(),
                    page.misses().calls() == 1 ? "miss" : "misses",
                    dollars(page.misses().microDollars()));
        }
    }

    /// A long list breaks between words.
    private static String wrapped(String text, int width) {
        return width == 0 ? text : WordUtils.wrap(text, width - 1, System.lineSeparator() + "  ", false);
    }

    private void tools(PrintWriter out, int width) {
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
        out.println(wrapped(
                "Tools: " + named
                        + (page.tools().size() > MOST_TOOLS
                                ? ", and %,d more".formatted(page.tools().size() - MOST_TOOLS)
                                : ""),
                width));
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
