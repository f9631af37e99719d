package io.hypaware.cli;

import io.hypaware.backfill.Survey;
import io.hypaware.client.Agent;
import io.hypaware.client.ConfigEdit;
import io.hypaware.client.UserFile;
import io.hypaware.config.ConfigFile;
import io.hypaware.daemon.GatewayFiles;
import io.hypaware.daemon.Up;
import io.hypaware.home.AsideFile;
import io.hypaware.home.HypHome;
import io.hypaware.home.Progress;
import io.hypaware.query.OutputFormat;
import io.hypaware.read.Recorded;
import io.hypaware.read.SessionTable;
import java.io.Console;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
        name = "init",
        description = "Set up: which agents are recorded, how long it is kept, how the recorder runs.",
        mixinStandardHelpOptions = true)
final class InitCommand implements Callable<Integer> {

    private static final int CANCELLED = 130;
    private static final int FIRST_LOOK = 5;
    private static final List<String> CLIENTS = List.of("claude", "codex");
    private static final List<String> SOURCES = List.of("claude", "codex", "raw-anthropic", "raw-openai", "otel");
    private static final List<String> EXPORTS = List.of("keep-local", "local-parquet", "configure-later");

    /// What presets of HypAware for Node stand for.
    private static final Map<String, List<String>> PRESETS = Map.of("claude-and-otel-local", List.of("claude", "otel"));

    @Parameters(paramLabel = "PRESET", arity = "0..1", description = "claude-and-otel-local.")
    private Optional<String> preset = Optional.empty();

    @Option(
            names = {"-y", "--yes"},
            description = "Do not ask: what is proposed, or what further options say.")
    private boolean yes;

    @Option(names = "--client", paramLabel = "NAME", description = "Attach claude or codex; may be given again.")
    private List<String> clients = new ArrayList<>();

    @Option(
            names = "--source",
            paramLabel = "NAME",
            description = "Record claude, codex, raw-anthropic, raw-openai or otel; may be given again.")
    private List<String> sources = new ArrayList<>();

    @Option(names = "--export", paramLabel = "KIND", description = "keep-local, local-parquet or configure-later.")
    private Optional<String> export = Optional.empty();

    @Option(names = "--retention-days", paramLabel = "N", description = "Days that rows are kept; 0 for ever.")
    private Optional<Long> days = Optional.empty();

    @Option(
            names = "--no-daemon",
            description =
                    "Only write the config, and import what the agents wrote down: start, install and attach nothing.")
    private boolean withoutDaemon;

    @Option(names = "--from-file", paramLabel = "FILE", description = "Take this file as the config.")
    private Optional<Path> fromFile = Optional.empty();

    @Option(names = "--bin", description = "The hyp that a service starts; default this one.")
    private Optional<Path> bin = Optional.empty();

    @Option(names = "--dry-run", description = "Only show what would be done.")
    private boolean dryRun;

    @Option(names = "--force", hidden = true, description = "Of presets; the config from before is always kept.")
    @SuppressWarnings("UnusedVariable")
    private boolean force;

    @Spec
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    @Override
    public Integer call() throws Exception {
        check();
        if (fromFile.isPresent() && !dryRun) {
            // Before the one that is there is read: this may be the way out of a broken one.
            write(UserFile.read(HypHome.of(System.getenv()).configFile()), Files.readString(fromFile.get()));
        }
        Environment environment = Environment.load();
        Setup.Found found = Setup.Found.of(environment);
        PrintWriter out = spec.commandLine().getOut();
        Setup setup = options(found, found.proposal(environment.config()));
        boolean chosen = !yes && !dryRun && !isSaid();
        if (chosen) {
            try (Asker asker = asker()) {
                out.println("HypAware keeps what your agents say and do, on this machine only.");
                out.println(asker.keys());
                setup = new Wizard(asker, found, setup, now -> tellPlan(found, now)).ask();
            } catch (Asker.CancelledException e) {
                out.println("Nothing was changed.");
                out.flush();
                return CANCELLED;
            }
        }
        UserFile config = UserFile.read(environment.home().configFile());
        String text = fromFile.isPresent() ? Files.readString(fromFile.get()) : text(config, setup);
        if (dryRun) {
            show(config, text, setup, found);
            return 0;
        }
        write(config, text);
        ConfigFile.read(config.path()).config().warnings().forEach(warning -> out.println("  note     " + warning));
        if (withoutDaemon) {
            int failed = imported(setup);
            out.println("Start the recorder with: hyp up, then: hyp attach all");
            out.flush();
            return failed == 0 ? 0 : 1;
        }
        int failed = start(Environment.load(), setup)
                + attach(setup, found, chosen)
                + (setup.adopt() ? run("query", "maintain") : 0);
        firstLook(Environment.load(), found, setup);
        return failed == 0 ? 0 : 1;
    }

