package io.hypaware.daemon;

import io.hypaware.home.HypHome;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// Starts further processes of HypAware with the same Java, class path and native libraries, but limits of their own.
final class HypProcess {

    private static final String MAIN = "io.hypaware.cli.Hyp";

    /// The gateway: many small buffers, few threads, a heap that bounds it.
    static ProcessBuilder gateway(HypHome home) {
        return process(
                home,
                List.of(
                        "-Xmx96m",
                        "-Xms32m",
                        "-XX:MaxDirectMemorySize=64m",
                        "-XX:ReservedCodeCacheSize=32m",
                        "-Xss512k"),
                List.of("daemon", "run", "--foreground"));
    }

    static ProcessBuilder worker(HypHome home) {
        return process(home, List.of("-Xmx160m"), List.of("worker"));
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
        command.add("-cp");
        command.add(System.getProperty("java.class.path"));
        command.add(MAIN);
        command.addAll(arguments);
        ProcessBuilder builder = new ProcessBuilder(command);
        builder.environment().put("HYP_HOME", home.root().toString());
        builder.redirectErrorStream(true);
        return builder;
    }

    private HypProcess() {}
}
