package io.hypaware.cli;

import io.hypaware.daemon.Installation;
import io.hypaware.home.HypHome;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

@Command(
        name = "uninstall",
        description = "Detach the agents, stop the recorder and remove the program. What was recorded stays.",
        mixinStandardHelpOptions = true)
final class UninstallCommand implements Callable<Integer> {

    /// In this order: an agent that is attached to nothing can make no call.
    private static final List<List<String>> STEPS =
            List.of(List.of("detach", "claude", "codex"), List.of("daemon", "uninstall"), List.of("down"));

    @Mixin
    private PrefixOption prefix = new PrefixOption();

    @Spec
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    @Override
    public Integer call() throws IOException {
        PrintWriter out = spec.commandLine().getOut();
        for (List<String> step : STEPS) {
            int code = spec.root().commandLine().execute(step.toArray(String[]::new));
            if (code != 0 && step.getFirst().equals("detach")) {
                throw new IllegalStateException(
                        "an agent could not be detached, and without the recorder it could make no call. Nothing was removed:"
                                + " mend what is said above, then hyp uninstall again");
            }
        }
        Installation installation = prefix.installation();
        boolean was = installation.remove();
        out.println(
                was
                        ? "HypAware is removed from " + installation.prefix()
                        : "No program is installed in " + installation.prefix());
        out.println("What was recorded stays in " + HypHome.of(System.getenv()).root()
                + "; remove that folder to forget it");
        out.flush();
        return 0;
    }
}
