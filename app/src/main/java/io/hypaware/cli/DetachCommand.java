package io.hypaware.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.hypaware.client.Agent;
import io.hypaware.client.Attachment;
import io.hypaware.client.ClientException;
import io.hypaware.daemon.GatewayFiles;
import io.hypaware.daemon.Presence;
import io.hypaware.home.HypHome;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

@Command(
        name = "detach",
        aliases = "unattach",
        description = "Take the recorder out of an agent's settings; what stood there before comes back.",
        mixinStandardHelpOptions = true)
final class DetachCommand implements Callable<Integer> {

    @Mixin
    private AgentOptions agents = new AgentOptions();

    @Option(names = "--mcp", description = "Only take back what attach --mcp did; where calls go stays as it is.")
    private boolean mcp;

    @Spec
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    /// Needs neither a config nor a gateway: who wants out gets out.
    @Override
    public Integer call() throws IOException, InterruptedException {
        return mcp
                ? McpRegistration.detach(agents, spec.commandLine())
                : agents.each(spec.commandLine(), "detach", this::detach);
    }

    private void detach(Agent agent, ObjectNode report) {
        PrintWriter out = spec.commandLine().getOut();
        Optional<ClientException> failure = Optional.empty();
        try {
            ObjectNode ofMcp = report.objectNode();
            boolean removed = McpRegistration.detach(agents, agent, ofMcp, out);
            report.set("mcp", ofMcp.put("removed", removed));
        } catch (ClientException e) {
            // Its calls are let go all the same.
            failure = Optional.of(e);
        }
        Attachment attachment = agent.detach();
        AgentOptions.describe(report, attachment);
        report.put("removed", attachment.changed());
        if (agents.dryRun() && !agents.json()) {
            AgentOptions.diff(out, attachment.file(), attachment.text());
        } else if (!agents.dryRun()) {
            attachment.apply();
        }
        if (!agents.json()) {
            tell(out, agent, attachment);
        }
        if (failure.isPresent()) {
            throw failure.get();
        }
    }

    private void tell(PrintWriter out, Agent agent, Attachment attachment) {
        String how =
                !attachment.changed() ? " is not attached" : agents.dryRun() ? " would be detached" : " is detached";
        out.println(agent.title() + how + ": " + attachment.settings());
        attachment.notes().forEach(note -> out.println("  note     " + note));
        attachment
                .otherUrl()
                .filter(_ -> attachment.changed())
                .ifPresent(url -> out.println("  Its calls go to " + url + " again"));
        if (attachment.changed() && !agents.dryRun()) {
            boolean runs = Presence.of(new GatewayFiles(HypHome.of(System.getenv()))) instanceof Presence.Answering;
            out.println(
                    runs
                            ? "  What runs still goes through the recorder until it is started anew"
                            : "  What runs can make no call, as the recorder does not: start it anew");
        }
    }
}
