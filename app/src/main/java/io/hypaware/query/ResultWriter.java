package io.hypaware.query;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.github.freva.asciitable.AsciiTable;
import com.github.freva.asciitable.Column;
import com.github.freva.asciitable.HorizontalAlign;
import com.github.freva.asciitable.OverflowBehaviour;
import de.siegmar.fastcsv.writer.CsvWriter;
import de.siegmar.fastcsv.writer.LineDelimiter;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.Writer;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.sql.Types;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Writes results in one of the [OutputFormat]s. All but the table are streamed row by row; a table is drawn page by
/// page, so that memory stays bounded whatever the result is.
public final class ResultWriter {

    private static final int PAGE_ROWS = 1_000;
    private static final int NARROWEST = 8;
    private static final int MOST_SHOWN = 10_000;
    private static final String NULL = "";

    private final OutputFormat format;
    private final PrintWriter out;
    private final int width;
    private final int maxCell;
    private final boolean forSpreadsheet;

    /// @param width columns of the terminal; 0 for no bound
    /// @param maxCell most characters of a cell in a table or Markdown; 0 for what fits
    /// @param forSpreadsheet whether cells of CSV that a spreadsheet would compute are marked as text
    public ResultWriter(OutputFormat format, PrintWriter out, int width, int maxCell, boolean forSpreadsheet) {
        this.forSpreadsheet = forSpreadsheet;
        this.format = format;
        this.out = out;
        this.width = width;
        this.maxCell = maxCell;
    }

    /// Writes one result whole. Stops early if no one reads any more.
    public void write(QueryResult result) throws SQLException, IOException {
        switch (format) {
            case TABLE -> table(result);
            case MARKDOWN -> markdown(result);
            case CSV -> csv(result);
            case JSON -> json(result, true);
            case JSONL -> json(result, false);
        }
        out.flush();
    }

    private void table(QueryResult result) throws SQLException {
        ResultSetMetaData meta = result.getMetaData();
        List<@Nullable String[]> page = new ArrayList<>();
        long rows = 0;
        while (result.next() && !out.checkError()) {
            page.add(cut(row(result, meta)));
            rows++;
            if (page.size() == PAGE_ROWS) {
                drawPage(meta, page);
                page.clear();
            }
        }
        if (!page.isEmpty() || rows == 0) {
            drawPage(meta, page);
        }
        out.println(rows == 1 ? "1 row" : rows + " rows");
    }

    private void drawPage(ResultSetMetaData meta, List<@Nullable String[]> page) throws SQLException {
        int[] widths = widths(meta, page);
        List<Column> columns = new ArrayList<>();
        for (int i = 0; i < widths.length; i++) {
            columns.add(new Column()
                    .header(shown(meta.getColumnLabel(i + 1)))
                    .headerAlign(HorizontalAlign.LEFT)
                    .dataAlign(isNumber(meta.getColumnType(i + 1)) ? HorizontalAlign.RIGHT : HorizontalAlign.LEFT)
                    .maxWidth(widths[i] + 2, OverflowBehaviour.ELLIPSIS_RIGHT));
        }
        Object[][] cells = page.stream()
                .map(r -> {
                    Object[] shown = new Object[r.length];
                    for (int i = 0; i < r.length; i++) {
                        shown[i] = shown(r[i]);
                    }
                    return shown;
                })
                .toArray(Object[][]::new);
        out.println(
                AsciiTable.getTable(AsciiTable.BASIC_ASCII_NO_DATA_SEPARATORS, columns.toArray(Column[]::new), cells));
    }

    /// Widths that fit the terminal: the widest columns give way first.
    private int[] widths(ResultSetMetaData meta, List<@Nullable String[]> page) throws SQLException {
        int[] widths = new int[meta.getColumnCount()];
        for (int i = 0; i < widths.length; i++) {
            widths[i] = shown(meta.getColumnLabel(i + 1)).length();
            for (@Nullable String[] row : page) {
                widths[i] = Math.max(widths[i], Math.min(shown(row[i]).length(), maxCell > 0 ? maxCell : MOST_SHOWN));
            }
        }
        if (width > 0) {
            int room = Math.max(width - 1 - 3 * widths.length, NARROWEST * widths.length);
            while (sum(widths) > room) {
                int widest = 0;
                for (int i = 1; i < widths.length; i++) {
                    widest = widths[i] > widths[widest] ? i : widest;
                }
                if (widths[widest] <= NARROWEST) {
                    break;
                }
                widths[widest]--;
            }
        }
        return widths;
    }

    private void markdown(QueryResult result) throws SQLException {
        ResultSetMetaData meta = result.getMetaData();
        List<String> rule = new ArrayList<>();
        List<String> header = new ArrayList<>();
        for (int i = 1; i <= meta.getColumnCount(); i++) {
            header.add(shown(meta.getColumnLabel(i)).replace("|", "\\|"));
            rule.add(isNumber(meta.getColumnType(i)) ? "---:" : "---");
        }
        out.println("| " + String.join(" | ", header) + " |");
        out.println("| " + String.join(" | ", rule) + " |");
        while (result.next() && !out.checkError()) {
            List<String> cells = new ArrayList<>();
            for (@Nullable String cell : row(result, meta)) {
                cells.add(shortened(shown(cell)).replace("|", "\\|"));
            }
            out.println("| " + String.join(" | ", cells) + " |");
        }
    }

