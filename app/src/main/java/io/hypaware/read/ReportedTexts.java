package io.hypaware.read;

import io.hypaware.dataset.Column;
import io.hypaware.dataset.ColumnType;
import io.hypaware.dataset.Dataset;
import io.hypaware.dataset.Datasets;
import io.hypaware.query.QueryResult;
import java.sql.SQLException;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// The texts of one dataset of what exporters and clients reported. Rows in turn say much alike, such as where
/// they come from: what the row before said in the same column is not handed over again.
final class ReportedTexts {

    /// What a row of each is called, by the dataset's name.
    private static final Map<String, String> ORIGINS = Map.of(
            "logs", "log record",
            "traces", "span",
            "metrics", "data point",
            "claude_telemetry_events", "event of Claude Code");

    /// Whose texts follow: id, session, time, and by whom it was said.
    private static final int BEFORE_TEXTS = 4;

    private final Dataset dataset;
    private final List<Column> texts;

    private ReportedTexts(Dataset dataset) {
        this.dataset = dataset;
        this.texts = dataset.columns().stream()
                .filter(column -> column.type() == ColumnType.STRING || column.type() == ColumnType.JSON)
                .toList();
    }

    static List<ReportedTexts> all() {
        return Datasets.all().stream()
                .filter(dataset -> ORIGINS.containsKey(dataset.name()))
                .map(ReportedTexts::new)
                .toList();
    }

    static boolean isOrigin(String origin) {
        return ORIGINS.containsValue(origin);
    }

    String dataset() {
        return dataset.name();
    }

    /// @param where which rows
    String sql(String where) {
        String speaker = Stream.of("serviceName", "tool_name")
                .filter(name -> dataset.column(name).isPresent())
                .findFirst()
                .orElse("''");
        return "select _row_id, session_id, epoch_us(" + dataset.primaryTime() + "), " + speaker + ", "
                + texts.stream().map(column -> column.name() + "::varchar").collect(Collectors.joining(", "))
                + " from " + dataset.name() + " where " + where;
    }

    /// Reads the rows of [#sql] in their order.
    Recorded.RowReader rows(ScannableTexts.Reader reader) {
        String[] before = new String[texts.size()];
        Arrays.fill(before, "");
        return row -> {
            for (int i = 0; i < before.length; i++) {
                String text = Recorded.text(row, BEFORE_TEXTS + 1 + i);
                if (!text.isEmpty() && !text.equals(before[i])) {
                    reader.read(text(row, text));
                }
                before[i] = text;
            }
        };
    }

    private ScannableText text(QueryResult row, String text) throws SQLException {
        return new ScannableText(
                Recorded.text(row, 1),
                ORIGINS.getOrDefault(dataset.name(), ""),
                text,
                Recorded.instant(row, 3),
                Recorded.text(row, 2),
                "",
                "",
                Recorded.text(row, 4),
                "");
    }
}
