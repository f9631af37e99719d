package io.hypaware.cli;

import io.hypaware.daemon.GatewayFiles;
import io.hypaware.daemon.Installation;
import io.hypaware.daemon.Presence;
import io.hypaware.home.HypHome;
import java.io.File;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

@Command(
        name = "install",
        description = "Put this bundle into the user's folders and hyp on the PATH; the version before is kept.",
        mixinStandardHelpOptions = true)
final class InstallCommand implements Callable<Integer> {

    @Mixin
    private PrefixOption prefix = new PrefixOption();

    @Spec
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    @Override
    public Integer call() throws IOException {
        Path bundle = Installation.bundle(Optional.ofNullable(System.getenv("HYP_BIN")))
                .orElseThrow(() -> new IllegalStateException(
                        "this hyp was built from source and is no bundle. Make one with: hyp bundle; unpack it, and run its"
                                + " bin/hyp install"));
        Installation installation = prefix.installation();
        Installation.Installed installed = installation.install(bundle);
        PrintWriter out = spec.commandLine().getOut();
        out.println("HypAware " + Version.number() + " is installed: " + installation.command());
        installed.before().ifPresent(before -> out.println("  the version before is kept: " + before));
        installation.prune(installed).forEach(removed -> out.println("  removed " + removed));
        String path = System.getenv().getOrDefault("PATH", "");
        Path bin = installation.command().resolveSibling("");
        if (List.of(path.split(File.pathSeparator, -1)).stream()
                .noneMatch(entry -> Path.of(entry).equals(bin.normalize()))) {
            out.println("  " + bin.normalize() + " is not on the PATH; add it in your shell's profile");
        }
        if (Presence.of(new GatewayFiles(HypHome.of(System.getenv()))) instanceof Presence.Answering) {
            out.println("  The recorder that runs is the one from before until: hyp daemon restart");
        } else {
            out.println("  Start it with: hyp up, or as a service: hyp daemon install");
        }
        out.flush();
        return 0;
    }
}
