package io.hypaware.bench.report;

import java.util.List;

/// Figures that are read side by side and have no budget of their own.
///
/// @param title of what they are; units stand in the columns or in front of the rows
public record Table(String title, List<String> columns, List<List<String>> rows) implements Entry {

    public Table {
        columns = List.copyOf(columns);
        rows = rows.stream().map(List::copyOf).toList();
        for (List<String> row : rows) {
            if (row.size() != columns.size()) {
                throw new IllegalArgumentException(
                        title + ": a row of " + row.size() + " in a table of " + columns.size() + " columns: " + row);
            }
        }
    }
}
