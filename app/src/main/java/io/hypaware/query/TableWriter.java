package io.hypaware.query;

import com.github.freva.asciitable.AsciiTable;
import com.github.freva.asciitable.Column;
import com.github.freva.asciitable.HorizontalAlign;
import com.github.freva.asciitable.OverflowBehaviour;
import java.io.PrintWriter;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.sql.Types;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Draws a result as a table that fits the terminal, page by page, so that memory stays bounded whatever the result is.
///
/// Where it is too wide, long texts are cut first, never a number or a time; then columns are left out from the right,
/// and named below.
final class TableWriter {

    private static final int PAGE_ROWS = 1_000;
    private static final int NARROWEST = 12;

    private static final int NARROWEST_NUMBER = 8;

    /// Of a column: a border and a space on either side of the cell.
    private static final int AROUND = 3;

    private final PrintWriter out;
    private final int width;
    private final int maxCell;
    private int columnsShown = Integer.MAX_VALUE;

    /// @param width columns of the terminal; 0 for no bound
    /// @param maxCell most characters of a cell; 0 for what fits
    TableWriter(PrintWriter out, int width, int maxCell) {
        this.out = out;
        this.width = width;
        this.maxCell = maxCell;
    }

    void write(QueryResult result) throws SQLException {
        ResultSetMetaData meta = result.getMetaData();
        List<@Nullable String[]> page = new ArrayList<>();
        long rows = 0;
        while (result.next() && !out.checkError()) {
            page.add(cut(ResultWriter.row(result, meta)));
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
        if (columnsShown < meta.getColumnCount()) {
            List<String> left = new ArrayList<>();
            for (int i = columnsShown; i < meta.getColumnCount(); i++) {
                left.add(ResultWriter.shown(meta.getColumnLabel(i + 1)));
            }
            out.println("no room for: " + String.join(", ", left));
        }
    }

    private void drawPage(ResultSetMetaData meta, List<@Nullable String[]> page) throws SQLException {
        int[] widths = widths(meta, page);
        columnsShown = widths.length;
        List<Column> columns = new ArrayList<>();
        for (int i = 0; i < widths.length; i++) {
            columns.add(new Column()
                    .header(ResultWriter.shown(meta.getColumnLabel(i + 1)))
                    .headerAlign(HorizontalAlign.LEFT)
                    .dataAlign(
                            ResultWriter.isNumber(meta.getColumnType(i + 1))
                                    ? HorizontalAlign.RIGHT
                                    : HorizontalAlign.LEFT)
                    .maxWidth(widths[i] + 2, OverflowBehaviour.ELLIPSIS_RIGHT));
        }
        Object[][] cells = page.stream()
                .map(row -> Arrays.stream(row, 0, widths.length)
                        .map(ResultWriter::shown)
                        .toArray())
                .toArray(Object[][]::new);
        out.println(
                AsciiTable.getTable(AsciiTable.BASIC_ASCII_NO_DATA_SEPARATORS, columns.toArray(Column[]::new), cells));
    }

    /// Widths of the columns that fit the terminal.
    private int[] widths(ResultSetMetaData meta, List<@Nullable String[]> page) throws SQLException {
        int count = Math.min(meta.getColumnCount(), columnsShown);
        int[] widths = new int[count];
        int[] least = new int[count];
        for (int i = 0; i < count; i++) {
            int header = ResultWriter.shown(meta.getColumnLabel(i + 1)).length();
            int longest = 0;
            for (@Nullable String[] row : page) {
                int length = ResultWriter.shown(row[i]).length();
                longest = Math.max(longest, maxCell > 0 ? Math.min(length, maxCell) : length);
            }
            widths[i] = Math.max(header, longest);
            boolean whole = isWhole(meta.getColumnType(i + 1));
            least[i] = Math.min(widths[i], whole ? Math.max(longest, NARROWEST_NUMBER) : NARROWEST);
        }
        if (width == 0) {
            return widths;
        }
        while (count > 1 && sum(least, count) + AROUND * count >= width) {
            count--;
        }
        widths = Arrays.copyOf(widths, count);
        int room = width - 1 - AROUND * count;
        while (sum(widths, count) > room) {
            int widest = -1;
            for (int i = 0; i < count; i++) {
                if (widths[i] > least[i] && (widest < 0 || widths[i] > widths[widest])) {
                    widest = i;
                }
            }
            if (widest < 0) {
                break;
            }
            widths[widest]--;
        }
        return widths;
    }

    /// What says something else when it is cut.
    private static boolean isWhole(int type) {
        return ResultWriter.isNumber(type)
                || switch (type) {
                    case Types.TIMESTAMP, Types.TIMESTAMP_WITH_TIMEZONE, Types.DATE, Types.TIME, Types.BOOLEAN -> true;
                    default -> false;
                };
    }

    /// A cell is never shown longer, and a page of them is held.
    private static @Nullable String[] cut(@Nullable String[] cells) {
        for (int i = 0; i < cells.length; i++) {
            String cell = cells[i];
            if (cell != null && cell.length() > ResultWriter.MOST_SHOWN) {
                cells[i] = cell.substring(0, ResultWriter.MOST_SHOWN);
            }
        }
        return cells;
    }

    private static int sum(int[] widths, int count) {
        return Arrays.stream(widths, 0, count).sum();
    }
}
