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
import java.util.function.Predicate;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
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

    @Option(names = "--skills", description = "Only take back what attach --skills did; where calls go stays as it is.")
    private boolean skills;

    @Spec
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    /// Needs neither a config nor a gateway: who wants out gets out.
    @Override
    public Integer call() throws IOException, InterruptedException {
        if (mcp && skills) {
            throw new ParameterException(spec.commandLine(), "say --mcp or --skills, one at a time");
        }
        if (mcp) {
            return McpRegistration.detach(agents, spec.commandLine());
        }
        return skills
                ? SkillRegistration.detach(agents, spec.commandLine())
                : agents.each(spec.commandLine(), "detach", this::detach);
    }

    private void detach(Agent agent, ObjectNode report) {
        PrintWriter out = spec.commandLine().getOut();
        Optional<ClientException> failure = taken(report, "mcp", of -> McpRegistration.detach(agents, agent, of, out));
        Optional<ClientException> another =
                taken(report, "skills", of -> SkillRegistration.detach(agents, agent, of, out));
        boolean wasTelling = agent.isTelling();
        Attachment attachment = agent.detach();
        AgentOptions.describe(report, attachment);
        report.put("removed", attachment.changed());
        if (agents.dryRun() && !agents.json()) {
            AgentOptions.diff(out, attachment.file(), attachment.text());
        } else if (!agents.dryRun()) {
            attachment.apply();
        }
        if (!agents.json()) {
            tell(out, agent, attachment, wasTelling);
        }
        Optional<ClientException> first = failure.or(() -> another);
        if (first.isPresent()) {
            throw first.get();
        }
    }

    /// Takes something else away that was attached.
    ///
    /// @return what failed: its calls are let go all the same
    private static Optional<ClientException> taken(ObjectNode report, String name, Predicate<ObjectNode> detaching) {
        ObjectNode of = report.putObject(name);
        try {
            of.put("removed", detaching.test(of));
            return Optional.empty();
        } catch (ClientException e) {
            return Optional.of(e);
        }
    }

    private void tell(PrintWriter out, Agent agent, Attachment attachment, boolean wasTelling) {
        String how =
                !attachment.changed() ? " is not attached" : agents.dryRun() ? " would be detached" : " is detached";
        out.println(agent.title() + how + ": " + attachment.settings());
        attachment.notes().forEach(note -> out.println("  note     " + note));
        attachment
                .otherUrl()
                .filter(_ -> attachment.changed())
                .ifPresent(url -> out.println("  Its calls go to " + url + " again"));
        if (attachment.changed() && !agents.dryRun()) {
            if (wasTelling) {
                out.println("  What runs still tells by telemetry until it is started anew");
                return;
            }
            boolean runs = Presence.of(new GatewayFiles(HypHome.of(System.getenv()))) instanceof Presence.Answering;
            out.println(
                    runs
                            ? "  What runs still goes through the recorder until it is started anew"
                            : "  What runs can make no call, as the recorder does not: start it anew");
        }
    }
}
