package io.hypaware.cli;

import io.hypaware.daemon.GatewayFiles;
import io.hypaware.daemon.Presence;
import io.hypaware.home.HypHome;
import java.io.PrintWriter;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/// The launcher answers it before a Java is looked for (`launcher/statusline.sh`). This is its help, and what a start
/// without the launcher says.
@Command(
        name = "statusline",
        description = {
            "One line for an agent's status line: is it recorded, what did the session and the day take.",
            "Claude Code, in settings.json: \"statusLine\": {\"type\": \"command\", \"command\": \"hyp statusline\"}.",
            "It asks the gateway, which answers within some milliseconds, and never fails."
        },
        mixinStandardHelpOptions = true)
final class StatusLineCommand implements Callable<Integer> {

    @Spec
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    @Override
    public Integer call() {
        PrintWriter out = spec.commandLine().getOut();
        out.println(Presence.line(new GatewayFiles(HypHome.of(System.getenv()))).orElse("○ not recording (hyp up)"));
        out.flush();
        return 0;
    }
}
