package io.hypaware.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Who mistypes learns it at once, and not after an hour of measuring something else.
class BenchmarkTest {

    private static void check(String line) {
        List<String> words = List.of(line.split(" ", -1));
        Benchmark.named(words.getFirst()).check(words.subList(1, words.size()));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "start",
                "flood 8",
                "memory hard flush",
                "maintain reference session",
                "transcripts 750 500",
                "orders folder 17",
                "year --home somewhere --months 0 --ticks 2 60 2000"
            })
    void whatABenchmarkTakesIsRight(String line) {
        check(line);
    }

    @ParameterizedTest
    @CsvSource(
            delimiterString = "=>",
            quoteCharacter = '"',
            value = {
                "floood => there is no benchmark floood; did you mean flood?",
                "start 5 => start: Unmatched argument at index 0: '5'; it takes: start, and nothing else",
                "flood eight => 'eight' is no whole number from 1 to 2,147,483,647; it takes: flood [seconds]",
                "flood 0 => '0' is no whole number from 1",
                "flood 8 9 => flood: Unmatched argument at index 1: '9'",
                "month 5 => '5' is no whole number from 6",
                "memory hrad => Unmatched argument at index 0: 'hrad'; it takes: memory [memory|hard|record|flush]...",
                "maintain refrence => Unmatched argument at index 0: 'refrence'; it takes: maintain [reference|unique|session|projection]...",
                "transcripts 9999999999 => '9999999999' is no whole number from 1 to",
                "orders => orders: Missing required parameter: 'FOLDER'; it takes: orders FOLDER [seed]",
                "year --months => year: ",
                "year --moths 1 => year: Unknown option",
            })
    void whatItDoesNotTakeIsSaid(String line, String message) {
        assertThatThrownBy(() -> check(line))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(message);
    }

    /// Each is a line of the runner's help, which alone knows the two that are none of Java.
    @Test
    void eachIsInTheHelp() throws Exception {
        String help = Files.readString(Path.of("../bench/run"));
        assertThat(Benchmark.ALL)
                .allSatisfy(each -> assertThat(help).containsPattern("# +bench/run .*\\b" + each.name() + "\\b"));
    }

    @Test
    void theProcessEndsAsUsedWronglyWithAMessageAlone() throws Exception {
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        Benchmark.class.getName(),
                        "..",
                        "start",
                        "5")
                .start();
        String err = new String(process.getErrorStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue()).isEqualTo(2);
        assertThat(err.lines())
                .containsExactly(
                        "bench/run: start: Unmatched argument at index 0: '5'; it takes: start, and nothing else");
    }
}
