package io.hypaware.read;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.hypaware.query.QueryException;
import io.hypaware.query.QueryResult;
import io.hypaware.search.IndexedPart;
import java.io.IOException;
import java.sql.SQLException;
import java.util.Map;
import java.util.TreeMap;

/// The parts of messages as the search index takes them.
public final class SearchableParts {

    private static final JsonFactory JSON = new JsonFactory();

    /// Characters of a part that can be found; what comes later in it cannot.
    private static final int MOST_TEXT = 4_000_000;

    private final Recorded recorded;

    public SearchableParts(Recorded recorded) {
        this.recorded = recorded;
    }

    /// Takes one part after the other.
    @FunctionalInterface
    public interface Reader {
        void read(IndexedPart part) throws IOException;
    }

    /// Hands over the parts whose positions are after one and not after another.
    public void between(long after, long upTo, Reader reader) throws QueryException, SQLException, IOException {
        read("%s._seq > " + after + " and %s._seq <= " + upTo, reader);
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
        read("%s._seq = " + -number, reader);
    }

    private void read(String condition, Reader reader) throws QueryException, SQLException, IOException {
        String inner = condition.replace("%s", "ai_gateway_messages");
        String sql = """
                select p._row_id, p._seq, %s as session, p.conversation_id, p.client_name, p.role,
                  coalesce(p.tool_name, c.tool_name), epoch_us(p.message_created_at), p.content_text, p.tool_args::varchar
                from ai_gateway_messages p left join (
                  select tool_call_id, any_value(tool_name) as tool_name from ai_gateway_messages
                  where tool_name is not null and tool_call_id in (
                    select tool_result_for from ai_gateway_messages where tool_name is null and %s)
                  group by 1) c on c.tool_call_id = p.tool_result_for
                where %s""".formatted(Sessions.keyOf("p"), inner, condition.replace("%s", "p"));
        recorded.run(sql, row -> {
            IndexedPart part = part(row);
            if (!part.text().isEmpty()) {
                reader.read(part);
            }
        });
    }

    private static IndexedPart part(QueryResult row) throws SQLException {
        return new IndexedPart(
                Recorded.text(row, 1),
                Recorded.text(row, 3),
                Recorded.text(row, 4),
                Recorded.text(row, 5),
                Recorded.text(row, 6),
                Recorded.text(row, 7),
                Recorded.instant(row, 8),
                text(Recorded.text(row, 9), Recorded.text(row, 10)),
                Math.max(0, -Recorded.number(row, 2)));
    }

    /// What of a part can be found: what was said, and the values of what a tool was called with, a line each.
    ///
    /// @param arguments JSON; empty if there are none
    static String text(String said, String arguments) {
        StringBuilder text = new StringBuilder(said.length() > MOST_TEXT ? said.substring(0, MOST_TEXT) : said);
        if (!arguments.isEmpty()) {
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
        }
        return text.length() > MOST_TEXT ? text.substring(0, MOST_TEXT) : text.toString();
    }
}
