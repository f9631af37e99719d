package io.hypaware.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.PrintWriter;
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

    @Option(names = "--fix", description = "Run these commands.")
    private boolean fix;

    @Option(names = "--json", description = "The diagnostics as JSON.")
    private boolean json;

    @Spec
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    @Override
    public Integer call() {
        PrintWriter out = spec.commandLine().getOut();
        ObjectNode status = StatusCommand.collect(Environment.load());
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
                }
            }
            status = StatusCommand.collect(Environment.load());
        }
        if (json) {
            out.println(status.path("diagnostics").toPrettyString());
        } else if (status.path("diagnostics").isEmpty()) {
            boolean running = status.path("gateway").path("running").asBoolean();
            out.println(running ? "all is well" : "all is well; the recorder does not run: hyp up");
        } else {
            AgentStatus.diagnostics(out, status);
        }
        out.flush();
        return status.path("overall").asText().equals("degraded") ? 1 : 0;
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
