package io.hypaware.cli;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.github.difflib.DiffUtils;
import com.github.difflib.UnifiedDiffUtils;
import io.hypaware.client.Agent;
import io.hypaware.client.Attachment;
import io.hypaware.client.ClientException;
import io.hypaware.client.UserFile;
import io.hypaware.config.Nearest;
import java.io.Console;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import picocli.CommandLine;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;

/// What attaching and detaching are asked for, and how they report.
final class AgentOptions {

    private static final int CONTEXT_LINES = 2;
    private static final ObjectMapper JSON = new ObjectMapper();

    @Parameters(
            paramLabel = "<agent>",
            arity = "0..*",
            description = "claude, codex, or all that are used here; claude if none is named and it is used here.")
    private List<String> named = new ArrayList<>();

    @Option(names = "--client", hidden = true, description = "The same.")
    private List<String> clients = new ArrayList<>();

    @Option(names = "--dry-run", description = "Only show what would be changed.")
    private boolean dryRun;

    @Option(names = "--json", description = "The result as JSON.")
    private boolean json;

    @Option(
            names = {"-y", "--yes"},
            description = "Do not ask.")
    private boolean yes;

    /// Means all that are used here, where none is named.
    void allUnlessNamed() {
        if (named.isEmpty() && clients.isEmpty()) {
            named = List.of("all");
        }
    }

    boolean dryRun() {
        return dryRun;
    }

    boolean json() {
        return json;
    }

    /// The agents that are meant.
    ///
    /// @throws ParameterException if one of the names is no agent's
    private List<Agent> chosen(CommandLine commandLine) {
        List<Agent> all = Agent.all(System.getenv(), Path.of("").toAbsolutePath());
        Set<String> wanted = new LinkedHashSet<>(named);
        wanted.addAll(clients);
        if (wanted.isEmpty()) {
            // The one that is used here, where it is not Claude Code.
            boolean isElsewhere = !all.getFirst().isDetected() && all.stream().anyMatch(Agent::isDetected);
            wanted.add(isElsewhere ? "all" : all.getFirst().name());
        }
        if (wanted.contains("all")) {
            List<Agent> detected = all.stream().filter(Agent::isDetected).toList();
            if (detected.isEmpty()) {
                throw new ParameterException(
                        commandLine,
                        "no agent is used here: there is neither "
                                + all.stream()
                                        .map(agent -> agent.settings()
                                                .resolveSibling("")
                                                .toString())
                                        .collect(Collectors.joining(" nor ")));
            }
            return detected;
        }
        List<Agent> chosen = new ArrayList<>();
        for (String name : wanted) {
            chosen.add(all.stream()
                    .filter(agent -> agent.name().equals(name))
                    .findFirst()
                    .orElseThrow(() -> unknown(commandLine, name, all)));
        }
        return chosen;
    }

    private static ParameterException unknown(CommandLine commandLine, String name, List<Agent> all) {
        List<String> names =
                Stream.concat(all.stream().map(Agent::name), Stream.of("all")).toList();
        return new ParameterException(
                commandLine,
                "there is no agent \"" + name + "\" to " + commandLine.getCommandName() + Nearest.orAll(name, names));
    }

    /// What is done with one agent.
    @FunctionalInterface
    interface Step {
        void take(Agent agent, ObjectNode report) throws IOException, InterruptedException;
    }

    /// Takes a step with each agent that is meant, and reports; one that fails leaves the others.
    ///
    /// @return the exit code
    int each(CommandLine commandLine, String action, Step step) throws IOException, InterruptedException {
        List<ObjectNode> reports = new ArrayList<>();
        boolean failed = false;
        for (Agent agent : chosen(commandLine)) {
            ObjectNode report = report(agent, action);
            reports.add(report);
            try {
                step.take(agent, report);
            } catch (ClientException e) {
                failed = true;
                failed(report, e);
                if (!json) {
                    commandLine
                            .getErr()
                            .println("hyp: " + agent.title() + " was not " + action + "ed: " + e.getMessage());
                }
            }
        }
        print(commandLine.getOut(), reports);
        return failed ? 1 : 0;
    }

    private ObjectNode report(Agent agent, String action) {
        return JSON.createObjectNode()
                .put("status", "ok")
                .put("action", action)
                .put("client", agent.name())
                .put("dry_run", dryRun)
                .put("settings_path", agent.settings().toString())
                .put("changed", false);
    }

    static void describe(ObjectNode report, Attachment attachment) {
        report.put("changed", attachment.changed());
        ArrayNode notes = report.putArray("notes");
        attachment.notes().forEach(notes::add);
    }

    private static void failed(ObjectNode report, ClientException e) {
        report.put("status", "failed")
                .put("error_kind", e.kind().name().toLowerCase(Locale.ROOT))
                .put("error", e.getMessage());
    }

    private void print(PrintWriter out, List<ObjectNode> reports) {
        if (json) {
            out.println(
                    reports.size() == 1
                            ? reports.getFirst().toPrettyString()
                            : JSON.createArrayNode().addAll(reports).toPrettyString());
        }
        out.flush();
    }

    /// Asks for a yes.
    ///
    /// @throws ClientException if there is none
    void confirm(CommandLine commandLine, String what) {
        if (yes) {
            return;
        }
        Optional<Console> console = json ? Optional.empty() : Terminal.console();
        if (console.isEmpty()) {
            throw new ClientException(
                    ClientException.Kind.OVERRIDDEN, what + ". Nothing was changed; with --yes it is done");
        }
        commandLine.getOut().print(what + ". Go on? [y/N] ");
        commandLine.getOut().flush();
        String answer = console.get().readLine();
        if (answer == null || !answer.strip().toLowerCase(Locale.ROOT).startsWith("y")) {
            throw new ClientException(ClientException.Kind.OVERRIDDEN, "nothing was changed");
        }
    }

    /// How a file would change.
    static void diff(PrintWriter out, UserFile file, Optional<String> after) {
        List<String> before = file.text().lines().toList();
        List<String> now = after.orElse("").lines().toList();
        String name = file.path().toString();
        UnifiedDiffUtils.generateUnifiedDiff(name, name, before, DiffUtils.diff(before, now), CONTEXT_LINES)
                .forEach(out::println);
    }
}
