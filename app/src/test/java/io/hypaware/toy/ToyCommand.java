package io.hypaware.toy;

import io.hypaware.cli.Subcommand;
import java.io.PrintWriter;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/// A command that says what a thermometer is.
@Command(name = "thermometer", description = "What a thermometer is.", mixinStandardHelpOptions = true)
public final class ToyCommand implements Subcommand, Callable<Integer> {

    @Spec
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    @Override
    public Integer call() {
        PrintWriter out = spec.commandLine().getOut();
        out.println("it posts what it has read");
        out.flush();
        return 0;
    }
}
