package io.hypaware.web;

import io.hypaware.dataset.Dataset;
import io.hypaware.dataset.Datasets;
import io.hypaware.query.Deadline;
import io.hypaware.query.QueryException;
import io.hypaware.query.QueryResult;
import io.hypaware.query.QuerySession;
import java.io.IOException;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.regex.Pattern;

/// SQL over what is recorded, with its results.
///
/// @param error why there are none; empty if there are
/// @param millis that it took
public record QueryView(String sql, List<Table> tables, String error, long millis, List<Dataset> datasets) {

    /// Longer ones are stopped.
    static final Duration LONGEST = Duration.ofSeconds(30);

    private static final int MOST_ROWS = 1_000;
    private static final int MOST_TABLES = 5;
    private static final int MOST_CELL = 2_000;
    private static final int MOST_CHARACTERS = 2_000_000;
    private static final int MOST_BARS = 500;
    private static final int MOST_SERIES = 4;

    private static final Pattern NUMBERS = Pattern.compile("U?(TINY|SMALL|BIG|HUGE)?INT(EGER)?|FLOAT|DOUBLE|DECIMAL.*");

    /// One result.
    ///
    /// @param more whether there are rows after these
    /// @param chart of it, as JSON; empty where none fits
    public record Table(List<Head> columns, List<List<String>> rows, boolean more, String chart) {}

    public record Head(String name, boolean number) {}

    /// @param started told of what runs, so that it can be stopped
    static QueryView of(Site site, String sql, Consumer<QuerySession> started) {
        List<Dataset> datasets = List.copyOf(Datasets.all());
        if (sql.isBlank()) {
            return new QueryView(sql, List.of(), "", 0, datasets);
        }
        long began = System.nanoTime();
        List<Table> tables = new ArrayList<>();
        String error = "";
        Deadline deadline = Deadline.in(LONGEST);
        try (QuerySession session = QuerySession.open(site.cache(), site.memoryBytes(), sql);
                Deadline.Watch _ = deadline.watch(session)) {
            started.accept(session);
            int[] room = {MOST_CHARACTERS};
            try {
                session.run(result -> {
                    if (tables.size() < MOST_TABLES) {
                        tables.add(table(result, room));
                    }
                });
            } catch (QueryException e) {
                error = String.valueOf(deadline.explained(e).getMessage());
            }
        } catch (QueryException | SQLException | IOException e) {
            error = String.valueOf(e.getMessage());
        }
        return new QueryView(sql, tables, Html.visible(error), (System.nanoTime() - began) / 1_000_000, datasets);
    }

    private static Table table(QueryResult result, int[] room) throws SQLException {
        ResultSetMetaData meta = result.getMetaData();
        List<Head> columns = new ArrayList<>();
        for (int i = 1; i <= meta.getColumnCount(); i++) {
            columns.add(new Head(
                    Html.visible(meta.getColumnLabel(i)),
                    NUMBERS.matcher(meta.getColumnTypeName(i)).matches()));
        }
        List<List<String>> rows = new ArrayList<>();
        boolean more = false;
        while (result.next()) {
            if (rows.size() == MOST_ROWS || room[0] <= 0) {
                more = true;
                break;
            }
            List<String> row = new ArrayList<>();
            for (int i = 1; i <= columns.size(); i++) {
                String value = Optional.ofNullable(result.getString(i)).orElse("");
                String shown = value.length() > MOST_CELL ? Html.whole(value, MOST_CELL) + "…" : value;
                room[0] -= shown.length();
                row.add(Html.visible(shown));
            }
            rows.add(row);
        }
        return new Table(columns, rows, more, chart(columns, rows));
    }

    /// A name or a day, then numbers.
    private static String chart(List<Head> columns, List<List<String>> rows) {
        List<Integer> numbers = new ArrayList<>();
        for (int i = 1; i < columns.size(); i++) {
            if (columns.get(i).number()) {
                numbers.add(i);
            }
        }
        boolean fits = rows.size() >= 2
                && rows.size() <= MOST_BARS
                && !columns.getFirst().number()
                && !numbers.isEmpty()
                && numbers.size() <= MOST_SERIES
                && numbers.size() == columns.size() - 1;
        if (!fits) {
            return "";
        }
        Chart chart = new Chart(
                rows.stream().map(row -> Html.line(row.getFirst(), 40)).toList(), "");
        for (int column : numbers) {
            chart.with(columns.get(column).name(), rows, row -> number(row.get(column)));
        }
        return chart.json();
    }

    private static double number(String text) {
        try {
            double value = Double.parseDouble(text);
            return Double.isFinite(value) ? value : 0;
        } catch (NumberFormatException e) {
            return 0;
        }
    }
}
