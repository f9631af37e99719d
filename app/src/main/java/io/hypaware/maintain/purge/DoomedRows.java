package io.hypaware.maintain.purge;

import io.hypaware.dataset.Column;
import io.hypaware.dataset.ColumnType;
import io.hypaware.dataset.Dataset;
import io.hypaware.dataset.Datasets;
import io.hypaware.dataset.Facts;
import io.hypaware.engine.Engine;
import io.hypaware.engine.RowTable;
import io.hypaware.home.Cache;
import io.hypaware.journal.Journal;
import io.hypaware.journal.Micros;
import io.hypaware.lake.Lake;
import io.hypaware.lake.LakeTable;
import io.hypaware.lake.LiveFile;
import io.hypaware.lake.LocalFiles;
import io.hypaware.lake.Scan;
import io.hypaware.maintain.SessionHooks;
import io.hypaware.project.ExchangeRow;
import io.hypaware.project.Messages;
import java.nio.file.Path;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/// Which rows a selection means, in lake and journal, as tables of an engine: what there is much of stays in it.
///
/// Rows of messages say what else goes. So they go last, and whoever begins again finds the same.
final class DoomedRows implements AutoCloseable {

    static final Dataset MESSAGES = Messages.DATASET;
    static final Dataset EXCHANGES = ExchangeRow.DATASET;

    /// The session of a row of messages `f`; where calls name none, the conversation is one.
    static final String SESSION = "coalesce(f.session_id, split_part(f.conversation_id, '/', 1))";

    private static final List<String> TABLES = List.of("doomed_session", "doomed_message", "doomed_exchange");

    /// Takes some values at a time.
    @FunctionalInterface
    interface Taker<T> {
        void take(List<T> values) throws SQLException;
    }

    private final Cache cache;
    private final Engine engine;
    private Optional<Selection> selection = Optional.empty();
    private long upToSeq = Long.MAX_VALUE;

    private DoomedRows(Cache cache, Engine engine) {
        this.cache = cache;
        this.engine = engine;
    }

    /// Opens what is recorded by now.
    static DoomedRows open(Cache cache, long memoryBytes, Lake lake, Journal journal) throws SQLException {
        Engine engine = Engine.forMaintenance(memoryBytes, cache.spill());
        try {
            engine.expectLarge();
            for (Dataset dataset : Datasets.all()) {
                view(engine, dataset, lake, journal);
            }
            return new DoomedRows(cache, engine);
        } catch (SQLException | RuntimeException e) {
            engine.close();
            throw e;
        }
    }

    /// Makes `rows_<dataset>`: the rows as stored, each with the file that it is in; none for a hot one.
    private static void view(Engine engine, Dataset dataset, Lake lake, Journal journal) throws SQLException {
        Optional<LakeTable> table = lake.table(dataset);
        long committed = table.map(LakeTable::journalSeq).orElse(0L);
        try (RowTable hot = new RowTable(engine, "hot_" + dataset.name(), dataset);
                Journal.HotRows rows = journal.hotRows()) {
            rows.read(dataset, committed, row -> {
                hot.add(row.row(), row.seq());
                return true;
            });
        }
        String columns = dataset.storedColumns().stream()
                .map(c -> "NULL::" + c.type().storedSql() + " AS " + Engine.identifier(c.name()))
                .collect(Collectors.joining(", "));
        String sql = "SELECT " + columns + ", NULL::VARCHAR AS file WHERE false UNION ALL BY NAME SELECT *,"
                + " NULL::VARCHAR AS file FROM hot_" + dataset.name();
        List<LiveFile> files = table.map(LakeTable::files).orElse(List.of());
        if (!files.isEmpty()) {
            Scan scan = new Scan(engine, dataset.name(), files, new LocalFiles());
            sql += " UNION ALL BY NAME SELECT * EXCLUDE (filename, file_row_number), filename AS file FROM "
                    + scan.fromWithPlaces(files.stream().map(LiveFile::path).toList(), false);
        }
        engine.execute("CREATE VIEW rows_" + dataset.name() + " AS " + sql);
    }

    Engine engine() {
        return engine;
    }

