package io.hypaware.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.hypaware.client.Agent;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

/// The questions of a first run: what is proposed, what is chosen, and the way back.
class WizardTest {

    private static final Setup.Found FOUND =
            new Setup.Found(Agent.all(Map.of("HOME", "/nowhere"), Path.of("/")), Set.of("claude"), 1_300_000_000, true);
    private static final Setup PROPOSED = new Setup(Set.of("claude"), 90, true, true);

    private final List<String> asked = new ArrayList<>();
    private final List<Setup> shown = new ArrayList<>();

    @Test
    void oneKeyAcceptsAll() {
        assertThat(ask("")).isEqualTo(PROPOSED);
        assertThat(asked).containsExactly("Set it up?");
    }

    @Test
    void eachQuestionHasAWayBack() {
        Setup setup = ask("choose", "codex", "30", "<", "365", "now", "<", "<", "0", "service", "no", "all");
        assertThat(setup).isEqualTo(new Setup(Set.of("codex"), 0, true, false));
        assertThat(shown).containsExactly(PROPOSED, setup);
        assertThat(asked)
                .filteredOn(question -> question.startsWith("How long"))
                .hasSize(3);
        assertThat(asked).anyMatch(question -> question.contains("1.3 GB"));
    }

    @Test
    void backFromTheFirstOneAsksAnew() {
        assertThat(ask("choose", "<", "all")).isEqualTo(PROPOSED);
    }

    @Test
    void whoDoesNotWantItGetsNothing() {
        assertThatThrownBy(() -> ask("no")).isInstanceOf(Asker.CancelledException.class);
        assertThatThrownBy(() -> ask("<")).isInstanceOf(Asker.CancelledException.class);
    }

    /// @param answers in their order: an id, several with commas between, nothing for what is picked, or `<` for back
    private Setup ask(String... answers) {
        return new Wizard(new Scripted(new ArrayDeque<>(Arrays.asList(answers))), FOUND, PROPOSED, shown::add).ask();
    }

    private final class Scripted implements Asker {
        private final Deque<String> answers;

        private Scripted(Deque<String> answers) {
            this.answers = answers;
        }

        @Override
        public Optional<String> one(String question, List<Choice> choices) {
            asked.add(question);
            String answer = answers.removeFirst();
            if (answer.equals("<")) {
                return Optional.empty();
            }
            assertThat(choices).filteredOn(Choice::picked).hasSize(1);
            return Optional.of(choices.stream()
                    .filter(choice ->
                            answer.isEmpty() ? choice.picked() : choice.id().equals(answer))
                    .findFirst()
                    .orElseThrow()
                    .id());
        }

        @Override
        public Optional<Set<String>> several(String question, List<Choice> choices) {
            asked.add(question);
            String answer = answers.removeFirst();
            return answer.equals("<") ? Optional.empty() : Optional.of(Set.of(answer.split(",")));
        }

        @Override
        public String keys() {
            return "";
        }

        @Override
        public void close() {}
    }
}
