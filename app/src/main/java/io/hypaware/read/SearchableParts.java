package io.hypaware.read;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.hypaware.dataset.Dataset;
import io.hypaware.project.Messages;
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
import java.util.stream.Stream;

/// The parts of messages as the search index takes them.
public final class SearchableParts {

    private static final JsonFactory JSON = new JsonFactory();

    /// Characters of a part that can be found; what comes later in it cannot.
    static final int MOST_TEXT = 4_000_000;

    private static final TextRows PARTS = new TextRows(
            Messages.DATASET,
            Dataset.ROW_ID,
            Sessions.KEY + " as session, conversation_id, client_name, role, tool_name, tool_result_for",
            List.of(new TextRows.Text("content_text", MOST_TEXT), TextRows.Text.of("tool_args::varchar")));

    private static final int SESSION = TextRows.FIRST;
    private static final int CONVERSATION = SESSION + 1;
    private static final int CLIENT = SESSION + 2;
    private static final int ROLE = SESSION + 3;
    private static final int TOOL = SESSION + 4;
    private static final int RESULT_FOR = SESSION + 5;
    private static final int CONTENT = SESSION + 6;
    private static final int ARGUMENTS = SESSION + 7;

    private static final long MICROS_OF_MINUTE = 60_000_000;

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
        List<String> conditions = new ArrayList<>();
        for (long from = after; from < last && ends.size() < most; from = ends.getLast()) {
            ends.add(Math.min(last, from + positions));
            conditions.add("_seq > " + from + " and _seq <= " + ends.getLast());
        }
        return new Pieces(at(conditions), ends);
    }

    private Recorded.View at(List<String> conditions) throws QueryException, SQLException {
        return recorded.at(conditions.stream()
                .flatMap(condition -> Stream.of(ToolNames.SELECT + " where " + condition, PARTS.sql(condition)))
                .toList());
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

        /// Hands over the parts of the next piece; returns where it ends.
        public long next(Reader reader) throws QueryException, SQLException, IOException {
            Map<String, String> asked = new HashMap<>();
            view.next(row -> tools.read(row, asked));
            tools.find(asked);
            PARTS.read(view, recorded, row -> hand(row, reader));
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

    /// Neighbouring parts of a partition of an older cache.
    ///
    /// @param from the first time of one, in microseconds since the epoch
    /// @param to the time before which they are
    public record Span(long from, long to, long parts) {}

    /// Takes the parts of one of them apart, in the order of their times.
    ///
    /// @param from the first time that is wanted
    /// @param most parts of a span, of more than a minute
    public List<Span> spans(long number, long from, long most) throws QueryException, SQLException, IOException {
        List<Span> spans = new ArrayList<>();
        String sql = """
                select micros - (micros %% %1$d + %1$d) %% %1$d as minute, count(*) from (
                  select epoch_us(message_created_at) as micros from ai_gateway_messages where _seq = %2$d)
                where micros >= %3$d group by 1 order by 1""".formatted(MICROS_OF_MINUTE, -number, from);
        recorded.run(sql, row -> {
            long minute = Recorded.number(row, 1);
            long end = minute + MICROS_OF_MINUTE;
            long parts = Recorded.number(row, 2);
            if (!spans.isEmpty() && spans.getLast().parts() + parts <= most) {
                Span last = spans.removeLast();
                spans.add(new Span(last.from(), end, last.parts() + parts));
            } else {
                spans.add(new Span(minute, end, parts));
            }
        });
        return spans;
    }

    /// Opens pieces that are these spans of a partition of an older cache.
    public Pieces adopted(long number, List<Span> spans) throws QueryException, SQLException {
        return new Pieces(
                at(spans.stream()
                        .map(span ->
                                "_seq = %d and message_created_at >= make_timestamptz(%d) and message_created_at < make_timestamptz(%d)"
                                        .formatted(-number, span.from(), span.to()))
                        .toList()),
                spans.stream().map(Span::to).toList());
    }

    /// Hands over the parts that some rows are.
    public void of(Collection<String> rowIds, Reader reader) throws QueryException, SQLException, IOException {
        String condition = "_row_id in (" + Recorded.literals(rowIds) + ")";
        try (Pieces pieces = new Pieces(at(List.of(condition)), List.of(0L))) {
            pieces.next(reader);
        }
    }

    private void hand(QueryResult row, Reader reader) throws SQLException, IOException {
        String text = text(Recorded.text(row, CONTENT), Recorded.text(row, ARGUMENTS));
        if (text.isEmpty()) {
            return;
        }
        String tool = Recorded.text(row, TOOL);
        reader.read(new IndexedPart(
                TextRows.id(row),
                Recorded.text(row, SESSION),
                Recorded.text(row, CONVERSATION),
                Recorded.text(row, CLIENT),
                Recorded.text(row, ROLE),
                tool.isEmpty() ? tools.of(Recorded.text(row, RESULT_FOR)) : tool,
                TextRows.time(row),
                text,
                Math.max(0, -TextRows.position(row))));
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
