package io.hypaware.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.hypaware.backfill.Backfill;
import io.hypaware.backfill.Survey;
import io.hypaware.client.Address;
import io.hypaware.client.Agent;
import io.hypaware.client.Attachment;
import io.hypaware.client.Chain;
import io.hypaware.client.ClaudeCode;
import io.hypaware.client.ClientException;
import io.hypaware.client.ClientException.Kind;
import io.hypaware.client.Codex;
import io.hypaware.client.CodexLogin;
import io.hypaware.client.UserFile;
import io.hypaware.config.ConfigException;
import io.hypaware.config.GatewayConfig;
import io.hypaware.config.UpstreamConfig;
import io.hypaware.daemon.GatewayFiles;
import io.hypaware.daemon.Presence;
import io.hypaware.daemon.Up;
import io.hypaware.home.Progress;
import io.hypaware.query.QueryException;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.URI;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

@Command(
        name = "attach",
        description = {
            "Let an agent's calls go through the recorder, in its own settings.",
            "What stood there before is kept, and hyp detach puts it back."
        },
        mixinStandardHelpOptions = true)
final class AttachCommand implements Callable<Integer> {

    private static final String TELEMETRY = "telemetry";

    @Mixin
    private AgentOptions agents = new AgentOptions();

    @Option(
            names = "--login",
            description = "How Codex logs in, where it cannot be seen: ${COMPLETION-CANDIDATES}.",
            converter = LoginConverter.class,
            completionCandidates = LoginConverter.class)
    private Optional<CodexLogin> login = Optional.empty();

    @Option(
            names = "--via",
            paramLabel = "WAY",
            completionCandidates = Ways.class,
            description =
                    "gateway: calls go through the recorder (default). telemetry: Claude Code writes down itself what it sends and gets.")
    private String via = "gateway";

    @Option(
            names = "--no-hooks",
            description =
                    "Without hooks in Claude Code's settings that say in which folder and branch a session works.")
    private boolean withoutHooks;

    @Option(
            names = "--no-import",
            description = "Without the agent's own transcripts, now and each hour; hyp backfill imports them once.")
    private boolean withoutImport;

    @Option(
            names = "--mcp",
            description = {
                "Instead: tell Claude Code and Codex, or the agents named, of hyp mcp, by which they can ask what is",
                "recorded. Where their calls go stays as it is."
            })
    private boolean mcp;

    @Option(
            names = "--skills",
            description = {
                "Instead: give users of Claude Code and Codex, or of the agents named, commands by which a session takes",
                "itself out of the record: hypaware-ignore, hypaware-unignore, hypaware-status."
            })
    private boolean skills;

    @Spec
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    @Override
    public Integer call() throws IOException, InterruptedException {
        if (mcp && skills) {
            throw new ParameterException(spec.commandLine(), "say --mcp or --skills, one at a time");
        }
        if (mcp) {
            return McpRegistration.attach(agents, spec.commandLine());
        }
        if (skills) {
            return SkillRegistration.attach(agents, spec.commandLine());
        }
        if (!Ways.ALL.contains(via)) {
            throw new ParameterException(
                    spec.commandLine(), "found " + via + " for --via, expected " + String.join(" or ", Ways.ALL));
        }
        Environment environment = Environment.load();
        return agents.each(
                spec.commandLine(),
                "attach",
                (agent, report) -> attach(
                        environment,
                        agent instanceof Codex codex ? new Codex(codex.environment(), login) : agent,
                        report));
    }

