package io.hypaware.cli;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.jline.consoleui.prompt.CheckboxResult;
import org.jline.consoleui.prompt.ConsolePrompt;
import org.jline.consoleui.prompt.ListResult;
import org.jline.consoleui.prompt.PromptResultItemIF;
import org.jline.consoleui.prompt.builder.CheckboxPromptBuilder;
import org.jline.consoleui.prompt.builder.ListPromptBuilder;
import org.jline.consoleui.prompt.builder.PromptBuilder;
import org.jline.reader.UserInterruptException;
import org.jline.terminal.Terminal;
import org.jline.terminal.TerminalBuilder;

/// Asks with menus: arrow keys, space, enter; escape goes back.
final class MenuAsker implements Asker {

    private static final String ANSWER = "answer";
    private static final int LEAST_LINES = 8;

    private final Terminal terminal;
    private final ConsolePrompt.UiConfig style = new ConsolePrompt.UiConfig(">", "[ ] ", "[x] ", "[-] ");

    private MenuAsker(Terminal terminal) {
        this.terminal = terminal;
        style.setCancellableFirstPrompt(true);
    }

    /// Nothing, if the terminal is none on which a menu can be shown.
    static Optional<Asker> open() throws IOException {
        Terminal terminal = TerminalBuilder.builder().system(true).build();
        if (terminal.getSize().getRows() < LEAST_LINES) {
            terminal.close();
            return Optional.empty();
        }
        return Optional.of(new MenuAsker(terminal));
    }

    @Override
    public Optional<String> one(String question, List<Choice> choices) {
        // The first one is where the cursor stands.
        List<Choice> sorted = new ArrayList<>(choices);
        sorted.sort(Comparator.comparing(choice -> !choice.picked()));
        return ask(prompts -> {
                    ListPromptBuilder list =
                            prompts.createListPrompt().name(ANSWER).message(question);
                    // What was chosen is shown by its name, for which the text is better.
                    sorted.forEach(choice ->
                            list.newItem(choice.text()).text(choice.text()).add());
                    list.addPrompt();
                })
                .map(ListResult.class::cast)
                .map(result -> id(result.getSelectedId(), choices));
    }

    @Override
    public Optional<Set<String>> several(String question, List<Choice> choices) {
        return ask(prompts -> {
                    CheckboxPromptBuilder boxes =
                            prompts.createCheckboxPrompt().name(ANSWER).message(question);
                    choices.forEach(choice -> boxes.newItem(choice.text())
                            .text(choice.text())
                            .checked(choice.picked())
                            .add());
                    boxes.addPrompt();
                })
                .map(CheckboxResult.class::cast)
                .map(result -> result.getSelectedIds().stream()
                        .map(text -> id(text, choices))
                        .collect(Collectors.toSet()));
    }

    private static String id(String text, List<Choice> choices) {
        return choices.stream()
                .filter(choice -> choice.text().equals(text))
                .findFirst()
                .orElseThrow()
                .id();
    }

    private Optional<PromptResultItemIF> ask(Consumer<PromptBuilder> question) {
        ConsolePrompt prompt = new ConsolePrompt(terminal, style);
        PromptBuilder prompts = prompt.getPromptBuilder();
        question.accept(prompts);
        try {
            Map<String, PromptResultItemIF> answers = prompt.prompt(prompts.build());
            return Optional.ofNullable(answers).map(all -> all.get(ANSWER));
        } catch (UserInterruptException e) {
            throw new CancelledException();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public String keys() {
        return "Arrows move, space picks, enter goes on, escape goes back.";
    }

    @Override
    public void close() {
        try {
            terminal.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