    /// The sessions that go whole, in no order.
    List<String> sessions(Selection wanted) throws SQLException {
        return switch (wanted) {
            case Selection.Session(String id) -> List.of(id);
            case Selection.Folder folder -> sessionsIn(folder);
            case Selection.Before(Instant time) ->
                engine.strings(
                        "SELECT " + SESSION + " FROM rows_" + MESSAGES.name() + " f GROUP BY 1 HAVING epoch_us(max("
                                + Engine.identifier(MESSAGES.primaryTime()) + ")) < " + Micros.of(time));
            case Selection.All _ ->
                engine.strings("SELECT DISTINCT " + SESSION + " FROM rows_" + MESSAGES.name() + " f");
            case Selection.Matching _, Selection.Gone _ -> List.of();
        };
    }

    private List<String> sessionsIn(Selection.Folder folder) throws SQLException {
        String inside = folder.paths().stream()
                .map(Path::toString)
                .map(path -> "cwd = " + Engine.literal(path) + " OR starts_with(cwd, "
                        + Engine.literal(path.equals("/") ? path : path + "/") + ")")
                .collect(Collectors.joining(" OR "));
        String known = Datasets.factsAbout(MESSAGES)
                .map(facts -> " OR f." + Dataset.ROW_ID + " IN (SELECT " + Facts.TARGET + " FROM rows_"
                        + facts.dataset().name() + " WHERE " + inside + ")")
                .orElse("");
        Set<String> sessions = new TreeSet<>(engine.strings(
                "SELECT DISTINCT " + SESSION + " FROM rows_" + MESSAGES.name() + " f WHERE " + inside + known));
        sessions.addAll(SessionHooks.of(cache).sessionsIn(cwd -> isInside(cwd, folder)));
        return List.copyOf(sessions);
    }

    private static boolean isInside(String cwd, Selection.Folder folder) {
        return folder.paths().stream().anyMatch(path -> Path.of(cwd).normalize().startsWith(path));
    }

    /// Sessions of which only some goes.
    List<String> partly() throws SQLException {
        return selection.filter(Selection.Matching.class::isInstance).isPresent()
                ? engine.strings("SELECT DISTINCT id FROM doomed_session")
                : List.of();
    }

    /// Decides which rows go.
    ///
    /// @param sessions that go whole
    /// @param upTo the last position that is meant
    void choose(Selection wanted, Collection<String> sessions, long upTo) throws SQLException {
        selection = Optional.of(wanted);
        upToSeq = upTo;
        engine.execute("CREATE TABLE doomed_session (id VARCHAR)");
        try (var rows = engine.connection().createAppender("doomed_session")) {
            for (String session : sessions) {
                rows.beginRow();
                rows.append(session);
                rows.endRow();
            }
        }
        if (wanted instanceof Selection.Matching(String expression)) {
            tainted(expression);
        }
        engine.execute("CREATE TABLE doomed_message AS SELECT " + Dataset.ROW_ID + " AS id, exchange_id FROM rows_"
                + MESSAGES.name() + " f WHERE " + ofMessages(wanted));
        if (wanted instanceof Selection.Matching) {
            engine.execute("INSERT INTO doomed_session SELECT DISTINCT " + SESSION + " FROM rows_" + MESSAGES.name()
                    + " f WHERE " + Dataset.ROW_ID + " IN (SELECT id FROM doomed_message)");
        }
        engine.execute("CREATE TABLE doomed_exchange AS SELECT exchange_id AS id FROM rows_" + EXCHANGES.name()
                + " f WHERE " + ofExchanges(wanted));
        // A connection and its turns go together: its own record has what they said.
        engine.execute("INSERT INTO doomed_exchange SELECT exchange_id FROM rows_" + EXCHANGES.name()
                + " f WHERE " + (wanted instanceof Selection.Before ? "false AND " : "")
                + "exchange_id NOT IN (SELECT id FROM doomed_exchange) AND (exchange_id IN (SELECT connection_id FROM rows_"
                + EXCHANGES.name()
                + " WHERE connection_id IS NOT NULL AND exchange_id IN (SELECT id FROM doomed_exchange)))");
        for (String table : TABLES) {
            engine.execute("COPY " + table + " TO " + Engine.literal(file(table)) + " (FORMAT parquet)");
        }
        if (wanted instanceof Selection.Matching) {
            engine.execute("COPY tainted TO " + Engine.literal(file("tainted")) + " (FORMAT parquet)");
        }
    }

