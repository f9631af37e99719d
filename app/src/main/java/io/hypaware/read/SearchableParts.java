package io.hypaware.read;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.hypaware.query.QueryException;
import io.hypaware.query.QueryResult;
import io.hypaware.search.IndexedPart;
import java.io.IOException;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// The parts of messages as the search index takes them.
public final class SearchableParts {

    private static final JsonFactory JSON = new JsonFactory();

    /// Characters of a part that can be found; what comes later in it cannot.
    private static final int MOST_TEXT = 4_000_000;

    private static final String ABOUT =
            "select _row_id, _seq, %s as session, conversation_id, client_name, role, epoch_us(message_created_at)"
                    .formatted(Sessions.KEY);

    private static final String BYTES = "coalesce(strlen(content_text), 0) + coalesce(strlen(tool_args::varchar), 0)";

    /// Without texts of long parts: the engine hands over two thousand rows at once.
    private static final String SELECT = ABOUT
            + ", case when %1$s <= %2$d then content_text end, case when %1$s <= %2$d then tool_args::varchar end, %1$s"
                    .formatted(BYTES, LongParts.LONG_BYTES);

    private static final String WHOLE =
            ABOUT + ", left(content_text, %d), tool_args::varchar from ai_gateway_messages".formatted(MOST_TEXT);

    private static final int SIZE = 10;

    /// The column behind those.
    private static final int TOOL = 11;

    private final Recorded recorded;
    private final ToolNames tools;

    public SearchableParts(Recorded recorded) {
        this.recorded = recorded;
        this.tools = new ToolNames(recorded);
    }

    /// Takes one part after the other.
    @FunctionalInterface
    public interface Reader {
        void read(IndexedPart part) throws IOException;
    }

    /// Opens pieces of what is recorded by now, in the order of its positions.
    ///
    /// @param after the position behind which they begin
    /// @param last position that is wanted
    /// @param positions of a piece
    /// @param most pieces
    public Pieces pieces(long after, long last, long positions, int most) throws QueryException, SQLException {
        List<Long> ends = new ArrayList<>();
        List<String> sql = new ArrayList<>();
        for (long from = after; from < last && ends.size() < most; from = ends.getLast()) {
            ends.add(Math.min(last, from + positions));
            String range = " where _seq > " + from + " and _seq <= " + ends.getLast();
            sql.add(ToolNames.SELECT + range);
            sql.add(SELECT + ", tool_name, tool_result_for from ai_gateway_messages" + range);
        }
        return new Pieces(recorded.at(sql), ends);
    }

    /// Pieces of what is recorded at one moment, read one after the other.
    public final class Pieces implements AutoCloseable {

        private final Recorded.View view;
        private final Iterator<Long> ends;

        private Pieces(Recorded.View view, List<Long> ends) {
            this.view = view;
            this.ends = ends.iterator();
        }

        public boolean hasNext() {
            return ends.hasNext();
        }

        /// Hands over the parts of the next piece; returns its last position.
        public long next(Reader reader) throws QueryException, SQLException, IOException {
            Map<String, String> asked = new HashMap<>();
            view.next(row -> tools.read(row, asked));
            tools.find(asked);
            LongParts longs = new LongParts();
            view.next(row -> take(row, tool(row), longs, reader));
            hand(longs, reader);
            return ends.next();
        }

        @Override
        public void close() throws SQLException {
            view.close();
        }
    }

    /// How many parts there are of each partition of an older cache, by its number. Their position is negative, the
    /// same for all that came of one.
    public Map<Long, Long> adopted() throws QueryException, SQLException, IOException {
        Map<Long, Long> parts = new TreeMap<>();
        recorded.run(
                "select -_seq, count(*) from ai_gateway_messages where _seq < 0 group by 1",
                row -> parts.put(Recorded.number(row, 1), Recorded.number(row, 2)));
        return parts;
    }