    private void check() {
        expect("--client", clients, CLIENTS);
        expect("--source", sources, SOURCES);
        expect("--export", export.stream().toList(), EXPORTS);
        expect("PRESET", preset.stream().toList(), List.copyOf(PRESETS.keySet()));
        if (days.filter(n -> n < 0 || n > Integer.MAX_VALUE).isPresent()) {
            throw new ParameterException(
                    spec.commandLine(), "found " + days.get() + " for --retention-days, expected 0 or more");
        }
        if (fromFile.isPresent()) {
            if (!Files.isRegularFile(fromFile.get())) {
                throw new ParameterException(
                        spec.commandLine(),
                        fromFile.get() + ", given for --from-file, is no file that is there; expected a config file");
            }
            ConfigFile.read(fromFile.get());
            if (!clients.isEmpty()
                    || !sources.isEmpty()
                    || export.isPresent()
                    || days.isPresent()
                    || preset.isPresent()) {
                throw new ParameterException(
                        spec.commandLine(), "--from-file is the whole config; what else is wanted is to be said in it");
            }
        }
    }

    private void expect(String option, List<String> values, List<String> expected) {
        values.stream().filter(value -> !expected.contains(value)).findFirst().ifPresent(value -> {
            throw new ParameterException(
                    spec.commandLine(),
                    "found " + value + " for " + option + ", expected " + String.join(", ", expected));
        });
    }

    /// Whether the options say what is wanted, so that nobody need be asked.
    private boolean isSaid() {
        return preset.isPresent() || !clients.isEmpty() || !sources.isEmpty() || fromFile.isPresent();
    }

    /// The proposal with what the options say.
    private Setup options(Setup.Found found, Setup proposal) {
        Set<String> named = new LinkedHashSet<>(clients);
        named.addAll(sources());
        boolean said = !clients.isEmpty() || !sources().isEmpty();
        Setup setup = said ? proposal.withAgents(found.inOrder(named)) : proposal;
        setup = days.isPresent() ? setup.withDays(days.get()) : setup;
        return yes || isSaid() ? setup.withAdopt(false) : setup;
    }

    private List<String> sources() {
        List<String> all = new ArrayList<>(sources);
        preset.ifPresent(name -> all.addAll(PRESETS.getOrDefault(name, List.of())));
        return all;
    }

    private Asker asker() throws IOException {
        Console console = Terminal.console()
                .orElseThrow(() -> new ParameterException(
                        spec.commandLine(), "there is no terminal to ask at; say --yes, or what is wanted by options"));
        boolean plain = !System.getenv().getOrDefault("HYP_NO_TUI", "").isEmpty()
                || "dumb".equals(System.getenv().getOrDefault("TERM", "dumb"));
        Optional<Asker> menus = plain ? Optional.empty() : MenuAsker.open();
        return menus.orElseGet(() -> new LineAsker(console));
    }

    private void tellPlan(Setup.Found found, Setup setup) {
        PrintWriter out = spec.commandLine().getOut();
        out.println();
        tell(found, setup).forEach(line -> out.println("  " + line));
        out.println();
        out.flush();
    }

    private List<String> tell(Setup.Found found, Setup setup) {
        List<String> lines = new ArrayList<>();
        lines.add("record    " + found.titles(setup.agents()));
        lines.add("keep      " + Setup.kept(setup.days()));
        String how = setup.service()
                ? "as a service, which starts with your session"
                : "in the background, until this machine restarts";
        lines.add("run       " + (withoutDaemon ? "not now; hyp up starts it" : how));
        setup.agents().stream().flatMap(agent -> planned(agent).stream()).forEach(lines::add);
        if (found.olderBytes() > 0) {
            lines.add("take over " + StatusText.size(found.olderBytes()) + " of HypAware for Node"
                    + (setup.adopt() ? "" : ": not now; later with hyp query maintain"));
        }
        return lines;
    }

    /// What there is of an agent's own transcripts.
    private static List<String> planned(String name) {
        try {
            Importer importer = new Importer(Environment.load());
            for (Agent agent : Agent.all(System.getenv(), Path.of("").toAbsolutePath())) {
                Optional<Survey> survey = agent.name().equals(name) ? importer.survey(agent) : Optional.empty();
                if (survey.filter(s -> s.newFiles() > 0).isPresent()) {
                    List<String> lines = new ArrayList<>();
                    lines.add("import    "
                            + String.format(Locale.ROOT, "%,d", survey.get().newFiles()) + " transcripts of "
                            + agent.title() + ", "
                            + StatusText.size(survey.get().newBytes()));
                    BackfillCommand.going(survey.get()).ifPresent(text -> lines.add("          " + text));
                    return lines;
                }
            }
        } catch (IOException e) {
            return List.of("import    the transcripts of " + name + " cannot be read: " + e.getMessage());
        }
        return List.of();
    }

