package io.hypaware.cli;

import io.hypaware.home.Cache;
import io.hypaware.query.OutputFormat;
import io.hypaware.query.QueryException;
import io.hypaware.query.QuerySession;
import io.hypaware.query.ResultWriter;
import io.hypaware.read.SessionTable;
import java.io.IOException;
import java.io.PrintWriter;
import java.sql.SQLException;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;

/// What commands that show records have in common.
final class Results {

    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss", Locale.ROOT).withZone(ZoneOffset.UTC);

    /// Prints what a query finds.
    static void print(Environment environment, String sql, OutputFormat format, PrintWriter out)
            throws QueryException, SQLException, IOException {
        Cache cache = environment.cache();
        try (QuerySession session =
                QuerySession.open(cache, environment.config().query().memoryBytes(), sql)) {
            session.run(writer(format, out)::write);
        }
        out.flush();
    }

    /// Prints the sessions that were used last.
    static void printSessions(SessionTable sessions, ListOptions.Wanted wanted, PrintWriter out)
            throws QueryException, SQLException, IOException {
        sessions.show(wanted.most(), wanted.isNarrow(), writer(wanted.format(), out)::write);
        out.flush();
    }

    private static ResultWriter writer(OutputFormat format, PrintWriter out) {
        return new ResultWriter(format, out, Terminal.width(), 0, false);
    }

    static String time(Instant at) {
        return TIME.format(at);
    }

    /// So many of what a noun names.
    static String count(long number, String noun) {
        return "%,d %s%s".formatted(number, noun, number == 1 ? "" : "s");
    }

    /// One line of at most so many characters, safe for a terminal.
    static String line(String text, int most) {
        String first = text.strip();
        String shown = ResultWriter.shown(first.length() > most ? first.substring(0, most) : first);
        return shown.length() > most || first.length() > most
                ? shown.substring(0, Math.min(shown.length(), most - 1)) + "…"
                : shown;
    }

    private Results() {}
}
