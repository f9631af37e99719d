package io.hypaware.cli;

import io.hypaware.config.ConfigException;
import io.hypaware.daemon.Logs;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/// The program. Exit codes: 0 done, 1 failed, 2 used wrongly.
@Command(
        name = "hyp",
        description = "The flight recorder for AI agents.",
        versionProvider = Version.class,
        mixinStandardHelpOptions = true,
        subcommands = {
            UpCommand.class,
            DownCommand.class,
            StatusCommand.class,
            QueryCommand.class,
            SessionCommand.class,
            ExchangeCommand.class,
            CacheCommand.class,
            ConfigCommand.class,
            DaemonCommand.class,
            WorkerCommand.class,
            CommandLine.HelpCommand.class
        })
public final class Hyp implements Runnable {

    @Spec
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "a command is needed");
    }

    public static void main(String[] arguments) {
        Logs.quiet();
        System.exit(commandLine().execute(arguments));
    }

    static CommandLine commandLine() {
        CommandLine commandLine = new CommandLine(new Hyp());
        commandLine.setOut(new PrintWriter(System.out, false, StandardCharsets.UTF_8));
        commandLine.setErr(new PrintWriter(System.err, true, StandardCharsets.UTF_8));
        commandLine.setCaseInsensitiveEnumValuesAllowed(true);
        commandLine.setExecutionExceptionHandler(Hyp::failed);
        return commandLine;
    }

    /// One line for what people can act on; the stack only for what they should report.
    private static int failed(Exception e, CommandLine commandLine, CommandLine.ParseResult parsed) {
        PrintWriter err = commandLine.getErr();
        if (e instanceof ConfigException) {
            err.println("hyp: " + e.getMessage());
            return CommandLine.ExitCode.USAGE;
        }
        boolean expected = e.getMessage() != null
                && (e.getClass().getName().startsWith("io.hypaware.") || e instanceof IllegalStateException);
        err.println("hyp: " + (expected ? e.getMessage() : e.toString()));
        if (!expected
                || Arrays.asList(System.getenv().getOrDefault("HYP_DEBUG", "").split(",", -1))
                        .contains("stack")) {
            e.printStackTrace(err);
        }
        return CommandLine.ExitCode.SOFTWARE;
    }
}
