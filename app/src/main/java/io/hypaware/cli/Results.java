package io.hypaware.cli;

import io.hypaware.home.Cache;
import io.hypaware.query.OutputFormat;
import io.hypaware.query.QueryException;
import io.hypaware.query.QuerySession;
import io.hypaware.query.ResultWriter;
import io.hypaware.query.Scope;
import io.hypaware.read.Recorded;
import io.hypaware.read.Sessions;
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
        print(environment, new Sessions.Listing(sql, Scope.ALL), format, out);
    }

    /// Prints the sessions that were used last.
    static void printSessions(Environment environment, int most, OutputFormat format, PrintWriter out, boolean narrow)
            throws QueryException, SQLException, IOException {
        Recorded recorded =
                new Recorded(environment.cache(), environment.config().query().memoryBytes());
        print(environment, new Sessions(recorded).latest(most, narrow), format, out);
    }

    private static void print(Environment environment, Sessions.Listing listing, OutputFormat format, PrintWriter out)
            throws QueryException, SQLException, IOException {
        ResultWriter writer = new ResultWriter(format, out, Terminal.width(), 0, false);
        Cache cache = environment.cache();
        try (QuerySession session =
                QuerySession.open(cache, environment.config().query().memoryBytes(), listing.sql(), listing.scope())) {
            session.run(writer::write);
        }
        out.flush();
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