    /// The config with what was chosen; what else it says stays.
    private String text(UserFile file, Setup setup) {
        ConfigEdit edit = ConfigEdit.of(file).part("@hypaware/ai-gateway");
        setup.agents().forEach(agent -> edit.part("@hypaware/" + agent));
        if (sources().contains("otel")) {
            edit.part("@hypaware/otel");
        }
        edit.retention(setup.days());
        if (export.filter("local-parquet"::equals).isPresent()) {
            edit.parquetExport(file.path().resolveSibling("exports"));
        }
        return edit.text();
    }

    private void show(UserFile config, String text, Setup setup, Setup.Found found) {
        PrintWriter out = spec.commandLine().getOut();
        if (config.text().lines().toList().equals(text.lines().toList())) {
            out.println(config.path() + " stays as it is");
        }
        AgentOptions.diff(out, config, Optional.of(text));
        out.println();
        out.println("would then:");
        if (withoutDaemon) {
            out.println("  start, install and attach nothing");
        } else {
            tell(found, setup).forEach(line -> out.println("  " + line));
        }
        out.flush();
    }

    private void write(UserFile config, String text) throws IOException {
        PrintWriter out = spec.commandLine().getOut();
        if (config.exists() && config.text().equals(text)) {
            out.println("✓ Config as it was: " + config.path());
            out.flush();
            return;
        }
        if (config.exists()) {
            String now =
                    LocalDateTime.now(ZoneId.systemDefault()).format(DateTimeFormatter.ofPattern("yyyyMMdd-HHmmss"));
            Path backup = config.path().resolveSibling(config.path().getFileName() + "." + now + ".bak");
            AsideFile.write(backup, config.text());
            out.println("✓ Config from before: " + backup);
        }
        config.write(text);
        out.println("✓ Config written: " + config.path());
        out.flush();
    }

    /// Makes the recorder run with that config; 0 if it does.
    private int start(Environment environment, Setup setup) throws IOException, InterruptedException {
        Up up = new Up(environment.home(), spec.commandLine().getErr()::println);
        if (setup.service()) {
            List<String> install = new ArrayList<>(List.of("daemon", "install"));
            bin.ifPresent(path -> install.addAll(List.of("--bin", path.toString())));
            if (run(install.toArray(String[]::new)) != 0) {
                spec.commandLine()
                        .getErr()
                        .println("hyp: it runs in the background instead, until this machine restarts");
            }
        }
        Up.Running running = up.start();
        if (running.otherConfig()) {
            running = up.restart();
        }
        running.trouble().ifPresent(why -> spec.commandLine().getErr().println("hyp: nothing is recorded: " + why));
        spec.commandLine().getOut().println("✓ Recorder at " + running.address().url());
        if (sources().contains("otel")) {
            TelemetryAddress telemetry = TelemetryAddress.await(new GatewayFiles(environment.home()));
            telemetry.found().forEach(line -> spec.commandLine().getOut().println("✓ " + line));
            telemetry.missing().forEach(line -> spec.commandLine().getErr().println("hyp: " + line));
        }
        spec.commandLine().getOut().flush();
        return running.trouble().isPresent() ? 1 : 0;
    }

    private int attach(Setup setup, Setup.Found found, boolean chosen) {
        int failed = 0;
        for (String agent : setup.agents()) {
            failed += run("attach", agent, "--yes");
        }
        for (String agent : found.attached()) {
            // Only who saw that it is attached, and took it out, wants it detached.
            if (chosen && !setup.agents().contains(agent)) {
                failed += run("detach", agent);
            }
        }
        return failed;
    }

    /// What the agents wrote down so far; who attaches them later has it already.
    private int imported(Setup setup) {
        List<String> command = new ArrayList<>(List.of("backfill"));
        command.addAll(setup.agents());
        return setup.agents().isEmpty() ? 0 : run(command.toArray(String[]::new));
    }

    private int run(String... arguments) {
        return spec.root().commandLine().execute(arguments);
    }

    /// Ends on what there is to see, or on the way to it.
    private void firstLook(Environment environment, Setup.Found found, Setup setup) throws Exception {
        Recorded recorded = ExchangeCommand.settled(environment);
        StringWriter sessions = new StringWriter();
        Results.printSessions(
                new SessionTable(recorded, Progress.NONE),
                new ListOptions.Wanted(FIRST_LOOK, OutputFormat.TABLE),
                new PrintWriter(sessions));
        PrintWriter out = spec.commandLine().getOut();
        out.println();
        if (sessions.toString().contains("|\n0 rows") || sessions.toString().contains("+\n0 rows")) {
            out.println(
                    setup.agents().isEmpty()
                            ? "Point a program at the recorder, then look: hyp session list"
                            : "Work with " + found.titles(setup.agents()).replace(" and ", " or ")
                                    + " as ever, then look: hyp session list");
        } else {
            out.println("The last sessions that are recorded:");
            out.print(sessions);
            out.println("One of them as a page: hyp session show ID");
        }
        out.flush();
    }
}
