package io.hypaware.maintain.purge;

import io.hypaware.dataset.Column;
import io.hypaware.dataset.ColumnType;
import io.hypaware.dataset.Dataset;
import io.hypaware.dataset.Datasets;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/// Some thousands of pieces of what goes, evenly out of all of it: those with the smallest hashes. They are kept in
/// memory only. Each is of characters that no encoding of text writes in another way.
final class NeedleSample {

    private static final int MOST = 4_000;

    /// As much of a value as the bounds in a manifest have.
    private static final int LENGTH = 16;

    /// Times stand in logs and names, too, whatever was said then.
    private static final Pattern TIME = Pattern.compile("[0-9TZ:. +-]*");

    /// One with fewer kinds of characters, such as a line of dashes, says nothing.
    private static final int KINDS = 8;

    private final TreeMap<Long, String> kept = new TreeMap<>();

    /// @param rows with the payloads that go found already
    /// @param sessions whose ids are looked for, too
    static List<String> of(DoomedRows rows, List<String> sessions) throws SQLException {
        NeedleSample sample = new NeedleSample();
        for (Dataset dataset : Datasets.all()) {
            String goes = dataset.equals(Datasets.PAYLOADS)
                    ? "f.hash IN (SELECT hash FROM doomed_payload)"
                    : rows.condition(dataset);
            String texts = dataset.columns().stream()
                    .filter(NeedleSample::isText)
                    .map(column -> "f." + io.hypaware.engine.Engine.identifier(column.name()))
                    .collect(Collectors.joining(", "));
            try (Statement statement = rows.engine().connection().createStatement();
                    ResultSet row = statement.executeQuery("SELECT concat_ws(chr(10), " + texts + ") FROM rows_"
                            + dataset.name() + " f WHERE " + goes)) {
                while (row.next()) {
                    sample.add(row.getString(1));
                }
            }
        }
        List<String> all = new ArrayList<>(sample.kept.values());
        sessions.stream()
                .filter(session -> session.length() >= LENGTH)
                .limit(MOST)
                .forEach(all::add);
        return all;
    }

    private static boolean isText(Column column) {
        return column.type() == ColumnType.STRING || column.type() == ColumnType.JSON;
    }

    private void add(String text) {
        int begin = 0;
        for (int i = 0; i <= text.length(); i++) {
            if (i == text.length() || !isPlain(text.charAt(i))) {
                for (int at = begin; at + LENGTH <= i; at += LENGTH) {
                    offer(text, at);
                }
                begin = i + 1;
            }
        }
    }

    private static boolean isPlain(char c) {
        return c >= ' ' && c < 127 && c != '"' && c != '\\' && c != '/' && c != '<' && c != '>' && c != '&'
                && c != '\'';
    }

    private void offer(String text, int at) {
        long hash = 0;
        for (int i = at; i < at + LENGTH; i++) {
            hash = (hash ^ text.charAt(i)) * 0x100000001b3L;
            hash ^= hash >>> 29;
        }
        if (kept.size() == MOST && hash >= kept.lastKey()) {
            return;
        }
        String piece = text.substring(at, at + LENGTH);
        if (!TIME.matcher(piece).matches() && piece.chars().distinct().count() >= KINDS) {
            kept.put(hash, piece);
            if (kept.size() > MOST) {
                kept.pollLastEntry();
            }
        }
    }
}
