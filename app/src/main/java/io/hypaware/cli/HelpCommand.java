package io.hypaware.cli;

import io.hypaware.config.Nearest;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// Help for a command however deep it is, in place of picocli's own, which reads one name and no further.
@Command(name = "help", description = "What a command does and takes: hyp help query sql.", helpCommand = true)
final class HelpCommand implements Runnable {

    @Parameters(paramLabel = "<command>", arity = "0..*", description = "The command; none for the list of all.")
    private List<String> names = new ArrayList<>();

    @Spec
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    @Override
    public void run() {
        CommandLine found = spec.parent().commandLine();
        for (String name : names) {
            CommandLine next = found.getSubcommands().get(name);
            if (next == null) {
                throw new ParameterException(spec.commandLine(), unknown(found, name));
            }
            found = next;
        }
        PrintWriter out = spec.commandLine().getOut();
        found.usage(out);
        out.flush();
    }

    private static String unknown(CommandLine in, String name) {
        String of = in.getCommandSpec().qualifiedName();
        List<String> known = in.getSubcommands().entrySet().stream()
                .filter(each -> !each.getValue().getCommandSpec().usageMessage().hidden())
                .map(Map.Entry::getKey)
                .toList();
        if (known.isEmpty()) {
            return of + " has no commands of its own, so no " + name + "; its help: hyp help"
                    + of.substring(of.indexOf(' '));
        }
        return of + " has no command " + name + "; "
                + Nearest.of(name, known)
                        .map(meant -> "did you mean " + of + " " + meant + "?")
                        .orElse("it has " + String.join(", ", known));
    }
}
