package io.hypaware.cli;

import java.io.Console;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/// Asks line by line, where a terminal can do no more, or no more is wanted of it.
final class LineAsker implements Asker {

    private final Console console;

    LineAsker(Console console) {
        this.console = console;
    }

    @Override
    public Optional<String> one(String question, List<Choice> choices) {
        Choice usual = choices.stream().filter(Choice::picked).findFirst().orElse(choices.getFirst());
        while (true) {
            console.format("%n%s%n", question);
            for (int i = 0; i < choices.size(); i++) {
                console.format("  %d  %s%n", i + 1, choices.get(i).text());
            }
            String answer = read("Number [" + (choices.indexOf(usual) + 1) + "], b for back: ");
            if (answer.isEmpty()) {
                return Optional.of(usual.id());
            }
            if (answer.equalsIgnoreCase("b")) {
                return Optional.empty();
            }
            if (answer.matches("\\d{1,3}")
                    && Integer.parseInt(answer) >= 1
                    && Integer.parseInt(answer) <= choices.size()) {
                return Optional.of(choices.get(Integer.parseInt(answer) - 1).id());
            }
            console.format("found %s, expected a number from 1 to %d, or b%n", answer, choices.size());
        }
    }

    @Override
    public Optional<Set<String>> several(String question, List<Choice> choices) {
        console.format("%n%s%n", question);
        List<String> answers = new ArrayList<>();
        Set<String> picked = new LinkedHashSet<>();
        while (answers.size() < choices.size()) {
            Choice choice = choices.get(answers.size());
            String answer = read("  " + choice.text() + (choice.picked() ? " [Y/n] " : " [y/N] "));
            if (answer.equalsIgnoreCase("b")) {
                return Optional.empty();
            }
            String first = answer.toLowerCase(Locale.ROOT);
            if (!answer.isEmpty() && !first.startsWith("y") && !first.startsWith("n")) {
                console.format("found %s, expected y, n or b%n", answer);
                continue;
            }
            if (answer.isEmpty() ? choice.picked() : first.startsWith("y")) {
                picked.add(choice.id());
            }
            answers.add(answer);
        }
        return Optional.of(picked);
    }

    private String read(String prompt) {
        String line = console.readLine("%s", prompt);
        if (line == null || line.strip().equalsIgnoreCase("q")) {
            throw new CancelledException();
        }
        return line.strip();
    }

    @Override
    public String keys() {
        return "Enter takes what is in brackets, b goes back, q ends it.";
    }

    @Override
    public void close() {}
}
