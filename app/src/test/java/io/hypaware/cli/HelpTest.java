package io.hypaware.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;

/// Every command says the version and its help, wherever it stands.
class HelpTest {

    private record Said(int code, String out, String err) {}

    private static Said say(String... arguments) {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        CommandLine hyp = Hyp.commandLine(arguments);
        hyp.setOut(new PrintWriter(out));
        hyp.setErr(new PrintWriter(err));
        return new Said(hyp.execute(arguments), out.toString(), err.toString());
    }

    private static Stream<List<String>> all(CommandLine of, List<String> name) {
        return Stream.concat(
                Stream.of(name), of.getSubcommands().entrySet().stream().flatMap(each -> {
                    List<String> names = new ArrayList<>(name);
                    names.add(each.getKey());
                    return all(each.getValue(), names);
                }));
    }

    @TestFactory
    Stream<DynamicTest> eachCommandSaysTheVersionAndItsHelp() {
        return all(Hyp.commandLine(), List.of())
                .map(names -> DynamicTest.dynamicTest("hyp " + String.join(" ", names), () -> {
                    for (String option : List.of("-V", "--version")) {
                        Said version = say(
                                Stream.concat(names.stream(), Stream.of(option)).toArray(String[]::new));
                        assertThat(version.code()).isZero();
                        assertThat(version.out()).isEqualToIgnoringNewLines("hyp " + Version.number());
                    }
                    Said help =
                            say(Stream.concat(Stream.of("help"), names.stream()).toArray(String[]::new));
                    assertThat(help.code()).isZero();
                    assertThat(help.out()).startsWith("Usage: hyp");
                    Said own = say(
                            Stream.concat(names.stream(), Stream.of("--help")).toArray(String[]::new));
                    assertThat(help.out()).isEqualTo(own.out());
                }));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "help statsu         | hyp has no command \"statsu\"; did you mean hyp status?",
                "help daemon rnu     | hyp daemon has no command \"rnu\"; did you mean hyp daemon run?",
                "help query zzzzzzzz | hyp query has no command \"zzzzzzzz\"; it has sql, schema, refresh",
                "help query sql x    | hyp query sql has no commands of its own, so no \"x\"; its help: hyp help query sql",
            })
    void aMisspeltNameIsAnErrorThatNamesTheNearest(String arguments, String message) {
        Said said = say(arguments.split(" ", -1));
        assertThat(said.code()).isEqualTo(2);
        assertThat(said.err()).contains(message);
        assertThat(said.out()).isEmpty();
    }

    @Test
    void helpOfANestedCommandIsItsOwn() {
        assertThat(say("help", "daemon", "run").out()).startsWith("Usage: hyp daemon run ");
    }

    @Test
    void helpAloneIsTheListOfAll() {
        assertThat(say("help").out()).isEqualTo(say("--help").out()).contains("statusline");
    }

    @Test
    void aNameIsGuessedOnlyWhereThereIsOne() {
        assertThat(say("help", " ").err()).contains("hyp has no command \" \"; it has init, up");
        assertThat(say("help", "a".repeat(100_000)).err())
                .hasSizeLessThan(2_000)
                .contains("aaa…\"; it has init, up");
    }

    /// A word that begins like the name of a file with arguments is a word.
    @Test
    void noArgumentIsReadFromAFile(@TempDir Path folder) throws Exception {
        Path file = Files.writeString(folder.resolve("words"), "secret");
        assertThat(say("help", "@" + file).err())
                .contains("\"@" + folder.toString().substring(0, 5))
                .doesNotContain("secret");
    }
}