    /// Hands over the parts of one of them.
    public void adopted(long number, Reader reader) throws QueryException, SQLException, IOException {
        String sql = SELECT + """
                , coalesce(tool_name, called) from ai_gateway_messages left join (
                  select tool_call_id as call, any_value(tool_name) as called from ai_gateway_messages
                  where tool_name is not null and tool_call_id in (
                    select tool_result_for from ai_gateway_messages where tool_name is null and _seq = %1$d)
                  group by 1) c on call = tool_result_for
                where _seq = %1$d""".formatted(-number);
        LongParts longs = new LongParts();
        recorded.run(sql, row -> take(row, Recorded.text(row, TOOL), longs, reader));
        hand(longs, reader);
    }

    /// Hands over the parts that some rows are.
    public void of(Collection<String> rowIds, Reader reader) throws QueryException, SQLException, IOException {
        String rows = " where _row_id in (" + Recorded.literals(rowIds) + ")";
        Map<String, String> asked = new HashMap<>();
        recorded.run(ToolNames.SELECT + rows, row -> tools.read(row, asked));
        tools.find(asked);
        LongParts longs = new LongParts();
        recorded.run(
                SELECT + ", tool_name, tool_result_for from ai_gateway_messages" + rows,
                row -> take(row, tool(row), longs, reader));
        hand(longs, reader);
    }

    private String tool(QueryResult row) throws SQLException {
        String tool = Recorded.text(row, TOOL);
        return tool.isEmpty() ? tools.of(Recorded.text(row, TOOL + 1)) : tool;
    }

    /// Hands over a part, or leaves it for later if it is long.
    private static void take(QueryResult row, String tool, LongParts longs, Reader reader)
            throws SQLException, IOException {
        long bytes = Recorded.number(row, SIZE);
        if (bytes > LongParts.LONG_BYTES) {
            longs.add(new LongParts.Part(
                    Recorded.text(row, 1), Recorded.number(row, 2), Recorded.instant(row, 7), bytes, tool));
        } else {
            hand(part(row, tool), reader);
        }
    }

    private void hand(LongParts longs, Reader reader) throws QueryException, SQLException, IOException {
        for (LongParts.Group group : longs.groups()) {
            recorded.on(group.days())
                    .run(WHOLE + group.where(), row -> hand(part(row, group.tool(Recorded.text(row, 1))), reader));
        }
    }

    private static void hand(IndexedPart part, Reader reader) throws IOException {
        if (!part.text().isEmpty()) {
            reader.read(part);
        }
    }

    private static IndexedPart part(QueryResult row, String tool) throws SQLException {
        return new IndexedPart(
                Recorded.text(row, 1),
                Recorded.text(row, 3),
                Recorded.text(row, 4),
                Recorded.text(row, 5),
                Recorded.text(row, 6),
                tool,
                Recorded.instant(row, 7),
                text(Recorded.text(row, 8), Recorded.text(row, 9)),
                Math.max(0, -Recorded.number(row, 2)));
    }

    /// What of a part can be found: what was said, and the values of what a tool was called with, a line each.
    ///
    /// @param arguments JSON; empty if there are none
    static String text(String said, String arguments) {
        String begin = said.length() > MOST_TEXT ? said.substring(0, MOST_TEXT) : said;
        if (arguments.isEmpty()) {
            return begin;
        }
        StringBuilder text = new StringBuilder(begin);
        try (JsonParser json = JSON.createParser(arguments)) {
            for (JsonToken token = json.nextToken();
                    token != null && text.length() < MOST_TEXT;
                    token = json.nextToken()) {
                if (token == JsonToken.VALUE_STRING || token.isNumeric()) {
                    text.append(text.isEmpty() ? "" : "\n").append(json.getText());
                }
            }
        } catch (IOException e) {
            // What is no JSON is found as it stands.
            text.append(text.isEmpty() ? "" : "\n").append(arguments);
        }
        return text.length() > MOST_TEXT ? text.substring(0, MOST_TEXT) : text.toString();
    }
}
