package io.hypaware.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;

/// Commands as a user types them, each a cold process in one home, with what the kernel says that they took.
record TimedHyp(Path root, Path home) {

    private static final Path GNU_TIME = Path.of("/usr/bin/time");
    private static final int ROUNDS = 3;

    /// What a command took: by the clock, of processor, and the most that was resident.
    record Took(double seconds, double processor, double megabytes) {}

    static boolean isPossible() {
        return Files.isExecutable(GNU_TIME);
    }

    /// By the clock, without a program between that takes a millisecond itself; as one does who asks for a status line,
    /// it says an empty object on standard input.
    double seconds(String... command) throws IOException, InterruptedException {
        Path nothing = Files.writeString(home.resolve("command.in"), "{}");
        long began = System.nanoTime();
        Process process = builder(List.of(), command)
                .redirectInput(nothing.toFile())
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
        int code = process.waitFor();
        double seconds = (System.nanoTime() - began) / 1e9;
        if (code != 0) {
            throw new IOException(String.join(" ", command) + " ended with " + code);
        }
        return seconds;
    }

    double medianSeconds(int rounds, String... command) throws IOException, InterruptedException {
        List<Double> all = new ArrayList<>();
        for (int i = 0; i < rounds; i++) {
            all.add(seconds(command));
        }
        return Medians.of(all);
    }

    private ProcessBuilder builder(List<String> before, String... command) {
        List<String> words = new ArrayList<>(before);
        words.add(root.resolve("hyp").toString());
        words.addAll(Arrays.asList(command));
        ProcessBuilder builder = new ProcessBuilder(words).redirectErrorStream(true);
        builder.environment().put("HYP_HOME", home.toString());
        builder.environment().put("HOME", home.resolve("user").toString());
        return builder;
    }

    /// A command that only looks, several times: the least times and the most memory.
    Took least(String... command) throws IOException, InterruptedException {
        List<Took> all = new ArrayList<>();
        for (int i = 0; i < ROUNDS; i++) {
            all.add(once(command));
        }
        return new Took(
                all.stream().mapToDouble(Took::seconds).min().orElseThrow(),
                all.stream().mapToDouble(Took::processor).min().orElseThrow(),
                all.stream()
                        .max(Comparator.comparingDouble(Took::megabytes))
                        .orElseThrow()
                        .megabytes());
    }

    /// @throws IOException if it does not end well
    Took once(String... command) throws IOException, InterruptedException {
        Path times = home.resolve("times");
        Path out = home.resolve("command.out");
        int code = builder(List.of(GNU_TIME.toString(), "-o", times.toString(), "-f", "%e %U %S %M"), command)
                .redirectOutput(out.toFile())
                .start()
                .waitFor();
        if (code != 0) {
            throw new IOException(String.join(" ", command) + " ended with " + code + ": " + Files.readString(out));
        }
        String[] took = Files.readAllLines(times).getLast().split(" ", -1);
        return new Took(
                Double.parseDouble(took[0]),
                Double.parseDouble(took[1]) + Double.parseDouble(took[2]),
                Double.parseDouble(took[3]) / 1_024);
    }
}
