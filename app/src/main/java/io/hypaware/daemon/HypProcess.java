package io.hypaware.daemon;

import io.hypaware.home.HypHome;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// Starts further processes of HypAware with the same Java, class path and native libraries, but limits of their own.
final class HypProcess {

    private static final String MAIN = "io.hypaware.cli.Hyp";
    private static final Path NICE = Path.of("/usr/bin/nice");

    /// The gateway: many small buffers, few threads, a heap that bounds it.
    static ProcessBuilder gateway(HypHome home) {
        List<String> limits = List.of(
                "-Xmx40m",
                "-Xms16m",
                "-XX:MaxDirectMemorySize=64m",
                "-XX:TrimNativeHeapInterval=1000",
                "-XX:ReservedCodeCacheSize=40m",
                "-XX:MetaspaceSize=48m",
                "-Xss512k");
        return process(home, limits, List.of("daemon", "run", "--foreground"));
    }

    static ProcessBuilder worker(HypHome home) {
        ProcessBuilder worker = process(home, List.of("-Xmx160m", "-Xmn8m"), List.of("worker"));
        // Calls come first: the worker takes what processor time they leave.
        if (Files.isExecutable(NICE)) {
            worker.command().addAll(0, List.of(NICE.toString(), "-n", "19"));
        }
        return worker;
    }

    private static ProcessBuilder process(HypHome home, List<String> limits, List<String> arguments) {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        for (String argument : ManagementFactory.getRuntimeMXBean().getInputArguments()) {
            if (!argument.startsWith("-Xm") && !argument.startsWith("-XX:TieredStopAtLevel")) {
                command.add(argument);
            }
        }
        command.addAll(limits);
        // Beside the logs rather than where somebody happened to start it.
        command.add("-XX:ErrorFile=" + home.logs().resolve("hs_err_pid%p.log"));
        command.add("-cp");
        command.add(System.getProperty("java.class.path"));
        command.add(MAIN);
        command.addAll(arguments);
        ProcessBuilder builder = new ProcessBuilder(command);
        builder.environment().put("HYP_HOME", home.root().toString());
        // glibc gives each thread an arena of its own, which no one here needs and the resident memory shows.
        builder.environment().put("MALLOC_ARENA_MAX", "2");
        builder.redirectErrorStream(true);
        return builder;
    }

    private HypProcess() {}
}
