package io.hypaware.read;

import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import io.hypaware.home.Progress;
import io.hypaware.project.Json;
import io.hypaware.query.GatheredRows;
import io.hypaware.query.QueryException;
import io.hypaware.query.QuerySession;
import java.io.IOException;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Gatherers;

/// The sessions that were used last, as a table of numbers. Those of an older cache have messages, but no calls.
public final class SessionTable {

    /// So many are added up at once: what is gathered of their calls has to fit in memory.
    private static final int AT_ONCE = 1_000;

    /// A column of the table.
    ///
    /// @param sql of it
    /// @param type as [GatheredRows] names it
    private record Column(String name, String sql, String type) {

        static Column number(String name) {
            return new Column(name, name, "long");
        }

        static Column time(String name) {
            return new Column(name, name, "timestamp");
        }

        static Column text(String name, String sql) {
            return new Column(name, sql, "string");
        }
    }

    private static final Column SESSION = Column.text("session", "session");
    private static final Column CLIENT = Column.text("client", "client");

    private static final List<Column> ALL = List.of(
            SESSION,
            CLIENT,
            Column.time("started"),
            Column.time("last"),
            Column.number("calls"),
            Column.number("messages"),
            Column.number("tokens_in"),
            Column.number("tokens_out"),
            Column.number("cache_read"),
            Column.number("cache_write"),
            Column.number("failed"));

    /// A terminal has no room for more.
    private static final List<Column> NARROW = List.of(
            SESSION,
            CLIENT,
            Column.text("last", Recorded.shortTime("last", "%m-%d %H:%M")),
            Column.number("calls"),
            Column.number("failed"),
            Column.number("messages"),
            Column.number("tokens_in"),
            Column.number("tokens_out"),
            Column.number("cache_read"),
            Column.number("cache_write"));

    private final Recorded recorded;
    private final Progress progress;
    private final int atOnce;

    /// @param progress is told of a long list
    public SessionTable(Recorded recorded, Progress progress) {
        this(recorded, progress, AT_ONCE);
    }

    SessionTable(Recorded recorded, Progress progress, int atOnce) {
        this.recorded = recorded;
        this.progress = progress;
        this.atOnce = atOnce;
    }

    /// Hands over the last of them.
    ///
    /// @param narrow only what a terminal has room for
    public void show(int most, boolean narrow, QuerySession.ResultConsumer consumer)
            throws QueryException, SQLException, IOException {
        List<Column> columns = narrow ? NARROW : ALL;
        List<String> found = LatestSessions.of(recorded, Optional.empty(), most);
        if (found.size() <= atOnce) {
            List<String> sessions = found.isEmpty() ? List.of("") : found;
            Recorded theirs = recorded.of(sessions);
            theirs.show(sql(theirs, sessions, columns), consumer);
            return;
        }
        progress.begin("adding up sessions", "sessions", found.size());
        try (GatheredRows rows = recorded.gathered(columns.stream()
                .map(column -> new GatheredRows.Column(column.name(), TextNode.valueOf(column.type())))
                .toList())) {
            for (List<String> sessions :
                    found.stream().gather(Gatherers.windowFixed(atOnce)).toList()) {
                for (ObjectNode cells : part(sessions, columns)) {
                    rows.add(cells);
                }
                progress.advance(0, sessions.size());
            }
            progress.end();
            rows.show(consumer);
        }
    }

    private List<ObjectNode> part(List<String> sessions, List<Column> columns)
            throws QueryException, SQLException, IOException {
        Recorded theirs = recorded.of(sessions);
        List<ObjectNode> part = new ArrayList<>();
        theirs.run(sql(theirs, sessions, columns), row -> {
            ObjectNode cells = Json.MAPPER.createObjectNode();
            for (int i = 0; i < columns.size(); i++) {
                cells.put(Integer.toString(i), row.getString(i + 1));
            }
            part.add(cells);
        });
        return part;
    }

    private static String sql(Recorded theirs, List<String> sessions, List<Column> columns)
            throws QueryException, SQLException, IOException {
        String rows = Sessions.isOneOf(sessions);
        return "select "
                + columns.stream()
                        .map(column -> column.sql() + " as " + column.name())
                        .collect(Collectors.joining(", "))
                + " from (select m.*, coalesce(f.failed, 0) as failed from (select " + Sessions.KEY
                + """
                 as session, any_value(client_name) as client, min(message_created_at) as started,
                  max(message_created_at) as last, count(distinct exchange_id) as calls,
                  count(distinct message_id) filter (where aux_kind is distinct from 'note') as messages, sum(input_tokens)::bigint as tokens_in,
                  sum(output_tokens)::bigint as tokens_out, sum(cache_read_tokens)::bigint as cache_read,
                  sum(cache_write_tokens)::bigint as cache_write
                  from ai_gateway_messages where\s""" + rows + """
                 group by 1) m
                left join (select session, count(*) as failed from (""" + Sessions.placed(" and " + rows) + """
                  ) p join exchanges e using (exchange_id) where (e.status >= 400 or e.outcome <> 'completed') and\s"""
                + Sessions.callIds(theirs, sessions).of("e") + """
                 group by 1) f using (session)) s
                order by s.last desc, s.session""";
    }
}
