package io.hypaware.bench.report;

import java.util.ArrayList;
import java.util.List;

/// What stands between two markers of the document: where the figures come from, those with budgets, and tables.
public final class Block {

    private static final String FAILED = "**Failed** ";

    /// The whole block of a section that was measured; each line ends with `\n`.
    public static String of(Origin origin, List<Entry> entries) {
        StringBuilder text = new StringBuilder(origin.line()).append('\n');
        List<Figure> together = new ArrayList<>();
        for (Entry entry : entries) {
            if (entry instanceof Figure figure) {
                together.add(figure);
                continue;
            }
            figures(text, together);
            switch (entry) {
                case Note note -> text.append('\n').append(inline(note.text())).append('\n');
                case Table table -> table(text, table);
                case Figure _ -> throw new AssertionError();
            }
        }
        figures(text, together);
        return text.toString();
    }

    /// The block that was there, under a line that says why there is no newer one.
    public static String failed(Origin origin, String reason, String before) {
        String older = withoutFailure(before);
        return FAILED + origin.day() + ", " + origin.revision() + ": " + inline(reason) + ". "
                + (older.isBlank() ? "Nothing was measured before." : "What follows is older.") + "\n"
                + (older.isBlank() ? "" : "\n" + older);
    }

    private static String withoutFailure(String block) {
        if (!block.startsWith(FAILED)) {
            return block;
        }
        int end = block.indexOf('\n');
        return end < 0 ? "" : block.substring(end + 1).stripLeading();
    }

    private static void figures(StringBuilder text, List<Figure> figures) {
        if (figures.isEmpty()) {
            return;
        }
        text.append("\n| what | budget | measured | |\n|---|---|---|---|\n");
        for (Figure figure : figures) {
            String verdict = figure.verdict();
            row(
                    text,
                    List.of(
                            figure.what(),
                            figure.budgetText(),
                            figure.measuredText(),
                            figure.isMissed() ? "**" + verdict + "**" : verdict));
        }
        figures.clear();
    }

    private static void table(StringBuilder text, Table table) {
        text.append('\n').append(inline(table.title())).append(":\n\n");
        row(text, table.columns());
        text.append("|---".repeat(table.columns().size())).append("|\n");
        table.rows().forEach(row -> row(text, row));
    }

    private static void row(StringBuilder text, List<String> cells) {
        for (String cell : cells) {
            String inline = inline(cell).replace("|", "\\|");
            text.append(inline.isEmpty() ? "| " : "| " + inline + " ");
        }
        text.append("|\n");
    }

    /// On one line, and never a marker.
    private static String inline(String text) {
        return text.replaceAll("\\s+", " ").strip().replace("<!--", "&lt;!--");
    }

    private Block() {}
}
