package io.hypaware.cli;

import io.hypaware.daemon.Logs;
import io.hypaware.mcp.HistoryServer;
import io.hypaware.secret.Redactor;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

@Command(
        name = "mcp",
        description = {
            "Let an agent ask what is recorded, over the Model Context Protocol on standard input and output.",
            "Agents start it themselves, once hyp attach --mcp has told them of it. It reads, and changes nothing."
        },
        mixinStandardHelpOptions = true)
final class McpCommand implements Callable<Integer> {

    @Spec
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    @Override
    public Integer call() throws IOException, InterruptedException {
        // Standard output is the protocol's: whatever else is printed goes beside it.
        OutputStream out = new FileOutputStream(FileDescriptor.out);
        System.setOut(System.err);
        Environment environment = Environment.load();
        if (Terminal.isThere()) {
            spec.commandLine()
                    .getErr()
                    .println("This speaks a protocol for agents, a line of JSON for each message; Ctrl-D ends it."
                            + " To tell Claude Code and Codex of it: hyp attach --mcp");
        }
        Logs.toFile(environment.home(), "mcp");
        new HistoryServer(
                        new HistoryServer.Place(environment.home().root(), environment.cache(), environment.writing()),
                        environment.config().query().memoryBytes(),
                        redactor(environment),
                        Version.number())
                .serve(System.in, out);
        return 0;
    }

    private static Redactor redactor(Environment environment) {
        return environment.config().privacy().redact().mcp()
                ? environment.secrets().redactor()
                : Redactor.NONE;
    }
}
