package io.hypaware.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.hypaware.config.ConfigException;
import io.hypaware.daemon.Diagnoses;
import io.hypaware.daemon.Presence;
import io.hypaware.home.HypHome;
import io.hypaware.home.Progress;
import io.hypaware.maintain.Event;
import io.hypaware.maintain.Maintenance;
import io.hypaware.maintain.Report;
import java.io.IOException;
import java.io.PrintWriter;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

@Command(
        name = "doctor",
        description = "Look for what is wrong, with the command that mends it; exit code 1 if something is.",
        mixinStandardHelpOptions = true)
final class DoctorCommand implements Callable<Integer> {

    private static final int ECHO_BYTES = 50_000;
    private static final Maintenance.Options LOOK =
            new Maintenance.Options(Optional.empty(), true, false, false, false, Optional.empty());

    @Option(names = "--fix", description = "Run these commands.")
    private boolean fix;

    @Option(names = "--json", description = "The diagnostics as JSON.")
    private boolean json;

    @Spec
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    @Override
    public Integer call() throws SQLException, IOException, InterruptedException {
        PrintWriter out = spec.commandLine().getOut();
        ObjectNode status = collect();
        boolean failed = false;
        if (fix) {
            // In JSON, what the commands say goes elsewhere.
            PrintWriter told = json ? spec.commandLine().getErr() : out;
            spec.root().commandLine().setOut(told);
            for (String repair : repairs(status)) {
                told.println("-> " + repair);
                told.flush();
                int code = spec.root()
                        .commandLine()
                        .execute(repair.substring("hyp ".length()).split(" "));
                if (code != 0) {
                    told.println("   it ended with " + code);
                    failed = true;
                }
            }
            status = collect();
        }
        if (json) {
            out.println(status.path("diagnostics").toPrettyString());
        } else if (status.path("diagnostics").isEmpty()) {
            boolean running = status.path("gateway").path("running").asBoolean();
            out.println(
                    running
                            ? "all is well"
                            : "nothing is wrong but that the recorder does not run; start it with: hyp up");
        } else {
            AgentStatus.diagnostics(out, status);
        }
        out.flush();
        return failed || status.path("overall").asText().equals("degraded") ? 1 : 0;
    }

    /// What the status says, and what takes longer to find out.
    private ObjectNode collect() throws SQLException, IOException, InterruptedException {
        Environment environment;
        try {
            environment = Environment.load();
        } catch (ConfigException e) {
            return StatusCommand.withoutConfig(HypHome.of(System.getenv()), e);
        }
        ObjectNode status = StatusCommand.collect(environment);
        orphans(environment, status);
        call(status);
        Diagnoses.judge(status);
        return status;
    }

    /// What the next maintenance would reclaim.
    private static void orphans(Environment environment, ObjectNode status)
            throws SQLException, IOException, InterruptedException {
        if (!environment.cache().hasJournal()) {
            return;
        }
        Report report;
        try {
            report = new Maintenance(
                            environment.cache(),
                            environment.config().query().cache(),
                            environment.writing(),
                            Clock.systemUTC(),
                            Progress.NONE)
                    .run(LOOK, Duration.ZERO);
        } catch (IllegalStateException e) {
            // Another is at work.
            return;
        }
        long bytes = report.of(Event.Reclaimed.class).stream()
                .mapToLong(Event.Reclaimed::bytes)
                .sum();
        if (bytes > 0) {
            Diagnoses.add(
                    status,
                    "orphans_waiting",
                    false,
                    StatusText.size(bytes) + " are left over from earlier work, and nothing refers to them",
                    List.of("hyp query maintain"));
        }
    }

    /// Sends a call of some size through the gateway, to an upstream of its own that says it back.
    private static void call(ObjectNode status) {
        if (!status.path("gateway").path("running").asBoolean()) {
            return;
        }
        String address = status.path("gateway").path("address").asText();
        try {
            long began = System.nanoTime();
            Presence.echo(address, ECHO_BYTES);
            status.put("echo_ms", (System.nanoTime() - began) / 1_000_000);
        } catch (IOException e) {
            Diagnoses.add(
                    status,
                    "gateway_silent",
                    true,
                    "a call to " + address + " did not come back: " + e.getMessage(),
                    List.of("hyp daemon restart", "hyp down --now && hyp up"));
        }
    }

    /// The first of each that is a single command of ours, each once.
    private static Set<String> repairs(JsonNode status) {
        Set<String> repairs = new LinkedHashSet<>();
        for (JsonNode diagnostic : status.path("diagnostics")) {
            List<String> commands = diagnostic
                    .path("repair")
                    .valueStream()
                    .map(JsonNode::asText)
                    .toList();
            Optional<String> command = commands.stream()
                    .filter(text -> text.startsWith("hyp ") && !text.contains("&&") && !text.endsWith("--dry-run"))
                    .findFirst();
            command.ifPresent(repairs::add);
        }
        return repairs;
    }
}
