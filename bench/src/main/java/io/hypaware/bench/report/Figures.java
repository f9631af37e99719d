package io.hypaware.bench.report;

import com.github.freva.asciitable.AsciiTable;
import com.github.freva.asciitable.Column;
import com.github.freva.asciitable.HorizontalAlign;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.IntStream;

/// Where a bench says what it has measured: on the terminal at once, and as a line of JSON in the file that
/// `HYP_BENCH_FIGURES` names. It is a variable of the environment because processes that a bench starts say figures,
/// too, and inherit it.
public final class Figures {

    public static final String FILE = "HYP_BENCH_FIGURES";

    /// The exit code of a bench that ended well with a budget missed; 1 is one that failed.
    public static final int MISSED = 3;

    private final Optional<Path> file;
    private boolean missed;

    Figures(Optional<Path> file) {
        this.file = file;
    }

    public static Figures open() {
        return new Figures(Optional.ofNullable(System.getenv(FILE)).map(Path::of));
    }

    public void say(String what, double measured, String unit) {
        add(new Figure(what, measured, unit, Optional.empty()));
    }

    public void atMost(String what, double limit, double measured, String unit) {
        bounded(what, new Budget(Budget.Bound.AT_MOST, limit), measured, unit);
    }

    public void atLeast(String what, double limit, double measured, String unit) {
        bounded(what, new Budget(Budget.Bound.AT_LEAST, limit), measured, unit);
    }

    public void count(String what, long counted) {
        say(what, (double) counted, "");
    }

    public void atMost(String what, long limit, long counted) {
        atMost(what, (double) limit, (double) counted, "");
    }

    public void exactly(String what, long expected, long counted) {
        bounded(what, new Budget(Budget.Bound.EXACTLY, (double) expected), (double) counted, "");
    }

    private void bounded(String what, Budget budget, double measured, String unit) {
        add(new Figure(what, measured, unit, Optional.of(budget)));
    }

    public void note(String text) {
        add(new Note(text));
    }

    public void add(Entry entry) {
        System.out.println(shown(entry));
        if (entry instanceof Figure figure) {
            missed |= figure.isMissed();
        }
        file.ifPresent(path -> append(path, EntryJson.line(entry) + "\n"));
    }

    /// For the end of a bench: 0, or another one where a budget was missed.
    public int exitCode() {
        return missed ? MISSED : 0;
    }

    private static String shown(Entry entry) {
        return switch (entry) {
            case Figure figure ->
                String.format(
                                Locale.ROOT,
                                "%-76s %14s  %-14s %s",
                                figure.what(),
                                figure.measuredText(),
                                figure.budgetText(),
                                figure.verdict())
                        .stripTrailing();
            case Note note -> note.text();
            case Table table -> table.title() + "\n" + drawn(table);
        };
    }

    private static String drawn(Table table) {
        List<Column> columns = IntStream.range(0, table.columns().size())
                .mapToObj(i -> new Column()
                        .header(table.columns().get(i))
                        .maxWidth(60)
                        .dataAlign(i == 0 ? HorizontalAlign.LEFT : HorizontalAlign.RIGHT))
                .toList();
        return AsciiTable.getTable(
                AsciiTable.NO_BORDERS,
                columns.toArray(Column[]::new),
                table.rows().stream().map(row -> row.toArray(String[]::new)).toArray(String[][]::new));
    }

    /// What was said into a file, in the order in which it was said.
    public static List<Entry> read(Path file) throws IOException {
        return Files.exists(file)
                ? Files.readAllLines(file).stream().map(EntryJson::parse).toList()
                : List.of();
    }

    private static void append(Path file, String line) {
        try {
            Files.writeString(file, line, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
        } catch (IOException e) {
            throw new UncheckedIOException("the figures' file " + file + " cannot be written", e);
        }
    }
}
