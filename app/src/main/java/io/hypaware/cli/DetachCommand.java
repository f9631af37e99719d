package io.hypaware.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.hypaware.client.Agent;
import io.hypaware.client.Attachment;
import io.hypaware.client.ClientException;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

@Command(
        name = "detach",
        aliases = "unattach",
        description = "Take the recorder out of an agent's settings; what stood there before comes back.",
        mixinStandardHelpOptions = true)
final class DetachCommand implements Callable<Integer> {

    @Mixin
    private AgentOptions agents = new AgentOptions();

    @Spec
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    /// Needs neither a config nor a gateway: who wants out gets out.
    @Override
    public Integer call() {
        PrintWriter out = spec.commandLine().getOut();
        List<ObjectNode> reports = new ArrayList<>();
        boolean failed = false;
        for (Agent agent : agents.chosen(spec.commandLine())) {
            ObjectNode report = agents.report(agent, "detach");
            reports.add(report);
            try {
                Attachment attachment = agent.detach();
                AgentOptions.describe(report, attachment);
                report.put("removed", attachment.changed());
                if (agents.dryRun() && !agents.json()) {
                    agents.diff(out, attachment.file(), attachment.text());
                } else if (!agents.dryRun()) {
                    attachment.apply();
                }
                if (!agents.json()) {
                    tell(out, agent, attachment);
                }
            } catch (ClientException e) {
                failed = true;
                AgentOptions.failed(report, e);
                if (!agents.json()) {
                    spec.commandLine()
                            .getErr()
                            .println("hyp: " + agent.title() + " was not detached: " + e.getMessage());
                }
            }
        }
        agents.print(out, reports);
        return failed ? 1 : 0;
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
            out.println("  What runs still goes through the recorder until it is started anew");
        }
    }
}
