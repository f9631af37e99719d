package io.hypaware.query;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import de.siegmar.fastcsv.writer.CsvWriter;
import de.siegmar.fastcsv.writer.LineDelimiter;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.Writer;
import java.sql.Array;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.sql.Types;
import java.time.LocalTime;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Writes results in one of the [OutputFormat]s. All but the table are streamed row by row.
public final class ResultWriter {

    static final int MOST_SHOWN = 10_000;
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
            case TABLE -> new TableWriter(out, width, maxCell).write(result);
            case MARKDOWN -> markdown(result);
            case CSV -> csv(result);
            case JSON -> json(result, true);
            case JSONL -> json(result, false);
        }
        out.flush();
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
            case Array list -> elements(json, list);
            default -> json.writeString(result.getString(i));
        }
    }

    private static void elements(JsonGenerator json, Array list) throws SQLException, IOException {
        json.writeStartArray();
        for (Object element : (Object[]) list.getArray()) {
            switch (element) {
                case null -> json.writeNull();
                case Boolean bool -> json.writeBoolean(bool);
                case Double number when number.isNaN() || number.isInfinite() -> json.writeString(number.toString());
                case Float number when number.isNaN() || number.isInfinite() -> json.writeString(number.toString());
                case Number number -> json.writeNumber(number.toString());
                case Array inner -> elements(json, inner);
                case OffsetDateTime _, LocalTime _ -> json.writeString(QueryResult.withSeconds(element.toString()));
                default -> json.writeString(element.toString());
            }
        }
        json.writeEndArray();
    }

    /// A spreadsheet takes what begins so for a formula; a quotation mark before it says that it is text.
    private static @Nullable String asText(@Nullable String cell) {
        boolean formula = cell != null && !cell.isEmpty() && "=+-@\t\r".indexOf(cell.charAt(0)) >= 0;
        return formula ? "'" + cell : cell;
    }

    static @Nullable String[] row(QueryResult result, ResultSetMetaData meta) throws SQLException {
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
                    if (Inert.acts(i > 0 ? text.charAt(i - 1) : 0, c)) {
                        out.append(Inert.escaped(c));
                    } else {
                        out.append(c);
                    }
                }
            }
        }
        return out.toString();
    }

    static boolean isNumber(int type) {
        return switch (type) {
            case Types.TINYINT, Types.SMALLINT, Types.INTEGER, Types.BIGINT -> true;
            case Types.FLOAT, Types.REAL, Types.DOUBLE, Types.NUMERIC, Types.DECIMAL -> true;
            default -> false;
        };
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
