package io.hypaware.daemon;

import static java.util.Objects.requireNonNull;

import io.hypaware.home.HypHome;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// Starts further processes of HypAware with the same Java, class path and native libraries, but limits of their own.
public final class HypProcess {

    private static final String ENDS_WHEN_EXHAUSTED = "-XX:+ExitOnOutOfMemoryError";
    private static final String MAIN = "io.hypaware.cli.Hyp";
    private static final Path NICE = Path.of("/usr/bin/nice");

    /// A heap never shrinks below what it begins with, which Java makes the most it may be where nothing is said.
    private static final String LEAST_HEAP = "-Xms16m";

    /// The gateway with its supervisor, whose standard input is the socket to listen on.
    static ProcessBuilder supervised(HypHome home) {
        ProcessBuilder gateway = gateway(home);
        gateway.command()
                .addAll(
                        0,
                        List.of(
                                "/bin/sh",
                                "-c",
                                supervisor(),
                                "hypaware",
                                home.run().toString()));
        return gateway.redirectInput(ProcessBuilder.Redirect.INHERIT);
    }

    private static String supervisor() {
        try (InputStream script = HypProcess.class.getResourceAsStream("supervisor.sh")) {
            return new String(requireNonNull(script).readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// Options of the gateway's Java: many small buffers, few threads, a heap that bounds it.
    public static final List<String> GATEWAY_LIMITS = List.of(
            "-Xmx64m",
            "-Xmn10m",
            ENDS_WHEN_EXHAUSTED,
            JvmCache.VERIFIED,
            LEAST_HEAP,
            "-XX:MaxDirectMemorySize=64m",
            "-XX:TrimNativeHeapInterval=1000",
            "-XX:ReservedCodeCacheSize=40m",
            "-XX:MetaspaceSize=48m",
            "-Xss512k");

    /// What becomes the supervisor ([Up#supervise]).
    static ProcessBuilder starting(HypHome home) {
        return launched(home, List.of("daemon", "run", "--foreground", "--supervise"));
    }

    /// A gateway that uses no cache, as it is to make one.
    static ProcessBuilder training(HypHome home) {
        ProcessBuilder builder =
                process(home, JvmCache.GATEWAY, GATEWAY_LIMITS, List.of("daemon", "run", "--foreground"));
        builder.command().removeIf(JvmCache::isOption);
        return builder;
    }

    private static ProcessBuilder gateway(HypHome home) {
        return launched(home, List.of("daemon", "run", "--foreground"));
    }

    /// An installed program is started by its launcher, which may lead to a newer version by then.
    private static ProcessBuilder launched(HypHome home, List<String> arguments) {
        ProcessBuilder builder = process(home, JvmCache.GATEWAY, GATEWAY_LIMITS, arguments);
        Optional<String> launcher = Optional.ofNullable(System.getenv("HYP_BIN"));
        if (Installation.bundle(launcher).isPresent()) {
            builder.command(Stream.concat(launcher.stream(), arguments.stream())
                    .collect(Collectors.toCollection(ArrayList::new)));
        }
        return builder;
    }

    /// Any command, in a process of its own.
    public static ProcessBuilder command(String... arguments) {
        return new ProcessBuilder(command(JvmCache.WORK, List.of(), List.of(arguments)));
    }

    /// A command that works for minutes, in a process of its own: the compiler that takes longer does better, and what
    /// that holds the heap has less.
    public static ProcessBuilder lasting(String... arguments) {
        List<String> options = List.of("-XX:TieredStopAtLevel=4", "-Xmx160m", "-Xms32m", "-Xmn16m");
        ProcessBuilder builder = new ProcessBuilder(command(JvmCache.WORK, options, List.of(arguments)));
        builder.environment().put("MALLOC_ARENA_MAX", "2");
        return builder;
    }

    /// @param options of its command
    static ProcessBuilder worker(HypHome home, List<String> options) {
        List<String> arguments =
                Stream.concat(Stream.of("worker"), options.stream()).toList();
        List<String> limits = List.of("-Xmx160m", JvmCache.VERIFIED, LEAST_HEAP, "-Xmn8m");
        ProcessBuilder worker = process(home, JvmCache.WORK, limits, arguments);
        // Calls come first: the worker takes what processor time they leave.
        if (Files.isExecutable(NICE)) {
            worker.command().addAll(0, List.of(NICE.toString(), "-n", "19"));
        }
        return worker;
    }

    private static ProcessBuilder process(HypHome home, JvmCache cache, List<String> limits, List<String> arguments) {
        List<String> own = new ArrayList<>(limits);
        // Beside the logs rather than where somebody happened to start it.
        own.add("-XX:ErrorFile=" + home.logs().resolve("hs_err_pid%p.log"));
        ProcessBuilder builder = new ProcessBuilder(command(cache, own, arguments));
        builder.environment().put("HYP_HOME", home.root().toString());
        if (!home.configFile().equals(new HypHome(home.root()).configFile())) {
            builder.environment().put("HYP_CONFIG", home.configFile().toString());
        }
        // glibc gives each thread an arena of its own, which no one here needs and the resident memory shows.
        builder.environment().put("MALLOC_ARENA_MAX", "2");
        builder.redirectErrorStream(true);
        return builder;
    }

    /// With the Java, class path and options of this process.
    ///
    /// @param options in place of those that limit this one's memory
    private static List<String> command(JvmCache cache, List<String> options, List<String> arguments) {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(inherited(ManagementFactory.getRuntimeMXBean().getInputArguments()));
        command.addAll(cache.options());
        command.addAll(options);
        command.add("-cp");
        command.add(System.getProperty("java.class.path"));
        command.add(MAIN);
        command.addAll(arguments);
        return command;
    }

    /// Options that go on to another process: not the sizes of this one's heap, nor its cache, nor that it is to end
    /// where its heap is exhausted, as a worker sets aside what it has no room for.
    static List<String> inherited(List<String> arguments) {
        return arguments.stream()
                .filter(argument -> !argument.startsWith("-Xm")
                        && !JvmCache.isOption(argument)
                        && !argument.equals(ENDS_WHEN_EXHAUSTED))
                .toList();
    }

    private HypProcess() {}
}
