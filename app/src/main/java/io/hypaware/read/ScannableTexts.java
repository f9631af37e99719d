package io.hypaware.read;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import io.hypaware.dataset.Dataset;
import io.hypaware.dataset.Datasets;
import io.hypaware.journal.Micros;
import io.hypaware.project.Json;
import io.hypaware.project.Messages;
import io.hypaware.query.QueryException;
import io.hypaware.query.QueryResult;
import java.io.IOException;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Gatherers;
import java.util.stream.Stream;

/// All that was sent and answered, each text once: the parts of messages, what exporters and clients reported, and the
/// payloads, which hold system texts, definitions of tools and whole bodies.
public final class ScannableTexts {

    private static final String MESSAGES = Messages.DATASET.name();

    /// System text and tools are short where they are no payloads.
    private static final TextRows PARTS = new TextRows(
            Messages.DATASET,
            Dataset.ROW_ID,
            Sessions.KEY + " as session, conversation_id, role, part_type, exchange_id, tool_name, tool_result_for,"
                    + " system_text, tools",
            List.of(TextRows.Text.of("content_text"), TextRows.Text.of("tool_args::varchar")));

    private static final int SESSION = TextRows.FIRST;
    private static final int CONVERSATION = SESSION + 1;
    private static final int ROLE = SESSION + 2;
    private static final int TYPE = SESSION + 3;
    private static final int EXCHANGE = SESSION + 4;
    private static final int TOOL = SESSION + 5;
    private static final int RESULT_FOR = SESSION + 6;
    private static final int SYSTEM = SESSION + 7;
    private static final int TOOLS = SESSION + 8;
    private static final int CONTENT = SESSION + 9;
    private static final int ARGUMENTS = SESSION + 10;

    private static final TextRows PAYLOADS = new TextRows(
            Datasets.PAYLOADS, "hash", "size", List.of(TextRows.Text.of("text"), TextRows.Text.of("parts::varchar")));

    private static final List<Integer> PAYLOAD_TEXTS = List.of(TextRows.FIRST + 1, TextRows.FIRST + 2);

    /// What a payload is said to be: it says again what rows say.
    public static final String BODY = "body";

    private static final int AT_A_TIME = 500;

    /// Names under which tools are told of a file, the likeliest first.
    private static final List<String> FILES = List.of(
            "file_path",
            "filePath",
            "absolute_path",
            "notebook_path",
            "path",
            "file",
            "filename",
            "target_file",
            "command",
            "cmd");

    private final Recorded recorded;
    private final List<ReportedTexts> reported = ReportedTexts.all();

    public ScannableTexts(Recorded recorded) {
        this.recorded = recorded;
    }

    /// Takes one text after the other.
    @FunctionalInterface
    public interface Reader {
        void read(ScannableText text);
    }

    /// What a tool was called with.
    ///
    /// @param subject a file, or a command; empty if it names none
    public record Call(String tool, String subject) {}

    /// Which call said something first.
    public record Sender(String exchange, String session) {}

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
            String range = "_seq > " + from + " and _seq <= " + ends.getLast();
            sql.add(PARTS.sql(range));
            reported.forEach(texts -> sql.add(texts.rows().sql(range)));
            sql.add(PAYLOADS.sql("bytes is null and " + range));
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

        /// Hands over the texts of the next piece, rows first; returns its last position.
        public long next(Reader reader) throws QueryException, SQLException, IOException {
            PARTS.read(view, recorded, row -> part(row, reader));
            for (ReportedTexts texts : reported) {
                texts.rows().read(view, recorded, texts.reader(reader));
            }
            PAYLOADS.read(view, recorded, row -> payload(row, reader));
            return ends.next();
        }

