package io.hypaware.bench;

import io.hypaware.config.Nearest;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// What `bench/run all` measures at once, and writes into one block.
///
/// @param command of `bench/run`, with the arguments that hold where none are given
/// @param takes about how long, for people
/// @param isLong left out where it is not asked for
record Section(String name, List<String> command, List<String> arguments, String takes, String needs, boolean isLong) {

    private static final String NGINX = "nginx; without it, its rows are left out";
    private static final String GNU_TIME = "GNU time";

    private static final String LIST = "--list";
    private static final String LONG = "--long";
    private static final String NO_WRITE = "--no-write";
    private static final List<String> OPTIONS = List.of(LIST, LONG, NO_WRITE);

    /// The gateway first, while the machine is as it was found.
    static final List<Section> ALL = List.of(
            shortly("gateway", "gateway 3", "2 minutes", NGINX),
            shortly("memory", "memory", "30 seconds", ""),
            shortly("hard", "hard", "30 seconds", ""),
            shortly("record", "record", "75 seconds", ""),
            shortly("flush", "flush", "30 seconds", ""),
            shortly("start", "start", "30 seconds", GNU_TIME + "; without it, no processor time and memory"),
            shortly("reference", "maintain reference", "3 minutes", "5 GB of disk"),
            shortly("unique", "maintain unique", "1 minute", "2 GB of disk"),
            shortly("month", "month 12", "3 minutes", ""),
            shortly("session", "maintain session", "20 seconds", ""),
            shortly("projection", "maintain projection", "1 minute", ""),
            shortly("transcripts", "transcripts 750 500", "2 minutes", ""),
            shortly("counting", "counting", "10 seconds", ""),
            shortly("spans", "spans 200000", "1 minute", ""),
            shortly("telemetry", "telemetry 60", "2 minutes", ""),
            shortly("websocket", "websocket 30", "1 minute", ""),
            shortly("flood", "flood 8", "2 minutes", ""),
            shortly("secrets", "secrets", "2 minutes", ""),
            section("day", "day", "12 minutes", GNU_TIME, true),
            section(
                    "year",
                    "year",
                    "hours",
                    GNU_TIME + "; --home DIR goes on, --months 0 only says what is there",
                    true));

    private static Section shortly(String name, String command, String takes, String needs) {
        return section(name, command, takes, needs, false);
    }

    private static Section section(String name, String command, String takes, String needs, boolean isLong) {
        List<String> words = List.of(command.split(" "));
        int own = words.getFirst().equals("maintain") ? 2 : 1;
        return new Section(name, words.subList(0, own), words.subList(own, words.size()), takes, needs, isLong);
    }

    Section with(List<String> others) {
        return new Section(name, command, List.copyOf(others), takes, needs, isLong);
    }

    /// What is typed behind `bench/run` for it alone.
    List<String> words() {
        List<String> words = new ArrayList<>(command);
        words.addAll(arguments);
        return words;
    }

    String line() {
        return "%-12s %-12s %s%s"
                .formatted(
                        name,
                        takes,
                        isLong ? "only where it is named, or with --long" : "",
                        needs.isEmpty() ? "" : (isLong ? "; " : "") + "needs " + needs + absence())
                .stripTrailing();
    }

    private String absence() {
        boolean isAbsent = (needs.startsWith(NGINX) && Nginx.program().isEmpty())
                || (needs.startsWith(GNU_TIME) && !TimedHyp.isPossible());
        return isAbsent ? "; it is not installed" : "";
    }

    /// What is asked of `bench/run all`.
    ///
    /// @param isList whether only the names are wanted
    /// @param isWritten whether the document gets the figures
    record Wanted(boolean isList, boolean isWritten, List<Section> sections) {}

    /// Those that are named, each with the words behind it that name none; all that are not long where none is named.
    ///
    /// @param words options, then names
    /// @throws IllegalArgumentException if a word names none and is nothing that the section before it takes, or a
    ///     section is named twice
    static Wanted wanted(List<Section> all, List<String> words) {
        List<String> options =
                words.stream().takeWhile(word -> word.startsWith("--")).toList();
        for (String option : options) {
            if (!OPTIONS.contains(option)) {
                throw new IllegalArgumentException("there is no option " + option + "; there are: "
                        + String.join(", ", OPTIONS) + ", before the names of sections");
            }
        }
        return new Wanted(
                options.contains(LIST),
                !options.contains(NO_WRITE),
                chosen(all, words.subList(options.size(), words.size()), options.contains(LONG)));
    }

    private static List<Section> chosen(List<Section> all, List<String> named, boolean longOnes) {
        if (named.isEmpty()) {
            return all.stream().filter(section -> longOnes || !section.isLong()).toList();
        }
        List<String> names = all.stream().map(Section::name).toList();
        List<Section> sections = new ArrayList<>();
        List<String> arguments = new ArrayList<>();
        for (String word : named) {
            Optional<Section> section =
                    all.stream().filter(each -> each.name().equals(word)).findFirst();
            if (section.isPresent()) {
                if (sections.stream().anyMatch(each -> each.name().equals(word))) {
                    throw new IllegalArgumentException(word + " is named twice");
                }
                sections.add(section.get());
                arguments.clear();
            } else if (sections.isEmpty()) {
                throw new IllegalArgumentException("there is no section " + word
                        + meant(List.of(word), names).orElse("")
                        + "; --list names them");
            } else {
                arguments.add(word);
                sections.set(sections.size() - 1, sections.getLast().with(arguments));
            }
        }
        sections.forEach(section -> section.check(names));
        return sections;
    }

    private void check(List<String> names) {
        try {
            List<String> behind = words().subList(1, words().size());
            Benchmark.named(command.getFirst()).check(behind);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(
                    e.getMessage() + meant(arguments, names).orElse(""), e);
        }
    }

    /// A word that was probably meant to name a section.
    private static Optional<String> meant(List<String> words, List<String> names) {
        return words.stream()
                .filter(word -> word.matches("[a-z]{3,}"))
                .flatMap(word -> Nearest.of(word, names).stream())
                .findFirst()
                .map(near -> "; did you mean the section " + near + "?");
    }
}
