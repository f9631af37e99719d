package io.hypaware.read;

import io.hypaware.dataset.ColumnType;
import io.hypaware.dataset.Dataset;
import io.hypaware.dataset.Datasets;
import io.hypaware.query.QueryResult;
import java.sql.SQLException;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
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

    private static final int SESSION = TextRows.FIRST;
    private static final int SPEAKER = SESSION + 1;
    private static final int TEXTS = SPEAKER + 1;

    private final Dataset dataset;
    private final int count;
    private final TextRows rows;

    private ReportedTexts(Dataset dataset) {
        this.dataset = dataset;
        List<TextRows.Text> texts = dataset.columns().stream()
                .filter(column -> column.type() == ColumnType.STRING || column.type() == ColumnType.JSON)
                .map(column -> TextRows.Text.of(column.name() + "::varchar"))
                .toList();
        this.count = texts.size();
        String speaker = Stream.of("serviceName", "tool_name")
                .filter(name -> dataset.column(name).isPresent())
                .findFirst()
                .orElse("''");
        this.rows = new TextRows(dataset, Dataset.ROW_ID, "session_id, " + speaker, texts);
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

    TextRows rows() {
        return rows;
    }

    /// Reads the rows in their order.
    Recorded.RowReader reader(ScannableTexts.Reader reader) {
        String[] before = new String[count];
        Arrays.fill(before, "");
        return row -> {
            for (int i = 0; i < before.length; i++) {
                String text = Recorded.text(row, TEXTS + i);
                if (!text.isEmpty() && !text.equals(before[i])) {
                    reader.read(text(row, text));
                }
                before[i] = text;
            }
        };
    }

    private ScannableText text(QueryResult row, String text) throws SQLException {
        return new ScannableText(
                TextRows.id(row),
                ORIGINS.getOrDefault(dataset.name(), ""),
                text,
                TextRows.time(row),
                Recorded.text(row, SESSION),
                "",
                "",
                Recorded.text(row, SPEAKER),
                "");
    }
}
