package io.hypaware.testing;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;

/// Starts Java processes of the code under test, to be killed.
public final class Processes {

    /// Whether each death is tried, in larger homes (`./check --long`), rather than the first and the last.
    public static final boolean EACH_DEATH = "each".equals(System.getenv("HYP_DEATHS"));

    private static final List<String> JVM = List.of(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "--enable-native-access=ALL-UNNAMED",
            "--sun-misc-unsafe-memory-access=allow",
            "-XX:TieredStopAtLevel=1",
            "-XX:+UseSerialGC",
            // A sixth of such a short life.
            "-XX:+UnlockDiagnosticVMOptions",
            "-XX:-BytecodeVerificationRemote",
            "-Dvertx.disableDnsResolver=true",
            "-Djava.util.logging.config.file=" + System.getProperty("java.util.logging.config.file"),
            "-Dstdout.encoding=UTF-8",
            "-Dstderr.encoding=UTF-8");

    public static Process java(Class<?> main, Path home, String... arguments) throws IOException {
        return builder(main, home, arguments)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
    }

    /// Runs one to its end; returns what it printed, errors included.
    public static String output(Class<?> main, Path home, String... arguments) throws IOException {
        Process process =
                builder(main, home, arguments).redirectErrorStream(true).start();
        return new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    }

    /// The same, with other variables of the environment.
    public static String output(Class<?> main, Path home, Map<String, String> environment, String... arguments)
            throws IOException {
        ProcessBuilder builder = builder(main, home, arguments).redirectErrorStream(true);
        builder.environment().putAll(environment);
        return new String(builder.start().getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    }

    /// The command that starts a process, up to its arguments.
    public static List<String> command(Class<?> main, Path home) throws IOException {
        return builder(main, home).command();
    }

    private static ProcessBuilder builder(Class<?> main, Path home, String... arguments) throws IOException {
        // SQLite unpacks its library there, and who is killed cannot take it away again.
        Path temporary = Files.createDirectories(home.resolve("tmp-of-processes"));
        List<String> command = new ArrayList<>(JVM);
        command.addAll(SharedClasses.options(JVM));
        command.add("-Djava.io.tmpdir=" + temporary);
        command.add(main.getName());
        command.addAll(Arrays.asList(arguments));
        ProcessBuilder builder = new ProcessBuilder(command);
        builder.environment().put("HYP_HOME", home.toString());
        // Nothing of the user who runs the tests is read or written.
        builder.environment().put("HOME", home.resolve("user").toString());
        builder.environment().keySet().removeIf(name -> name.startsWith("CLAUDE") || name.startsWith("CODEX"));
        return builder;
    }

    /// Ends this process, as by SIGKILL, when it comes to a step of that name.
    public static <E extends Enum<E>> Consumer<E> dyingAt(String name) {
        return dyingAt(name, 1);
    }

    /// The same, when it comes to it for the n-th time.
    public static <E extends Enum<E>> Consumer<E> dyingAt(String name, int time) {
        AtomicInteger left = new AtomicInteger(time);
        return step -> {
            if (step.name().equals(name) && left.decrementAndGet() == 0) {
                Runtime.getRuntime().halt(137);
            }
        };
    }

    /// Whether this machine has a program; a test that needs one says so where it is absent.
    public static boolean has(String program) {
        return Arrays.stream(System.getenv().getOrDefault("PATH", "").split(":", -1))
                .anyMatch(folder -> Files.isExecutable(Path.of(folder, program)));
    }

    private Processes() {}
}
