package io.hypaware.cli;

import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
        name = "show",
        description = "What would happen to a call from a folder, and why.",
        mixinStandardHelpOptions = true)
final class PrivacyShowCommand implements Callable<Integer> {

    @Parameters(paramLabel = "<path>", defaultValue = ".", description = "The folder; default: the current one.")
    @SuppressWarnings("NullAway.Init")
    private String folder;

    @Option(names = "--client", paramLabel = "<name>", description = "A call of this agent, such as codex.")
    private Optional<String> client = Optional.empty();

    @Option(names = "--json", description = "The result as JSON.")
    private boolean json;

    @Spec
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    @Override
    public Integer call() {
        PrivacyShow shown = new PrivacyShow(
                PrivacyCommand.cache(), PrivacyCommand.named(spec, folder).getFirst(), client);
        if (json) {
            spec.commandLine().getOut().println(shown.json());
            spec.commandLine().getOut().flush();
            return 0;
        }
        return shown.print(spec.commandLine().getOut());
    }
}
