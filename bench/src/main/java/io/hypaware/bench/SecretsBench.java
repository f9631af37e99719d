package io.hypaware.bench;

import io.hypaware.bench.report.Figures;
import io.hypaware.bench.report.Table;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// Secrets of many kinds among many parts: how many are found, and what looking takes. The secrets are those of the
/// tests, so the work is done by a class of theirs, in a process with their class path.
final class SecretsBench {

    /// The class path of the tests, as `bench/run` knows it.
    private static final String TESTS = "HYP_BENCH_TESTS";

    private static final String WORKLOAD = "io.hypaware.secret.SecretsWorkload";

    /// @param arguments the project's folder, then how many parts
    public static void main(String[] arguments) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED",
                "--sun-misc-unsafe-memory-access=allow",
                "-Xmx512m",
                "-Djava.util.logging.config.file=" + Path.of(arguments[0], "app/src/test/resources/logging.properties"),
                "-Djava.io.tmpdir=" + System.getProperty("java.io.tmpdir"),
                "-cp",
                System.getenv(TESTS),
                WORKLOAD));
        command.addAll(List.of(arguments).subList(1, arguments.length));
        Process process = new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        Figures figures = Figures.open();
        List<List<String>> kinds = new ArrayList<>();
        try (BufferedReader lines = process.inputReader()) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                String[] words = line.split(" ", -1);
                switch (words[0]) {
                    case "KIND" -> kinds.add(List.of(words).subList(1, 4));
                    case "FIGURES" -> say(figures, words);
                    default -> System.out.println(line);
                }
            }
        }
        if (process.waitFor() != 0) {
            throw new IOException("the work among secrets failed");
        }
        figures.count("kinds of secrets", kinds.size());
        List<List<String>> missed =
                kinds.stream().filter(kind -> !kind.get(1).equals(kind.get(2))).toList();
        if (!missed.isEmpty()) {
            figures.add(new Table("Kinds of which some were missed", List.of("kind", "planted", "found"), missed));
        }
        System.exit(figures.exitCode());
    }

    private static void say(Figures figures, String[] words) {
        long[] said = new long[words.length];
        for (int i = 1; i < words.length; i++) {
            said[i] = Long.parseLong(words[i]);
        }
        figures.count("parts", said[1]);
        figures.say("their texts", said[2] / 1e6, "MB");
        figures.exactly("secrets found, of those planted", said[3], said[4]);
        figures.atMost("found where none was planted", 0, said[5]);
        figures.say("looked through, each text once", said[6] / 1e6, "ms");
        figures.say("again, nothing new", said[7] / 1e6, "ms");
        figures.say("a tick with 1,000 new parts", said[8] / 1e6, "ms");
        figures.say("looking through these, beside it", said[9] / 1e6, "ms");
    }

    private SecretsBench() {}
}
