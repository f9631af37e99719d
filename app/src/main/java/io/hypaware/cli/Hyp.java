package io.hypaware.cli;

import io.hypaware.config.ConfigException;
import io.hypaware.daemon.Logs;
import io.hypaware.daemon.RunsAlreadyException;
import io.hypaware.query.Inert;
import java.io.OutputStreamWriter;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.ServiceLoader;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/// The program. Exit codes: 0 done, 1 failed, 2 used wrongly.
@Command(name = "hyp", description = "The flight recorder for AI agents.", mixinStandardHelpOptions = true)
public final class Hyp implements Runnable {

    /// All commands, as the help lists them.
    private static final List<Class<?>> COMMANDS = List.of(
            InitCommand.class,
            UpCommand.class,
            DownCommand.class,
            AttachCommand.class,
            DetachCommand.class,
            StatusCommand.class,
            StatusLineCommand.class,
            DoctorCommand.class,
            QueryCommand.class,
            SessionCommand.class,
            PrivacyCommand.class,
            ExchangeCommand.class,
            ExportCommand.class,
            SinkCommand.class,
            SyncCommand.class,
            LakeCommand.class,
            BackfillCommand.class,
            ReconcileCommand.class,
            SearchCommand.class,
            WebCommand.class,
            McpCommand.class,
            CacheCommand.class,
            ConfigCommand.class,
            DaemonCommand.class,
            InstallCommand.class,
            UpgradeCommand.class,
            UninstallCommand.class,
            WorkerCommand.class,
            SmokeCommand.class,
            CompletionCommand.class,
            HelpCommand.class);

    /// Those that are called all the time, or stay, and need no other one: a tree of all takes a fifth of a start.
    private static final Map<String, Class<?>> ALONE = Map.ofEntries(
            Map.entry("daemon", DaemonCommand.class),
            Map.entry("exchange", ExchangeCommand.class),
            Map.entry("mcp", McpCommand.class),
            Map.entry("privacy", PrivacyCommand.class),
            Map.entry("query", QueryCommand.class),
            Map.entry("search", SearchCommand.class),
            Map.entry("session", SessionCommand.class),
            Map.entry("status", StatusCommand.class),
            Map.entry("web", WebCommand.class),
            Map.entry("worker", WorkerCommand.class));

    /// Those of `query`, in the same way.
    private static final Map<String, Class<?>> ALONE_IN_QUERY = Map.of("sql", QuerySqlCommand.class);

    @Spec
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    @Override
    public void run() {
        throw new ParameterException(
                spec.commandLine(), "a command is needed, such as: hyp status; hyp help COMMAND says what one does");
    }

    public static void main(String[] arguments) {
        WarmUp warmUp = WarmUp.begin(List.of(arguments));
        Logs.quiet();
        CommandLine commandLine = commandLine(arguments);
        int code;
        try {
            code = commandLine.execute(arguments.length > 0 ? arguments : withoutArguments());
        } catch (StackOverflowError | OutOfMemoryError e) {
            code = failed(e, commandLine);
        }
        warmUp.await();
        System.exit(code);
    }

    /// A person who only says hyp is asked what is wanted; a program gets to know what there is.
    private static String[] withoutArguments() {
        return new String[] {Terminal.isThere() ? "init" : "--help"};
    }

    /// What these arguments call.
    static CommandLine commandLine(String[] arguments) {
        Optional<Class<?>> alone =
                arguments.length == 0 ? Optional.empty() : Optional.ofNullable(ALONE.get(arguments[0]));
        if (alone.isEmpty()) {
            return commandLine();
        }
        CommandLine commandLine = new CommandLine(new Hyp());
        Optional<Class<?>> inQuery = arguments.length > 1 && arguments[0].equals("query")
                ? Optional.ofNullable(ALONE_IN_QUERY.get(arguments[1]))
                : Optional.empty();
        if (inQuery.isPresent()) {
            commandLine.addSubcommand("query", new CommandLine(CommandSpec.create()).addSubcommand(inQuery.get()));
        } else {
            commandLine.addSubcommand(alone.get());
        }
        return prepared(commandLine);
    }

    /// All there are.
    static CommandLine commandLine() {
        CommandLine commandLine = new CommandLine(new Hyp());
        COMMANDS.forEach(commandLine::addSubcommand);
        return prepared(commandLine);
    }

    private static CommandLine prepared(CommandLine commandLine) {
        ServiceLoader.load(Subcommand.class, Hyp.class.getClassLoader()).forEach(commandLine::addSubcommand);
        sayVersion(commandLine);
        commandLine.setColorScheme(CommandLine.Help.defaultColorScheme(CommandLine.Help.Ansi.OFF));
        // Whatever a command prints is inert; bytes of --raw go past these.
        commandLine.setOut(
                new PrintWriter(Inert.writer(new OutputStreamWriter(System.out, StandardCharsets.UTF_8)), false));
        commandLine.setErr(
                new PrintWriter(Inert.writer(new OutputStreamWriter(System.err, StandardCharsets.UTF_8)), true));
        commandLine.setCaseInsensitiveEnumValuesAllowed(true);
        // A word is itself, not the file of that name: who searches for @name would search for what stands in it.
        commandLine.setExpandAtFiles(false);
        commandLine.setExecutionExceptionHandler((e, failed, _) -> failed(e, failed));
        return commandLine;
    }

    /// Each command has the option, of which only one that knows the version says it.
    private static void sayVersion(CommandLine commandLine) {
        commandLine.getCommandSpec().versionProvider(new Version());
        commandLine.getSubcommands().values().forEach(Hyp::sayVersion);
    }

    /// One line for people. The stack of what they should report is in the log folder, and on `HYP_DEBUG=stack`.
    private static int failed(Throwable e, CommandLine commandLine) {
        PrintWriter err = commandLine.getErr();
        if (e instanceof ConfigException) {
            err.println("hyp: " + e.getMessage());
            return CommandLine.ExitCode.USAGE;
        }
        boolean expected = e.getMessage() != null
                && (e.getClass().getName().startsWith("io.hypaware.") || e instanceof IllegalStateException);
        err.println("hyp: " + (expected ? e.getMessage() : Faults.describe(e)));
        boolean asked = Arrays.asList(
                        System.getenv().getOrDefault("HYP_DEBUG", "").split(",", -1))
                .contains("stack");
        if (asked) {
            e.printStackTrace(err);
        } else if (!expected) {
            Faults.keep(e).ifPresent(file -> err.println("hyp: what happened in detail is in " + file));
        }
        return e instanceof RunsAlreadyException ? RunsAlreadyException.EXIT_CODE : CommandLine.ExitCode.SOFTWARE;
    }
}