    private void attach(Environment environment, Agent agent, ObjectNode report)
            throws IOException, InterruptedException {
        PrintWriter out = spec.commandLine().getOut();
        Presence presence = Presence.of(new GatewayFiles(environment.home()));
        Address address = address(environment, presence);
        Attachment attachment = agent.attach(address);
        Optional<Chain> chain = chain(environment, agent, attachment, address);
        if (chain.isPresent()) {
            // What stood there before us is not the provider itself.
            attachment = agent.attach(address.indirect());
        }
        AgentOptions.describe(report, attachment);
        report.put("port", address.port());
        attachment.otherUrl().ifPresent(url -> report.put("prev_value", url));
        List<String> overrides = agent.overrides(address.port(), via.equals(TELEMETRY));
        ArrayNode told = report.putArray("overrides");
        overrides.forEach(told::add);
        chain.ifPresent(link -> report.put("upstream", link.url()));
        if (agents.dryRun()) {
            if (!agents.json()) {
                chain.ifPresent(link -> AgentOptions.diff(out, link.file(), Optional.of(link.text())));
                AgentOptions.diff(out, attachment.file(), attachment.text());
            }
        } else {
            if (chain.isPresent()) {
                agents.confirm(
                        spec.commandLine(),
                        agent.title() + " goes to " + chain.get().url()
                                + " now. Attached, it goes to the recorder, and on from there to the same address, by an upstream in "
                                + chain.get().file().path());
                chain.get().apply();
                try {
                    restart(environment, presence);
                } catch (IllegalStateException | ConfigException e) {
                    chain.get().undo();
                    new Up(environment.home(), spec.commandLine().getErr()::println).start();
                    throw new ClientException(
                            Kind.OVERRIDDEN,
                            "the recorder does not start with " + chain.get().url() + " as an upstream ("
                                    + e.getMessage() + "); the config is as it was");
                }
            }
            if (via.equals(TELEMETRY) && attachment.changed()) {
                agents.confirm(spec.commandLine(), telemetry(agent, address));
            }
            agent.prepare(address);
            attachment.apply();
        }
        if (!agents.json()) {
            tell(agent, attachment, address, overrides);
        }
        if (!agents.dryRun()) {
            new Importer(environment).want(agent, !withoutImport);
        }
        if (!withoutImport) {
            imported(environment, agent, report);
        }
    }

    /// What the agent wrote down before it was attached.
    private void imported(Environment environment, Agent agent, ObjectNode report)
            throws IOException, InterruptedException {
        Importer importer = new Importer(environment);
        Optional<Survey> survey = importer.survey(agent);
        if (survey.isEmpty() || survey.get().newFiles() == 0) {
            return;
        }
        PrintWriter out = spec.commandLine().getOut();
        if (!agents.json()) {
            BackfillCommand.going(survey.get()).ifPresent(text -> out.println("  note     " + text));
        }
        report.put("transcripts_new", survey.get().newFiles());
        if (agents.dryRun()) {
            return;
        }
        out.flush();
        try (ProgressLine line = new ProgressLine(spec.commandLine().getErr())) {
            Backfill.Report done = importer.run(survey.get(), agents.json() ? Progress.NONE : line);
            line.end();
            report.set("imported", BackfillCommand.json(done));
            if (!agents.json()) {
                out.print(BackfillCommand.text(done));
            }
        } catch (SQLException | QueryException | IllegalStateException e) {
            // It is attached all the same.
            spec.commandLine()
                    .getErr()
                    .println("hyp: its transcripts were not imported: " + e.getMessage() + "; later: hyp backfill "
                            + agent.name());
        }
    }

    /// What it means that nothing stands in the calls' way.
    private static String telemetry(Agent agent, Address address) {
        return agent.title() + " writes each request and answer into "
                + address.bodies().orElseThrow() + ", from version 2.1.197 on ("
                + agent.version().map(version -> "here is " + version).orElse("which one is here is not known")
                + "), and tells of them by telemetry, of which rows are made. Its calls go where they went, and it notices nothing of"
                + " the recorder; what only the wire knows is not recorded";
    }

    private Address address(Environment environment, Presence presence) {
        GatewayConfig config = environment.config().gateway();
        boolean direct = config.allUpstreams().stream()
                .filter(upstream -> upstream.providerName().equals("anthropic"))
                .findFirst()
                .map(UpstreamConfig::baseUrl)
                .filter(url ->
                        "api.anthropic.com".equalsIgnoreCase(URI.create(url).getHost()))
                .isPresent();
        if (via.equals(TELEMETRY)) {
            return receiver(environment);
        }
        if (config.port() == 0) {
            throw new ClientException(
                    Kind.GATEWAY_DOWN,
                    "the config's port is 0, so that the gateway has another one after each start, and the agent would not"
                            + " find it. Set \"port\" in the config, then hyp down and hyp up");
        }
        int port = config.port();
        if (presence instanceof Presence.Answering answering) {
            port = answering.address().port();
        } else if (!agents.dryRun()) {
            throw new ClientException(
                    Kind.GATEWAY_DOWN,
                    "the recorder does not answer, and an agent that is attached to it could make no call. Start it first:"
                            + " hyp up");
        }
        String now = Instant.now().truncatedTo(ChronoUnit.SECONDS).toString();
        return new Address(
                "http://127.0.0.1:" + port,
                port,
                direct,
                Optional.empty(),
                withoutHooks ? Optional.empty() : Optional.of(ClaudeCode.hook(environment.home())),
                Version.number(),
                now);
    }

