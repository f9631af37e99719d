package io.hypaware.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.hypaware.client.Agent;
import io.hypaware.client.Attachment;
import io.hypaware.client.HypCommand;
import io.hypaware.home.HypHome;
import java.io.IOException;
import java.io.PrintWriter;
import picocli.CommandLine;

/// Tells agents of the history server, and takes that back. It needs neither a config nor a gateway.
final class McpRegistration {

    static int attach(AgentOptions agents, CommandLine commandLine) throws IOException, InterruptedException {
        agents.allUnlessNamed();
        HypHome home = HypHome.of(System.getenv());
        return agents.each(commandLine, "attach", (agent, report) -> {
            Attachment attachment = agent.attachMcp(HypCommand.of(home, System.getenv()));
            change(agents, attachment, report, commandLine.getOut());
            if (agents.json()) {
                return;
            }
            PrintWriter out = commandLine.getOut();
            String how = !attachment.changed()
                    ? " knows hyp mcp already: "
                    : agents.dryRun() ? " would be told of hyp mcp: " : " is told of hyp mcp: ";
            out.println(agent.title() + how + attachment.settings());
            attachment.notes().forEach(note -> out.println("  note     " + note));
            if (attachment.changed() && !agents.dryRun()) {
                out.println(
                        "  It counts for what is started from now on. The way back: hyp detach --mcp " + agent.name());
            }
        });
    }

    /// Only this; where calls go stays as it is.
    static int detach(AgentOptions agents, CommandLine commandLine) throws IOException, InterruptedException {
        agents.allUnlessNamed();
        return agents.each(commandLine, "detach", (agent, report) -> {
            boolean changed = detach(agents, agent, report, commandLine.getOut());
            report.put("removed", changed);
            if (!changed && !agents.json()) {
                commandLine.getOut().println(agent.title() + " does not know hyp mcp");
            }
        });
    }

    /// @return whether there was something to take away
    static boolean detach(AgentOptions agents, Agent agent, ObjectNode report, PrintWriter out) {
        Attachment attachment = agent.detachMcp();
        change(agents, attachment, report, out);
        if (!agents.json()) {
            if (attachment.changed()) {
                out.println(agent.title() + (agents.dryRun() ? " would be" : " is") + " told of hyp mcp no more: "
                        + attachment.settings());
            }
            attachment.notes().forEach(note -> out.println("  note     " + note));
        }
        return attachment.changed();
    }

    private static void change(AgentOptions agents, Attachment attachment, ObjectNode report, PrintWriter out) {
        AgentOptions.describe(report, attachment);
        report.put("settings_path", attachment.settings().toString());
        if (agents.dryRun() && !agents.json()) {
            AgentOptions.diff(out, attachment.file(), attachment.text());
        } else if (!agents.dryRun()) {
            attachment.apply();
        }
    }

    private McpRegistration() {}
}
