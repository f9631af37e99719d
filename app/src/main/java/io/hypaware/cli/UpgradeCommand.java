package io.hypaware.cli;

import io.hypaware.daemon.Installation;
import io.hypaware.daemon.Up;
import io.hypaware.home.Folders;
import io.hypaware.home.HypHome;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
        name = "upgrade",
        description = "Switch to the version of a bundle; no call is refused or cut. The version before is kept.",
        mixinStandardHelpOptions = true)
final class UpgradeCommand implements Callable<Integer> {

    @Parameters(paramLabel = "FILE", description = "The bundle, a tar.gz.")
    private Path file = Path.of("");

    @Mixin
    private PrefixOption prefix = new PrefixOption();

    @Spec
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    @Override
    public Integer call() throws IOException, InterruptedException {
        Installation installation = prefix.installation();
        Path before = installation
                .inUse()
                .orElseThrow(() -> new IllegalStateException("nothing is installed in " + installation.prefix()
                        + "; unpack the bundle, and run its bin/hyp install"));
        if (!Files.isRegularFile(file)) {
            throw new IllegalStateException(file + " is no file; expected the tar.gz of a bundle");
        }
        Path folder = installation
                .versions()
                .resolve(".unpacked." + ProcessHandle.current().pid());
        Installation.Installed installed;
        try {
            installed = installation.install(Installation.unpack(file, folder));
        } catch (IOException e) {
            throw new IllegalStateException(e.getMessage() + ". What is installed is as it was", e);
        } finally {
            Folders.deleteIfThere(folder);
        }
        PrintWriter out = spec.commandLine().getOut();
        HypHome home = HypHome.of(System.getenv());
        if (new Up(home, spec.commandLine().getErr()::println).isRunning()) {
            takeOver(home, installation, installed, before);
        }
        out.println("HypAware " + installed.version().getFileName() + " is installed: " + installation.command());
        installed
                .before()
                .ifPresent(kept -> out.println(
                        "  the version before is kept; the way back: " + kept.resolve("bin/hyp") + " install"));
        installation.prune(installed).forEach(removed -> out.println("  removed " + removed));
        out.flush();
        return 0;
    }

    /// Lets a gateway of the new version take over; where it does not come up, the version before is the one in use.
    private void takeOver(HypHome home, Installation installation, Installation.Installed installed, Path before)
            throws IOException, InterruptedException {
        PrintWriter out = spec.commandLine().getOut();
        Up.Running running;
        try {
            running = new Up(home, spec.commandLine().getErr()::println).restart();
        } catch (IllegalStateException e) {
            installation.undo(installed, before);
            throw new IllegalStateException(
                    "the new version does not come up; " + before + " is in use, as before: " + e.getMessage(), e);
        }
        Path versions = installation.versions().toRealPath();
        boolean isNew = running.address()
                .process()
                .flatMap(process -> process.info().command())
                .filter(command -> Path.of(command).startsWith(versions))
                .isPresent();
        out.println(
                isNew
                        ? "The recorder runs on as the new version (pid "
                                + running.address().pid() + "); calls that were open end in the process before"
                        : "The recorder was not started by " + installation.command()
                                + ", and runs on as what it was; hyp down, then " + installation.command() + " up");
        running.trouble().ifPresent(why -> spec.commandLine().getErr().println("hyp: nothing is recorded: " + why));
    }
}