    private String file(String table) {
        return engine.spillFile(table + ".parquet").toString();
    }

    /// Payloads in which the expression matches, as it was said or as JSON writes it, and those that are made of them.
    private void tainted(String expression) throws SQLException {
        String payloads = "rows_" + Datasets.PAYLOADS.name();
        engine.execute("CREATE TABLE tainted AS SELECT hash FROM " + payloads + " WHERE " + matches("text", expression)
                + " OR " + matches("parts", expression));
        long before = -1;
        long now = number("SELECT count(*) FROM tainted");
        while (now > before) {
            before = now;
            engine.execute("INSERT INTO tainted SELECT DISTINCT hash FROM (SELECT hash, unnest(from_json(parts,"
                    + " '[\"VARCHAR\"]')) AS part FROM " + payloads + " WHERE parts IS NOT NULL"
                    + " AND hash NOT IN (SELECT hash FROM tainted)) WHERE part[1] = '#'"
                    + " AND part[2:] IN (SELECT hash FROM tainted)");
            now = number("SELECT count(*) FROM tainted");
        }
    }

    private static String matches(String text, String expression) {
        String literal = Engine.literal(expression);
        String plain = "replace(replace(replace(replace(" + text + ", '\\n', chr(10)), '\\t', chr(9)), '\\\"', '\"'),"
                + " '\\\\', '\\')";
        return "coalesce(regexp_matches(" + text + ", " + literal + ") OR (contains(" + text
                + ", '\\') AND regexp_matches(" + plain + ", " + literal + ")), false)";
    }

    private String ofMessages(Selection wanted) {
        return "f." + Dataset.SEQ + " <= " + upToSeq + " AND "
                + switch (wanted) {
                    case Selection.Session _, Selection.Folder _ -> SESSION + " IN (SELECT id FROM doomed_session)";
                    case Selection.Before before -> isBefore(MESSAGES, before);
                    case Selection.Matching matching -> "(" + matching(MESSAGES, matching) + ")";
                    case Selection.All _ -> "true";
                    case Selection.Gone _ -> "false";
                };
    }

    private static String isBefore(Dataset dataset, Selection.Before before) {
        return "epoch_us(f." + Engine.identifier(dataset.primaryTime()) + ") < " + Micros.of(before.time());
    }

    /// What a row says itself, and large values that it refers to.
    private static String matching(Dataset dataset, Selection.Matching matching) {
        List<String> conditions = new ArrayList<>();
        List<String> texts = new ArrayList<>();
        for (Column column : dataset.columns()) {
            String name = "f." + Engine.identifier(column.name());
            if (column.type() == ColumnType.BINARY) {
                conditions.add(matches("TRY(decode(" + name + "))", matching.expression()));
            }
            if (column.payload()) {
                String hash = column.type() == ColumnType.BINARY ? "TRY(decode(" + name + "))" : name;
                conditions.add(hash + " IN (SELECT hash FROM tainted)");
            }
            if (column.type() == ColumnType.STRING || column.type() == ColumnType.JSON) {
                texts.add(name);
            }
        }
        conditions.add(matches("concat_ws(chr(10), " + String.join(", ", texts) + ")", matching.expression()));
        return String.join(" OR ", conditions);
    }

    private String ofExchanges(Selection wanted) {
        return "f." + Dataset.SEQ + " <= " + upToSeq + " AND "
                + switch (wanted) {
                    case Selection.Session _, Selection.Folder _ ->
                        "(f.session_id IN (SELECT id FROM doomed_session) OR f.exchange_id IN (SELECT exchange_id FROM doomed_message))";
                    case Selection.Before before -> isBefore(EXCHANGES, before);
                    case Selection.Matching matching ->
                        "(f.session_id IN (SELECT id FROM doomed_session) OR f.exchange_id IN (SELECT exchange_id FROM doomed_message) OR "
                                + matching(EXCHANGES, matching) + ")";
                    case Selection.All _ -> "true";
                    case Selection.Gone _ -> "false";
                };
    }

