package io.hypaware.bench;

import io.hypaware.bench.report.Figures;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.OptionalDouble;

/// What it takes to start: commands in a home where nothing is recorded, the status line of an agent, and what a
/// gateway takes that has nothing to do.
final class StartBench {

    private static final int ROUNDS = 9;
    private static final int STATUS_LINES = 50;
    private static final long IDLE_MILLIS = 5_000;

    private final Path root;
    private final TimedHyp hyp;
    private final Figures figures = Figures.open();

    private StartBench(Path root, Path home) {
        this.root = root;
        this.hyp = new TimedHyp(root, home);
    }

    public static void main(String[] arguments) throws IOException, InterruptedException {
        Path home = Files.createTempDirectory("hyp-bench");
        Files.createDirectories(home.resolve("user"));
        StartBench bench = new StartBench(Path.of(arguments[0]), home);
        bench.commands();
        bench.besideAGateway();
        System.exit(bench.figures.exitCode());
    }

    private void commands() throws IOException, InterruptedException {
        if (!TimedHyp.isPossible()) {
            figures.note("GNU time is not installed: processor time and memory are left out.");
        }
        command("`hyp --version`", OptionalDouble.of(0.005), "--version");
        command("`hyp status`", OptionalDouble.of(0.05), "status");
        command("`hyp query sql \"select 1\"`", OptionalDouble.of(0.25), "query", "sql", "select 1");
        command("`hyp config show`", OptionalDouble.empty(), "config", "show");
        command("`hyp session list`", OptionalDouble.empty(), "session", "list");
    }

    private void command(String name, OptionalDouble mostSeconds, String... command)
            throws IOException, InterruptedException {
        double seconds = hyp.medianSeconds(ROUNDS, command);
        if (mostSeconds.isPresent()) {
            figures.atMost(name, mostSeconds.getAsDouble(), seconds, "s");
        } else {
            figures.say(name, seconds, "s");
        }
        if (TimedHyp.isPossible()) {
            TimedHyp.Took took = hyp.least(command);
            figures.say(name + ", of processor", took.processor(), "s");
            figures.say(name + ", resident at most", took.megabytes(), "MB");
        }
    }

    private void besideAGateway() throws IOException, InterruptedException {
        try (Child provider = Child.java(Provider.class);
                Child gateway = Child.gateway(root, hyp.home(), provider.port())) {
            Thread.sleep(IDLE_MILLIS);
            figures.atMost("gateway, started by `hyp up` and idle, RSS", 100, gateway.rssMb(), "MB");
            figures.atMost("`hyp statusline` beside it", 0.05, hyp.medianSeconds(STATUS_LINES, "statusline"), "s");
        }
    }
}