    /// Where telemetry goes. Whether somebody listens there does not matter now: what is not taken waits in files.
    private Address receiver(Environment environment) {
        if (!environment.config().receiving() && !agents.dryRun()) {
            throw new ClientException(
                    Kind.GATEWAY_DOWN,
                    "the config has plugins, and @hypaware/otel is not one that runs, so that no telemetry is received. Add"
                            + " {\"name\": \"@hypaware/otel\"} to them, then hyp daemon restart");
        }
        int port = environment.config().receiver().listenPort();
        if (port == 0) {
            throw new ClientException(
                    Kind.GATEWAY_DOWN,
                    "listen_port of @hypaware/otel is 0, so that the receiver has another port after each start, and the agent"
                            + " would not find it. Set it in the config, then hyp daemon restart");
        }
        return new Address(
                "http://127.0.0.1:" + port,
                port,
                false,
                Optional.of(ClaudeCode.bodies(environment.home())),
                withoutHooks ? Optional.empty() : Optional.of(ClaudeCode.hook(environment.home())),
                Version.number(),
                Instant.now().truncatedTo(ChronoUnit.SECONDS).toString());
    }

    /// What is to stand in our config, so that calls go on to where they went before.
    private static Optional<Chain> chain(Environment environment, Agent agent, Attachment attachment, Address address) {
        Optional<String> url = attachment.otherUrl().filter(u -> !u.isBlank() && !address.isMeantBy(u));
        if (url.isEmpty() || address.bodies().isPresent()) {
            return Optional.empty();
        }
        String provider = agent instanceof Codex ? "openai" : "anthropic";
        // Clients put the version behind the base, which is part of OpenAI's base.
        String base = agent instanceof Codex ? url.get().replaceFirst("/v1/?$", "") : url.get();
        Path file = environment.home().configFile();
        return Chain.plan(UserFile.read(file), environment.config().gateway(), provider, base);
    }

    private void restart(Environment environment, Presence presence) throws IOException, InterruptedException {
        Up up = new Up(environment.home(), spec.commandLine().getErr()::println);
        if (presence instanceof Presence.Answering) {
            up.restart();
        } else {
            up.start();
        }
    }

    private void tell(Agent agent, Attachment attachment, Address address, List<String> overrides) {
        PrintWriter out = spec.commandLine().getOut();
        String how = agents.dryRun()
                ? attachment.changed() ? " would be attached to " : " is attached already to "
                : attachment.changed() ? " is attached to " : " was attached already to ";
        out.println(agent.title() + how + address.url() + ": " + attachment.settings());
        if (via.equals(TELEMETRY)) {
            out.println("  note     " + telemetry(agent, address));
        }
        attachment.notes().forEach(note -> out.println("  note     " + note));
        overrides.forEach(override -> out.println("  warning  " + override));
        if (attachment.changed() && !agents.dryRun()) {
            out.println("  It counts for what is started from now on. The way back: hyp detach " + agent.name());
        }
    }

    /// How calls may become known.
    static final class Ways implements Iterable<String> {

        private static final List<String> ALL = List.of("gateway", TELEMETRY);

        @Override
        public java.util.Iterator<String> iterator() {
            return ALL.iterator();
        }
    }

    /// The login as the command line says it.
    static final class LoginConverter implements picocli.CommandLine.ITypeConverter<CodexLogin>, Iterable<String> {

        private static final Map<String, CodexLogin> LOGINS =
                Map.of("chatgpt", CodexLogin.CHATGPT, "api-key", CodexLogin.API_KEY);

        @Override
        public CodexLogin convert(String value) {
            CodexLogin login = LOGINS.get(value);
            if (login == null) {
                throw new picocli.CommandLine.TypeConversionException(
                        "found " + value + ", expected chatgpt or api-key");
            }
            return login;
        }

        @Override
        public java.util.Iterator<String> iterator() {
            return List.of("chatgpt", "api-key").iterator();
        }
    }
}