    /// Which rows `f` of a dataset go, given the tables of [#tables].
    String condition(Dataset dataset) {
        if (selection.isEmpty()) {
            return "false";
        }
        String upTo = "f." + Dataset.SEQ + " <= " + upToSeq + " AND ";
        if (dataset.equals(MESSAGES)) {
            return upTo + "f." + Dataset.ROW_ID + " IN (SELECT id FROM doomed_message)";
        }
        if (Datasets.aboutOf(dataset).filter(MESSAGES::equals).isPresent()) {
            String about = "f." + Facts.TARGET + " IN (SELECT id FROM doomed_message)";
            return upTo
                    + switch (selection.get()) {
                        case Selection.All _ -> "true";
                        case Selection.Matching matching -> "(" + about + " OR " + matching(dataset, matching) + ")";
                        case Selection.Session _, Selection.Folder _, Selection.Before _, Selection.Gone _ -> about;
                    };
        }
        return upTo + "(" + ofOthers(dataset, selection.get()) + ")";
    }

    /// A dataset of which only its columns are known.
    private static String ofOthers(Dataset dataset, Selection wanted) {
        if (dataset.equals(Datasets.PAYLOADS)) {
            return "false";
        }
        List<String> conditions = new ArrayList<>();
        if (dataset.column("exchange_id").isPresent()) {
            conditions.add("f.exchange_id IN (SELECT id FROM doomed_exchange)");
        }
        boolean whole = !(wanted instanceof Selection.Matching);
        if (whole && dataset.column("session_id").isPresent()) {
            conditions.add("f.session_id IN (SELECT id FROM doomed_session)");
        }
        switch (wanted) {
            case Selection.Before before -> conditions.add(isBefore(dataset, before));
            case Selection.Matching matching -> conditions.add(matching(dataset, matching));
            case Selection.All _ -> conditions.add("true");
            case Selection.Session _, Selection.Folder _, Selection.Gone _ -> {}
        }
        return conditions.isEmpty() ? "false" : String.join(" OR ", conditions);
    }

    /// Makes the tables that conditions refer to in another engine; this one must stay open.
    void tables(Engine other) throws SQLException {
        for (String table : TABLES) {
            other.execute(
                    "CREATE VIEW " + table + " AS SELECT * FROM read_parquet(" + Engine.literal(file(table)) + ")");
        }
        if (selection.filter(Selection.Matching.class::isInstance).isPresent()) {
            other.execute("CREATE VIEW tainted AS SELECT * FROM read_parquet(" + Engine.literal(file("tainted")) + ")");
        }
    }

    /// The files that have rows which go.
    List<String> files(Dataset dataset) throws SQLException {
        return engine.strings("SELECT DISTINCT file FROM rows_" + dataset.name() + " f WHERE file IS NOT NULL AND "
                + condition(dataset));
    }

    long count(Dataset dataset) throws SQLException {
        return number("SELECT count(*) FROM rows_" + dataset.name() + " f WHERE " + condition(dataset));
    }

    /// Hands over the ids of the rows that go.
    void ids(Dataset dataset, Taker<String> taker) throws SQLException {
        hand("SELECT " + Dataset.ROW_ID + " FROM rows_" + dataset.name() + " f WHERE " + condition(dataset), taker);
    }

    void exchanges(Taker<String> taker) throws SQLException {
        hand("SELECT id FROM doomed_exchange", taker);
    }

    void hotSeqs(Dataset dataset, Taker<Long> taker) throws SQLException {
        hand(
                "SELECT " + Dataset.SEQ + " FROM rows_" + dataset.name() + " f WHERE file IS NULL AND "
                        + condition(dataset),
                (List<String> some) ->
                        taker.take(some.stream().map(Long::valueOf).toList()));
    }

    /// Hands over the first column.
    void hand(String sql, Taker<String> taker) throws SQLException {
        List<String> some = new ArrayList<>();
        try (Statement statement = engine.connection().createStatement();
                ResultSet row = statement.executeQuery(sql)) {
            while (row.next()) {
                some.add(row.getString(1));
                if (some.size() == io.hypaware.journal.Purges.atATime()) {
                    taker.take(List.copyOf(some));
                    some.clear();
                }
            }
        }
        if (!some.isEmpty()) {
            taker.take(some);
        }
    }

    long number(String sql) throws SQLException {
        return Long.parseLong(engine.strings(sql).getFirst());
    }

    @Override
    public void close() throws SQLException {
        engine.close();
    }
}
