package io.hypaware.bench;

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

    /// Those that are named, each with the words behind it that name none; all that are not long where none is named.
    ///
    /// @throws IllegalArgumentException if the first word names none, or a section is named twice
    static List<Section> chosen(List<Section> all, List<String> words) {
        boolean longOnes = !words.isEmpty() && words.getFirst().equals("--long");
        List<String> named = longOnes ? words.subList(1, words.size()) : words;
        if (named.isEmpty()) {
            return all.stream().filter(section -> longOnes || !section.isLong()).toList();
        }
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
                throw new IllegalArgumentException("there is no section " + word + "; --list names them");
            } else {
                arguments.add(word);
                sections.set(sections.size() - 1, sections.getLast().with(arguments));
            }
        }
        return sections;
    }
}
