package io.hypaware.read;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
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

    private static final String PARTS = """
            select _row_id, %s as session, conversation_id, role, part_type, epoch_us(message_created_at), exchange_id,
              tool_name, tool_result_for, content_text, tool_args::varchar, system_text, tools
            from ai_gateway_messages""".formatted(Sessions.KEY);

    /// The column of the system text; that of the tools follows.
    private static final int SYSTEM = 12;

    private static final String PAYLOADS =
            "select hash, epoch_us(first_seen_at), text, parts::varchar from payloads where bytes is null and ";

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
            sql.add(PARTS + " where " + range);
            reported.forEach(texts -> sql.add(texts.sql(range)));
            sql.add(PAYLOADS + range);
        }
        return new Pieces(recorded.at(sql), reported, ends);
    }

    /// Pieces of what is recorded at one moment, read one after the other.
    public static final class Pieces implements AutoCloseable {

        private final Recorded.View view;
        private final List<ReportedTexts> reported;
        private final Iterator<Long> ends;

        private Pieces(Recorded.View view, List<ReportedTexts> reported, List<Long> ends) {
            this.view = view;
            this.reported = reported;
            this.ends = ends.iterator();
        }

        public boolean hasNext() {
            return ends.hasNext();
        }

        /// Hands over the texts of the next piece, rows first; returns its last position.
        public long next(Reader reader) throws QueryException, IOException {
            view.next(row -> part(row, reader));
            for (ReportedTexts texts : reported) {
                view.next(texts.rows(reader));
            }
            view.next(row -> payload(row, reader));
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
            recorded.run(PARTS + " where " + where, row -> part(row, reader));
        }
        for (ReportedTexts texts : reported) {
            if (texts.dataset().equals(wanted.dataset())) {
                recorded.run(texts.sql(where), texts.rows(reader));
            }
        }
    }

    /// Whether it stands in what an exporter or a client reported, and so need not have gone to any provider.
    public static boolean isReported(String origin) {
        return ReportedTexts.isOrigin(origin);
    }

    private static void part(QueryResult row, Reader reader) throws SQLException {
        String role = Recorded.text(row, 4);
        String type = Recorded.text(row, 5);
        hand(row, origin(role, type), Recorded.text(row, 10), reader);
        hand(row, "tool call", Recorded.text(row, 11), reader);
        hand(row, "system text", row.inRow(SYSTEM).orElse(""), reader);
        hand(row, "definition of tools", row.inRow(SYSTEM + 1).orElse(""), reader);
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
                    Recorded.text(row, 1),
                    origin,
                    text,
                    Recorded.instant(row, 6),
                    Recorded.text(row, 2),
                    Recorded.text(row, 3),
                    Recorded.text(row, 7),
                    Recorded.text(row, 8),
                    Recorded.text(row, 9)));
        }
    }

    private static void payload(QueryResult row, Reader reader) throws SQLException {
        for (int column = 3; column <= 4; column++) {
            String text = Recorded.text(row, column);
            if (!text.isEmpty()) {
                reader.read(new ScannableText(
                        Recorded.text(row, 1), BODY, text, Recorded.instant(row, 2), "", "", "", "", ""));
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