        @Override
        public void close() throws SQLException {
            view.close();
        }
    }

    /// The rows of a dataset that came from one partition of an older cache.
    ///
    /// @param number of the partition in its dataset
    public record Adopted(String dataset, long number) {

        /// Tells it from all others.
        public String name() {
            return dataset.equals(MESSAGES) ? Long.toString(number) : dataset + " " + number;
        }
    }

    /// How many rows there are of each partition of an older cache.
    public Map<Adopted, Long> adopted() throws QueryException, SQLException, IOException {
        Map<Adopted, Long> rows = new LinkedHashMap<>();
        Stream<String> datasets =
                Stream.concat(Stream.of(MESSAGES), reported.stream().map(ReportedTexts::dataset));
        String sql = datasets.map(
                        name -> "select '" + name + "', -_seq, count(*) from " + name + " where _seq < 0 group by 2")
                .collect(Collectors.joining(" union all "));
        recorded.run(
                sql + " order by 1, 2",
                row -> rows.put(new Adopted(Recorded.text(row, 1), Recorded.number(row, 2)), Recorded.number(row, 3)));
        return rows;
    }

    /// Hands over the texts of one of them.
    public void adopted(Adopted wanted, Reader reader) throws QueryException, SQLException, IOException {
        String where = "_seq = " + -wanted.number();
        if (wanted.dataset().equals(MESSAGES)) {
            PARTS.read(recorded, where, row -> part(row, reader));
        }
        for (ReportedTexts texts : reported) {
            if (texts.dataset().equals(wanted.dataset())) {
                texts.rows().read(recorded, where, texts.reader(reader));
            }
        }
    }

    /// Whether it stands in what an exporter or a client reported, and so need not have gone to any provider.
    public static boolean isReported(String origin) {
        return ReportedTexts.isOrigin(origin);
    }

    private static void part(QueryResult row, Reader reader) throws SQLException {
        String role = Recorded.text(row, ROLE);
        String type = Recorded.text(row, TYPE);
        hand(row, origin(role, type), Recorded.text(row, CONTENT), reader);
        hand(row, "tool call", Recorded.text(row, ARGUMENTS), reader);
        hand(row, "system text", row.inRow(SYSTEM).orElse(""), reader);
        hand(row, "definition of tools", row.inRow(TOOLS).orElse(""), reader);
    }

    private static String origin(String role, String type) {
        return switch (type) {
            case "tool_result" -> "tool result";
            case "tool_call" -> "tool call";
            case "thinking" -> "thinking";
            case "note" -> "note";
            default ->
                switch (role) {
                    case "assistant" -> "answer";
                    case "system" -> "system text";
                    default -> "prompt";
                };
        };
    }

    private static void hand(QueryResult row, String origin, String text, Reader reader) throws SQLException {
        if (!text.isEmpty()) {
            reader.read(new ScannableText(
                    TextRows.id(row),
                    origin,
                    text,
                    TextRows.time(row),
                    Recorded.text(row, SESSION),
                    Recorded.text(row, CONVERSATION),
                    Recorded.text(row, EXCHANGE),
                    Recorded.text(row, TOOL),
                    Recorded.text(row, RESULT_FOR)));
        }
    }

    private static void payload(QueryResult row, Reader reader) throws SQLException {
        for (int column : PAYLOAD_TEXTS) {
            String text = Recorded.text(row, column);
            if (!text.isEmpty()) {
                reader.read(new ScannableText(TextRows.id(row), BODY, text, TextRows.time(row), "", "", "", "", ""));
            }
        }
    }

    /// What the tools were called with, by the call's id.
    public Map<String, Call> calls(Collection<String> ids) throws QueryException, SQLException, IOException {
        Map<String, Call> calls = new HashMap<>();
        for (List<String> some :
                ids.stream().gather(Gatherers.windowFixed(AT_A_TIME)).toList()) {
            recorded.run(
                    "select tool_call_id, any_value(tool_name), any_value(left(tool_args::varchar, 10000))"
                            + " from ai_gateway_messages where tool_name is not null and tool_call_id in ("
                            + Recorded.literals(some) + ") group by 1",
                    row -> calls.put(
                            Recorded.text(row, 1), new Call(Recorded.text(row, 2), subject(Recorded.text(row, 3)))));
        }
        return calls;
    }

    /// The file, or the command, that a tool is called with.
    public static String subject(String arguments) {
        try {
            JsonNode json = Json.MAPPER.readTree(arguments);
            for (String name : FILES) {
                Optional<String> named = Json.textAt(json, name);
                if (named.isPresent()) {
                    return named.get();
                }
            }
        } catch (JsonProcessingException e) {
            // A call of another form names no file.
        }
        return "";
    }

    /// The calls that were made at some times, by those.
    public Map<Instant, Sender> senders(Collection<Instant> times) throws QueryException, SQLException, IOException {
        Map<Instant, Sender> senders = new HashMap<>();
        for (List<Instant> some :
                times.stream().gather(Gatherers.windowFixed(AT_A_TIME)).toList()) {
            String micros =
                    some.stream().map(at -> Long.toString(Micros.of(at))).collect(Collectors.joining(", "));
            recorded.run(
                    "select epoch_us(started_at), min(exchange_id), any_value(session_id) from exchanges"
                            + " where epoch_us(started_at) in (" + micros + ") group by 1",
                    row -> senders.put(
                            Recorded.instant(row, 1), new Sender(Recorded.text(row, 2), Recorded.text(row, 3))));
        }
        return senders;
    }
}
