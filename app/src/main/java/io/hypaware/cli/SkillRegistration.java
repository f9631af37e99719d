package io.hypaware.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.hypaware.client.Agent;
import io.hypaware.client.Attachment;
import io.hypaware.client.HypCommand;
import io.hypaware.client.SkillChange;
import io.hypaware.home.HypHome;
import java.io.IOException;
import java.io.PrintWriter;
import picocli.CommandLine;

/// Gives agents' users commands by which a session takes itself out of the record, and takes them back. It needs
/// neither
/// a config nor a gateway.
final class SkillRegistration {

    static int attach(AgentOptions agents, CommandLine commandLine) throws IOException, InterruptedException {
        agents.allUnlessNamed();
        HypHome home = HypHome.of(System.getenv());
        return agents.each(commandLine, "attach", (agent, report) -> {
            SkillChange change = agent.attachSkills(HypCommand.of(home, System.getenv()));
            PrintWriter out = commandLine.getOut();
            apply(agents, change, report, out);
            if (agents.json()) {
                return;
            }
            String how = !change.changed()
                    ? " has no skill to be given: "
                    : agents.dryRun() ? " would be given skills: " : " is given skills: ";
            out.println(agent.title() + how + change.folder());
            change.notes().forEach(note -> out.println("  note     " + note));
            if (change.changed() && !agents.dryRun()) {
                out.println("  In a session: " + agent.skillSign() + "hypaware-ignore, " + agent.skillSign()
                        + "hypaware-unignore, " + agent.skillSign()
                        + "hypaware-status. The way back: hyp detach --skills " + agent.name());
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
                commandLine.getOut().println(agent.title() + " has no skills of ours");
            }
        });
    }

    /// @return whether there was something to take away
    static boolean detach(AgentOptions agents, Agent agent, ObjectNode report, PrintWriter out) {
        SkillChange change = agent.detachSkills();
        apply(agents, change, report, out);
        if (!agents.json()) {
            if (change.changed()) {
                out.println(agent.title() + (agents.dryRun() ? " would have" : " has") + " our skills no more: "
                        + change.folder());
            }
            change.notes().forEach(note -> out.println("  note     " + note));
        }
        return change.changed();
    }

    private static void apply(AgentOptions agents, SkillChange change, ObjectNode report, PrintWriter out) {
        report.put("changed", change.changed());
        report.put("settings_path", change.folder().toString());
        ArrayNode notes = report.putArray("notes");
        change.notes().forEach(notes::add);
        if (!agents.dryRun()) {
            change.apply();
        } else if (!agents.json()) {
            for (Attachment file : change.files()) {
                AgentOptions.diff(out, file.file(), file.text());
            }
        }
    }

    private SkillRegistration() {}
}
