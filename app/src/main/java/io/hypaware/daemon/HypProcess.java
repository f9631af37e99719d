package io.hypaware.daemon;

import io.hypaware.home.HypHome;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// Starts further processes of HypAware with the same Java, class path and native libraries, but limits of their own.
public final class HypProcess {

    private static final String MAIN = "io.hypaware.cli.Hyp";
    private static final Path NICE = Path.of("/usr/bin/nice");

    /// Runs the gateway, and starts it again when it dies: at once the first times, later if it goes on dying.
    /// It ends with the gateway where that was told to stop, or could not start the first time. A shell,
    /// because it takes a megabyte.
    private static final String SUPERVISOR = """
            HYP_SUPERVISOR=$$; export HYP_SUPERVISOR
            trap '' HUP
            trap 'kill -TERM "$child" 2>/dev/null' TERM INT
            failed=0
            ran=no
            while :; do
              began=$(date +%s)
              "$@" &
              child=$!
              wait "$child"; code=$?
              while kill -0 "$child" 2>/dev/null; do wait "$child"; code=$?; done
              case $code in 0|69|130|143) exit "$code" ;; esac
              lived=$(( $(date +%s) - began ))
              if [ "$ran" = no ] && [ "$code" -lt 70 ] && [ "$code" -ne 3 ] && [ "$lived" -lt 30 ]; then exit "$code"; fi
              ran=yes
              if [ "$lived" -ge 10 ]; then failed=0; fi
              failed=$(( failed + 1 ))
              echo "$(date '+%Y-%m-%dT%H:%M:%S') the gateway ended with $code; it is started again"
              if [ "$failed" -gt 10 ]; then sleep $(( failed < 40 ? failed - 10 : 30 )); fi
            done
            """;

    /// The gateway with its supervisor.
    static ProcessBuilder supervised(HypHome home) {
        ProcessBuilder gateway = gateway(home);
        gateway.command().addAll(0, List.of("/bin/sh", "-c", SUPERVISOR, "hypaware"));
        return gateway;
    }

    /// Options of the gateway's Java: many small buffers, few threads, a heap that bounds it.
    public static final List<String> GATEWAY_LIMITS = List.of(
            "-Xmx64m",
            "-Xmn10m",
            // The worker lives for minutes at most, and costs half of the processor time with the quick compiler
            // alone.
            "-XX:TieredStopAtLevel=4",
            "-XX:+ExitOnOutOfMemoryError",
            "-Xms16m",
            "-XX:MaxDirectMemorySize=64m",
            "-XX:TrimNativeHeapInterval=1000",
            // One method of the HTTP library can take 35 MB to compile; over this it stays as C1 compiled it.
            "-XX:CompileCommand=quiet",
            "-XX:CompileCommand=MemLimit,*.*,10m~stop",
            "-XX:ReservedCodeCacheSize=40m",
            "-XX:MetaspaceSize=48m",
            "-Xss512k");

    private static ProcessBuilder gateway(HypHome home) {
        return process(home, GATEWAY_LIMITS, List.of("daemon", "run", "--foreground"));
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
            if (!argument.startsWith("-Xm")) {
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
        if (!home.configFile().equals(new HypHome(home.root()).configFile())) {
            builder.environment().put("HYP_CONFIG", home.configFile().toString());
        }
        // glibc gives each thread an arena of its own, which no one here needs and the resident memory shows.
        builder.environment().put("MALLOC_ARENA_MAX", "2");
        builder.redirectErrorStream(true);
        return builder;
    }

    private HypProcess() {}
}
