package io.hypaware.read;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.hypaware.dataset.Dataset;
import io.hypaware.home.Cache;
import io.hypaware.home.Progress;
import io.hypaware.journal.Header;
import io.hypaware.journal.Micros;
import io.hypaware.project.Messages;
import io.hypaware.query.Deadline;
import io.hypaware.query.GatheredRows;
import io.hypaware.query.QueryException;
import io.hypaware.query.QueryResult;
import io.hypaware.query.QuerySession;
import io.hypaware.query.RecordedDays;
import io.hypaware.query.Scope;
import io.hypaware.query.SessionIndex;
import java.io.IOException;
import java.sql.SQLException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.LongSummaryStatistics;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// What is recorded, asked in SQL; the pieces that [Sessions] and [Exchanges] have in common.
public final class Recorded {

    private static final ObjectMapper JSON = new ObjectMapper();

    private final Cache cache;
    private final long memoryBytes;
    private final Deadline deadline;
    private final Scope scope;
    private final Progress progress;

    /// @param memoryBytes most memory of a query
    public Recorded(Cache cache, long memoryBytes) {
        this(cache, memoryBytes, Deadline.NONE);
    }

    /// @param deadline of all that is asked
    public Recorded(Cache cache, long memoryBytes, Deadline deadline) {
        this(cache, memoryBytes, deadline, Scope.ALL);
    }

    /// @param scope what of it is seen
    public Recorded(Cache cache, long memoryBytes, Deadline deadline, Scope scope) {
        this(cache, memoryBytes, deadline, scope, Progress.NONE);
    }

    private Recorded(Cache cache, long memoryBytes, Deadline deadline, Scope scope, Progress progress) {
        this.progress = progress;
        this.scope = scope;
        this.cache = cache;
        this.memoryBytes = memoryBytes;
        this.deadline = deadline;
    }

    /// What of some sessions is recorded: files of messages that have no row of theirs are not opened, and those of
    /// other sessions' rows are there in part.
    Recorded of(Collection<String> sessions) {
        return in(scope.without(SessionIndex.filesWithout(cache, sessions)));
    }

    /// Days of which there are committed rows of a dataset, the newest first.
    List<LocalDate> daysOf(Dataset dataset) {
        return RecordedDays.newestFirst(cache, dataset);
    }

    /// What is recorded of a dataset on some days, and what is not committed yet.
    Recorded on(Dataset dataset, Collection<LocalDate> days) {
        return in(scope.on(new Scope.Days(dataset, Set.copyOf(days)::contains)));
    }

    /// The same of messages.
    Recorded on(Collection<LocalDate> days) {
        return on(Messages.DATASET, days);
    }

    /// What is recorded of messages since a moment, by whole days, and what is not committed yet. A day that is
    /// committed for the first time before it is asked for is there, too.
    Recorded since(Instant moment) {
        LocalDate first = LocalDate.ofInstant(moment, ZoneOffset.UTC);
        return in(scope.on(new Scope.Days(Messages.DATASET, day -> !day.isBefore(first))));
    }

    private Recorded in(Scope part) {
        return new Recorded(cache, memoryBytes, deadline, part, progress);
    }

    /// The same, which says of several questions that are asked at one moment how many are answered.
    public Recorded telling(Progress to) {
        return new Recorded(cache, memoryBytes, deadline, scope, to);
    }

    /// Those of some days that are not over at a moment.
    static List<LocalDate> daysSince(List<LocalDate> days, Instant moment) {
        LocalDate first = LocalDate.ofInstant(moment, ZoneOffset.UTC);
        return days.stream().filter(day -> !day.isBefore(first)).toList();
    }

    Scope scope() {
        return scope;
    }

    /// Takes one row.
    @FunctionalInterface
    interface RowReader {
        void read(QueryResult row) throws SQLException, IOException;
    }

    /// A query, one statement, and who takes its rows.
    record Question(String sql, RowReader reader) {}

    /// Runs a query over what is recorded.
    void run(String sql, RowReader reader) throws QueryException, SQLException, IOException {
        run(List.of(new Question(sql, reader)));
    }

    /// Runs queries one after the other over what is recorded at one moment. Opening that costs more than most queries.
    void run(List<Question> questions) throws QueryException, SQLException, IOException {
        boolean isTold = questions.size() > 1;
        if (isTold) {
            progress.begin("reading what is recorded", "parts", questions.size());
        }
        try (View view = at(questions.stream().map(Question::sql).toList())) {
            for (Question question : questions) {
                view.next(question.reader());
                if (isTold) {
                    progress.advance(0, 1);
                }
            }
        }
        if (isTold) {
            progress.end();
        }
    }

    /// Hands over the result of one query whole.
    void show(String sql, QuerySession.ResultConsumer consumer) throws QueryException, SQLException, IOException {
        try (QuerySession session = QuerySession.open(cache, memoryBytes, sql, scope)) {
            session.run(consumer);
        }
    }

    /// Where results of several queries become one.
    GatheredRows gathered(List<GatheredRows.Column> columns) throws SQLException {
        return GatheredRows.open(cache, memoryBytes, columns);
    }

