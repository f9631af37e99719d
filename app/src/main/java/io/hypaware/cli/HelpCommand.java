package io.hypaware.cli;

import io.hypaware.config.Nearest;
import io.hypaware.query.ResultWriter;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// Help for a command however deep it is, in place of picocli's own, which reads one name and no further.
@Command(
        name = "help",
        description = "What a command does and takes: hyp help query sql.",
        helpCommand = true,
        mixinStandardHelpOptions = true)
final class HelpCommand implements Runnable {

    private static final int LONGEST_NAME = 40;

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
        String quoted = "\"" + ResultWriter.shown(shortened(name)) + "\"";
        List<String> known = in.getSubcommands().entrySet().stream()
                .filter(each -> !each.getValue().getCommandSpec().usageMessage().hidden())
                .map(Map.Entry::getKey)
                .toList();
        if (known.isEmpty()) {
            return of + " has no commands of its own, so no " + quoted + "; its help: hyp help"
                    + of.substring(of.indexOf(' '));
        }
        return of + " has no command " + quoted + "; "
                + Optional.of(name)
                        .filter(said -> !said.isBlank() && said.length() <= LONGEST_NAME)
                        .flatMap(said -> Nearest.of(said, known))
                        .map(meant -> "did you mean " + of + " " + meant + "?")
                        .orElse("it has " + String.join(", ", known));
    }

    private static String shortened(String name) {
        return name.length() <= LONGEST_NAME ? name : name.substring(0, LONGEST_NAME) + "…";
    }
}
