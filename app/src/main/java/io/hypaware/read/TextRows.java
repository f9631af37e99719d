package io.hypaware.read;

import io.hypaware.dataset.Dataset;
import io.hypaware.query.QueryException;
import io.hypaware.query.QueryResult;
import java.io.IOException;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.LongSummaryStatistics;
import java.util.function.Function;
import java.util.stream.Collectors;

/// Rows of a dataset with their texts, however long those are. The engine hands over two thousand rows at once, whose
/// texts may not fit in memory together: rows with long ones are told of first, and read behind the others in groups
/// that are bounded in bytes.
final class TextRows {

    /// Texts of a row that is handed over with others.
    private static final int LONG_BYTES = 32 * 1024;

    private static final long GROUP_BYTES = 16L << 20;

    /// Of one query.
    private static final int GROUP_ROWS = 500;

    /// Long rows that are told of before they are read.
    private static final int MOST_WAITING = 20_000;

    private static final int ID = 1;
    private static final int POSITION = 2;
    private static final int TIME = 3;
    private static final int BYTES = 4;

    /// The first of the columns that were asked for.
    static final int FIRST = 5;

    private final Dataset dataset;
    private final String id;
    private final String columns;
    private final List<Text> texts;

    /// A text of a row.
    ///
    /// @param sql what it is
    /// @param most characters of it that are read
    record Text(String sql, int most) {

        /// All of it.
        static Text of(String sql) {
            return new Text(sql, Integer.MAX_VALUE);
        }

        private String ofShort() {
            return "case when text_bytes <= " + LONG_BYTES + " then " + sql + " end";
        }

        private String ofLong() {
            return most == Integer.MAX_VALUE ? sql : "left(" + sql + ", " + most + ")";
        }
    }

    /// @param id the column that names a row
    /// @param columns in SQL, which are short; the texts follow
    TextRows(Dataset dataset, String id, String columns, List<Text> texts) {
        this.dataset = dataset;
        this.id = id;
        this.columns = columns;
        this.texts = List.copyOf(texts);
    }

    /// Asks for rows, without the texts of long ones; [#read] takes what comes.
    ///
    /// @param where a condition
    String sql(String where) {
        return sql(Text::ofShort, where);
    }

    private String sql(Function<Text, String> shown, String where) {
        String bytes = texts.stream()
                .map(text -> "coalesce(strlen(" + text.sql + "), 0)")
                .collect(Collectors.joining(" + "));
        return "select " + id + ", _seq, epoch_us(" + dataset.primaryTime() + "), " + bytes + " as text_bytes, "
                + columns + texts.stream().map(shown).collect(Collectors.joining(", ", ", ", "")) + " from "
                + dataset.name() + " where " + where;
    }

    /// Takes rows of the next query of a view, which is one of these; long ones as they are recorded by now.
    void read(Recorded.View view, Recorded recorded, Recorded.RowReader reader)
            throws QueryException, SQLException, IOException {
        LongOnes longs = new LongOnes(recorded, reader);
        view.next(row -> {
            if (Recorded.number(row, BYTES) > LONG_BYTES) {
                longs.add(row);
            } else {
                reader.read(row);
            }
        });
        longs.read();
    }

    /// Takes all rows that a condition holds for.
    void read(Recorded recorded, String where, Recorded.RowReader reader)
            throws QueryException, SQLException, IOException {
        try (Recorded.View view = recorded.at(List.of(sql(where)))) {
            read(view, recorded, reader);
        }
    }

    static String id(QueryResult row) throws SQLException {
        return Recorded.text(row, ID);
    }

    static long position(QueryResult row) throws SQLException {
        return Recorded.number(row, POSITION);
    }

    static Instant time(QueryResult row) throws SQLException {
        return Recorded.instant(row, TIME);
    }

    /// What is known of a long row before its texts are read.
    private record LongOne(String id, long position, Instant time, long bytes) {}

    private final class LongOnes {

        private final Recorded recorded;
        private final Recorded.RowReader reader;
        private final List<LongOne> waiting = new ArrayList<>();

        private LongOnes(Recorded recorded, Recorded.RowReader reader) {
            this.recorded = recorded;
            this.reader = reader;
        }

        private void add(QueryResult row) throws SQLException, IOException {
            waiting.add(new LongOne(id(row), position(row), time(row), Recorded.number(row, BYTES)));
            if (waiting.size() == MOST_WAITING) {
                try {
                    read();
                } catch (QueryException e) {
                    throw new SQLException(e.getMessage(), e);
                }
            }
        }

        private void read() throws QueryException, SQLException, IOException {
            for (List<LongOne> group : groups()) {
                recorded.on(
                                dataset,
                                Recorded.days(group.stream().map(LongOne::time).toList()))
                        .run(sql(Text::ofLong, where(group)), reader);
            }
            waiting.clear();
        }

        /// Of neighbouring times.
        private List<List<LongOne>> groups() {
            waiting.sort(Comparator.comparing(LongOne::time));
            List<List<LongOne>> groups = new ArrayList<>();
            List<LongOne> group = new ArrayList<>();
            long bytes = 0;
            for (LongOne row : waiting) {
                if (!group.isEmpty() && (bytes + row.bytes > GROUP_BYTES || group.size() == GROUP_ROWS)) {
                    groups.add(List.copyOf(group));
                    group.clear();
                    bytes = 0;
                }
                group.add(row);
                bytes += row.bytes;
            }
            if (!group.isEmpty()) {
                groups.add(List.copyOf(group));
            }
            return groups;
        }

        private String where(List<LongOne> group) {
            LongSummaryStatistics positions =
                    group.stream().mapToLong(LongOne::position).summaryStatistics();
            return "_seq between " + positions.getMin() + " and " + positions.getMax() + " and " + id + " in ("
                    + Recorded.literals(group.stream().map(LongOne::id).toList()) + ")";
        }
    }
}