    /// Opens what is recorded by now, for queries that are run one by one.
    View at(List<String> sql) throws QueryException, SQLException {
        if (deadline.isOver()) {
            throw deadline.missed();
        }
        return new View(QuerySession.open(cache, memoryBytes, String.join(";\n", sql), scope), deadline);
    }

    /// What is recorded at one moment.
    static final class View implements AutoCloseable {

        private final QuerySession session;
        private final Deadline deadline;
        private final Deadline.Watch watch;
        private int next;

        private View(QuerySession session, Deadline deadline) {
            this.session = session;
            this.deadline = deadline;
            this.watch = deadline.watch(session);
        }

        /// Runs the next query.
        void next(RowReader reader) throws QueryException, IOException {
            try {
                session.run(next++, result -> {
                    while (result.next()) {
                        reader.read(result);
                    }
                });
            } catch (QueryException e) {
                throw deadline.explained(e);
            }
        }

        @Override
        public void close() throws SQLException {
            watch.close();
            session.close();
        }
    }

    /// Most memory of a query.
    public long memoryBytes() {
        return memoryBytes;
    }

    /// The one record that an id, or the beginning of one, means.
    ///
    /// @param what is looked for, in an error's words
    /// @param sql gives the ids that begin so, and what tells each apart
    /// @param list the command that shows all
    String one(String what, String name, String sql, String list) throws QueryException, SQLException, IOException {
        if (name.isBlank()) {
            throw new QueryException("the id of the " + what + " is empty; give one, or its beginning: " + list);
        }
        Map<String, String> found = new LinkedHashMap<>();
        run(sql, row -> found.put(text(row, 1), text(row, 2)));
        if (found.containsKey(name)) {
            return name;
        }
        if (found.isEmpty()) {
            throw new QueryException("there is no " + what + " " + name + "; see: " + list);
        }
        if (found.size() > 1) {
            throw Ambiguous.of(what, name, found, list);
        }
        return found.keySet().iterator().next();
    }

    /// Messages' rows that are known by their ids; conversations and times say in which pieces of which files they are.
    record Rows(Collection<Instant> times, Collection<String> conversations, Collection<String> ids) {

        private String where() {
            LongSummaryStatistics micros = times.stream().mapToLong(Micros::of).summaryStatistics();
            return "message_created_at between make_timestamptz(" + micros.getMin() + ") and make_timestamptz("
                    + micros.getMax() + ") and conversation_id in (" + literals(conversations) + ") and _row_id in ("
                    + literals(ids) + ")";
        }
    }

    /// The days of some times.
    static Set<LocalDate> days(Collection<Instant> times) {
        return times.stream()
                .map(time -> LocalDate.ofInstant(time, ZoneOffset.UTC))
                .collect(Collectors.toUnmodifiableSet());
    }

    /// Reads messages' rows that are known; files of other days are not opened.
    ///
    /// @param select of `ai_gateway_messages`, without a condition
    void read(String select, Rows rows, RowReader reader) throws QueryException, SQLException, IOException {
        on(days(rows.times())).run(select + " where " + rows.where(), reader);
    }

    /// The same with their texts, however long those are.
    void read(TextRows select, Rows rows, RowReader reader) throws QueryException, SQLException, IOException {
        select.read(on(days(rows.times())), rows.where(), reader);
    }

    static String literals(Collection<String> texts) {
        return texts.stream().distinct().map(Recorded::literal).collect(Collectors.joining(", "));
    }

    static String literal(String text) {
        return QuerySession.literal(text);
    }

    /// A moment as SQL.
    static String time(Instant moment) {
        return "make_timestamptz(" + Micros.of(moment) + ")";
    }

    /// A column's time as a list has room for it, as SQL: of the last months without its year, before that its date.
    ///
    /// @param recent its format
    static String shortTime(String column, String recent) {
        return "case when " + column + " > now() - interval 300 days then strftime(" + column + ", '" + recent
                + "') else strftime(" + column + ", '%Y-%m-%d') end";
    }

    /// Headers out of their JSON: a list of `[name, value]` pairs.
    static List<Header> headers(Optional<String> json) {
        List<Header> headers = new ArrayList<>();
        try {
            for (JsonNode header : JSON.readTree(json.orElse("[]"))) {
                headers.add(new Header(header.path(0).asText(), header.path(1).asText()));
            }
        } catch (JsonProcessingException e) {
            return List.of();
        }
        return headers;
    }

    /// A header's values, joined; empty if there is none.
    static String header(@Nullable String headers, String name) {
        if (headers == null) {
            return "";
        }
        try {
            List<String> values = new ArrayList<>();
            for (JsonNode header : JSON.readTree(headers)) {
                if (header.path(0).asText().equalsIgnoreCase(name)) {
                    values.add(header.path(1).asText());
                }
            }
            return String.join(",", values);
        } catch (JsonProcessingException e) {
            return "";
        }
    }

    /// A text; empty if there is none.
    static String text(QueryResult row, int column) throws SQLException {
        String value = row.getString(column);
        return value == null ? "" : value;
    }

    static long number(QueryResult row, int column) throws SQLException {
        String value = row.getString(column);
        return value == null ? 0 : Long.parseLong(value);
    }

    /// @param column of microseconds since the epoch
    static Instant instant(QueryResult row, int column) throws SQLException {
        return Micros.toInstant(number(row, column));
    }
}
