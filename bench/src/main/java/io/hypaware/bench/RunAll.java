package io.hypaware.bench;

import io.hypaware.bench.report.Block;
import io.hypaware.bench.report.Entry;
import io.hypaware.bench.report.Figure;
import io.hypaware.bench.report.Figures;
import io.hypaware.bench.report.Machine;
import io.hypaware.bench.report.MeasuredDocument;
import io.hypaware.bench.report.MeasuredDocument.BrokenDocumentException;
import io.hypaware.bench.report.Origin;
import io.hypaware.home.Folders;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/// `bench/run all`: measures sections one after another, each in a process of its own, and writes what each says into
/// its block of docs/reference/performance.md. A section that fails stops no other.
final class RunAll {

    static final String DOCUMENT = "docs/reference/performance.md";

    /// A bench that hangs is ended by then; a year takes hours.
    private static final Duration MOST = Duration.ofMinutes(40);

    private static final Duration MOST_OF_LONG = Duration.ofDays(2);

    /// A folder of this machine, which is nobody's business elsewhere.
    private static final Pattern FOLDERS = Pattern.compile("(?:/[\\w.+-]+)+/(?=[\\w.+-])");

    private static final int MOST_CHARACTERS = 300;

    private final Path root;
    private final Path folders;
    private final Path document;
    private final String revision;
    private final String machine;
    private final Clock clock;
    private final boolean isWritten;
    private final List<String> failed = new ArrayList<>();
    private final List<String> missed = new ArrayList<>();

    /// @param folders where each section gets a folder of its own, which stays where the section fails
    /// @param isWritten whether the document gets the figures; without, it is neither read nor written
    RunAll(Path root, Path folders, String machine, Clock clock, boolean isWritten) {
        this.isWritten = isWritten;
        this.root = root;
        this.folders = folders;
        this.document = root.resolve(DOCUMENT);
        this.revision = Machine.revision(root, document);
        this.machine = machine;
        this.clock = clock;
    }

    /// @param arguments the project's folder, then options, and sections, each with arguments of its own
    public static void main(String[] arguments) throws IOException, InterruptedException {
        Path root = Path.of(arguments[0]);
        List<String> words = List.of(arguments).subList(1, arguments.length);
        try {
            Section.Wanted wanted = Section.wanted(Section.ALL, words);
            if (wanted.isList()) {
                Section.ALL.forEach(section -> System.out.println(section.line()));
                return;
            }
            boolean areAll = words.stream().allMatch(word -> word.startsWith("--"));
            Section.ALL.stream()
                    .filter(section -> areAll && !wanted.sections().contains(section))
                    .forEach(section -> System.out.println(
                            section.name() + " is left out, as it takes " + section.takes() + ": --long, or its name"));
            boolean done = new RunAll(
                            root,
                            Path.of(System.getProperty("java.io.tmpdir")),
                            Machine.describe(Nginx.program()),
                            Clock.systemUTC(),
                            wanted.isWritten())
                    .run(wanted.sections());
            System.exit(done ? 0 : 1);
        } catch (IllegalArgumentException | BrokenDocumentException e) {
            System.err.println("bench/run all: " + e.getMessage());
            System.exit(Benchmark.USED_WRONGLY);
        }
    }

    /// @return whether none failed; a missed budget is a figure like others
    /// @throws BrokenDocumentException before anything is measured, if the document has no place for a section
    boolean run(List<Section> sections) throws IOException, InterruptedException {
        if (isWritten) {
            MeasuredDocument.read(document)
                    .require(sections.stream().map(Section::name).toList());
        }
        for (Section section : sections) {
            System.out.println("== " + section.name() + " (" + section.takes() + ")");
            run(section);
        }
        say("budgets missed", missed);
        say("sections failed", failed);
        return failed.isEmpty();
    }

    private static void say(String what, List<String> each) {
        System.out.println(what + ": " + each.size());
        each.forEach(line -> System.out.println("  " + line));
    }

    private void run(Section section) throws IOException, InterruptedException {
        Path folder = Files.createTempDirectory(folders, "bench");
        Outcome outcome = measure(section, folder);
        if (isWritten) {
            write(section, outcome);
        }
        switch (outcome) {
            case Failed(String reason) -> failed.add(section.name() + ": " + reason + "; what it made is in " + folder);
            case Measured(List<Entry> entries) -> {
                entries.forEach(entry -> noteIfMissed(section, entry));
                if (!section.isLong()) {
                    delete(folder);
                }
            }
        }
    }

    private void write(Section section, Outcome outcome) {
        Origin origin = new Origin(
                clock.instant(), revision, machine, publicText("bench/run " + String.join(" ", section.words())));
        try {
            MeasuredDocument.replace(document, section.name(), before -> switch (outcome) {
                case Failed(String reason) -> Block.failed(origin, publicText(reason), before);
                case Measured(List<Entry> entries) -> Block.of(origin, entries);
            });
        } catch (BrokenDocumentException e) {
            failed.add(section.name() + ": it was measured, but meanwhile in " + DOCUMENT + " " + e.getMessage());
        } catch (IOException e) {
            failed.add(section.name() + ": it was measured, but " + DOCUMENT + " cannot be written: " + e);
        }
    }

    private sealed interface Outcome {}

    private record Measured(List<Entry> entries) implements Outcome {}

    private record Failed(String reason) implements Outcome {}

    private Outcome measure(Section section, Path folder) throws IOException, InterruptedException {
        Optional<String> failure =
                SectionProcess.start(root, section, folder).failure(section.isLong() ? MOST_OF_LONG : MOST);
        if (failure.isPresent()) {
            return new Failed(failure.get());
        }
        try {
            List<Entry> entries = Figures.read(SectionProcess.figures(folder));
            return entries.isEmpty() ? new Failed("it said no figures") : new Measured(entries);
        } catch (IllegalArgumentException e) {
            return new Failed("its figures cannot be read: " + e.getMessage());
        }
    }

    private void noteIfMissed(Section section, Entry entry) {
        if (entry instanceof Figure figure && figure.isMissed()) {
            missed.add(section.name() + ": " + figure.what() + ": " + figure.measuredText() + ", not "
                    + figure.budgetText());
        }
    }

    /// What a gateway started last may still write for a moment; what is left is no failure.
    private static void delete(Path folder) {
        try {
            Folders.deleteIfThere(folder);
        } catch (IOException | UncheckedIOException e) {
            System.err.println("left over: " + folder + ", " + e.getMessage());
        }
    }

    private static String publicText(String reason) {
        String text = FOLDERS.matcher(reason).replaceAll("");
        return text.length() > MOST_CHARACTERS ? text.substring(0, MOST_CHARACTERS) + "…" : text;
    }
}