    private void csv(QueryResult result) throws SQLException, IOException {
        ResultSetMetaData meta = result.getMetaData();
        try (CsvWriter csv = CsvWriter.builder().lineDelimiter(LineDelimiter.LF).build(new Unclosed(out))) {
            List<String> header = new ArrayList<>();
            for (int i = 1; i <= meta.getColumnCount(); i++) {
                header.add(meta.getColumnLabel(i));
            }
            csv.writeRecord(header);
            while (result.next() && !out.checkError()) {
                @Nullable String[] cells = row(result, meta);
                for (int i = 0; forSpreadsheet && i < cells.length; i++) {
                    cells[i] = isNumber(meta.getColumnType(i + 1)) ? cells[i] : asText(cells[i]);
                }
                csv.writeRecord(cells);
            }
        }
    }

    private void json(QueryResult result, boolean asArray) throws SQLException, IOException {
        ResultSetMetaData meta = result.getMetaData();
        boolean first = true;
        out.print(asArray ? "[" : "");
        while (result.next() && !out.checkError()) {
            out.print(asArray ? (first ? "\n" : ",\n") : "");
            first = false;
            try (JsonGenerator json = new JsonFactory().createGenerator(new Unclosed(out))) {
                json.writeStartObject();
                for (int i = 1; i <= meta.getColumnCount(); i++) {
                    json.writeFieldName(meta.getColumnLabel(i));
                    value(json, result, meta.getColumnType(i), i);
                }
                json.writeEndObject();
            }
            out.print(asArray ? "" : "\n");
        }
        out.print(asArray ? "\n]\n" : "");
    }

    private static void value(JsonGenerator json, QueryResult result, int type, int i)
            throws SQLException, IOException {
        Object value = result.getObject(i);
        switch (value) {
            case null -> json.writeNull();
            case Boolean bool -> json.writeBoolean(bool);
            case Double number when number.isNaN() || number.isInfinite() -> json.writeString(number.toString());
            case Float number when number.isNaN() || number.isInfinite() -> json.writeString(number.toString());
            case Number _ when isNumber(type) -> json.writeNumber(value.toString());
            default -> json.writeString(result.getString(i));
        }
    }

    /// A cell is never shown longer, and a page of them is held.
    private static @Nullable String[] cut(@Nullable String[] cells) {
        for (int i = 0; i < cells.length; i++) {
            String cell = cells[i];
            if (cell != null && cell.length() > MOST_SHOWN) {
                cells[i] = cell.substring(0, MOST_SHOWN);
            }
        }
        return cells;
    }

    /// A spreadsheet takes what begins so for a formula; a quotation mark before it says that it is text.
    private static @Nullable String asText(@Nullable String cell) {
        boolean formula = cell != null && !cell.isEmpty() && "=+-@\t\r".indexOf(cell.charAt(0)) >= 0;
        return formula ? "'" + cell : cell;
    }

    private static @Nullable String[] row(QueryResult result, ResultSetMetaData meta) throws SQLException {
        @Nullable String[] cells = new @Nullable String[meta.getColumnCount()];
        for (int i = 0; i < cells.length; i++) {
            cells[i] = result.getString(i + 1);
        }
        return cells;
    }

    private String shortened(String text) {
        return maxCell > 0 && text.length() > maxCell ? text.substring(0, maxCell - 1) + "…" : text;
    }

    /// A value as a terminal may show it: what would steer the terminal is written as an escape.
    public static String shown(@Nullable String text) {
        if (text == null) {
            return NULL;
        }
        StringBuilder out = new StringBuilder();
        for (int i = 0; i < text.length() && out.length() < MOST_SHOWN; i++) {
            char c = text.charAt(i);
            switch (c) {
                case '\n' -> out.append("\\n");
                case '\r' -> out.append("\\r");
                case '\t' -> out.append("\\t");
                default -> {
                    if (Inert.acts(c)) {
                        out.append(Inert.escaped(c));
                    } else {
                        out.append(c);
                    }
                }
            }
        }
        return out.toString();
    }

    private static boolean isNumber(int type) {
        return switch (type) {
            case Types.TINYINT, Types.SMALLINT, Types.INTEGER, Types.BIGINT -> true;
            case Types.FLOAT, Types.REAL, Types.DOUBLE, Types.NUMERIC, Types.DECIMAL -> true;
            default -> false;
        };
    }

    private static int sum(int[] widths) {
        return java.util.Arrays.stream(widths).sum();
    }

    /// Passes everything on but the close.
    private static final class Unclosed extends Writer {

        private final Writer target;

        private Unclosed(Writer target) {
            this.target = target;
        }

        @Override
        public void write(char[] chars, int offset, int length) throws IOException {
            target.write(chars, offset, length);
        }

        @Override
        public void flush() {}

        @Override
        public void close() {}
    }
}
