package io.hypaware.cli;

import java.io.PrintWriter;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.AutoComplete;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
        name = "completion",
        description = "What a shell needs to complete commands, and the manual's page.",
        mixinStandardHelpOptions = true)
final class CompletionCommand implements Callable<Integer> {

    enum Kind {
        BASH,
        ZSH,
        FISH,
        MAN
    }

    @Parameters(paramLabel = "<kind>", description = "One of: ${COMPLETION-CANDIDATES}.")
    @SuppressWarnings("NullAway.Init")
    private Kind kind;

    @Spec
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    @Override
    public Integer call() {
        CommandLine hyp = spec.root().commandLine();
        PrintWriter out = spec.commandLine().getOut();
        out.print(
                switch (kind) {
                    case BASH -> AutoComplete.bash("hyp", hyp);
                    // The same script serves both, if zsh is told so.
                    case ZSH ->
                        "#compdef hyp\nautoload -U +X bashcompinit && bashcompinit\n" + AutoComplete.bash("hyp", hyp);
                    case FISH -> fish(hyp);
                    case MAN -> man(hyp);
                });
        out.flush();
        return 0;
    }

    private static Map<String, CommandLine> commands(CommandLine parent) {
        return parent.getSubcommands().entrySet().stream()
                .filter(entry ->
                        !entry.getValue().getCommandSpec().usageMessage().hidden())
                .filter(entry -> entry.getKey().equals(entry.getValue().getCommandName()))
                .collect(Collectors.toMap(
                        Map.Entry::getKey, Map.Entry::getValue, (a, _) -> a, java.util.LinkedHashMap::new));
    }

    private static String fish(CommandLine hyp) {
        StringBuilder script = new StringBuilder("complete -c hyp -f\n");
        commands(hyp).forEach((name, command) -> {
            script.append("complete -c hyp -n __fish_use_subcommand -a ")
                    .append(name)
                    .append(" -d ")
                    .append(quoted(summary(command)))
                    .append('\n');
            String within = "'__fish_seen_subcommand_from " + name + "'";
            commands(command)
                    .forEach((inner, sub) -> script.append("complete -c hyp -n ")
                            .append(within)
                            .append(" -a ")
                            .append(inner)
                            .append(" -d ")
                            .append(quoted(summary(sub)))
                            .append('\n'));
            for (OptionSpec option : command.getCommandSpec().options()) {
                script.append("complete -c hyp -n ")
                        .append(within)
                        .append(" -l ")
                        .append(option.longestName().replaceFirst("^--?", ""))
                        .append('\n');
            }
        });
        return script.toString();
    }

    private static String summary(CommandLine command) {
        return String.join(" ", command.getCommandSpec().usageMessage().description());
    }

    private static String quoted(String text) {
        return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'";
    }

    /// In the format of man(7): the usage of each command, as its help prints it.
    private static String man(CommandLine hyp) {
        StringBuilder page = new StringBuilder(".TH HYP 1 \"\" \"HypAware " + Version.number() + "\"\n.SH NAME\n"
                + "hyp \\- the flight recorder for AI agents\n.SH SYNOPSIS\n.nf\n" + escaped(hyp.getUsageMessage())
                + ".fi\n");
        describe(page, "hyp", hyp);
        return page.append(".SH FILES\n~/.hyp, or what HYP_HOME names: config, journal, lake, logs\n")
                .toString();
    }

    private static void describe(StringBuilder page, String prefix, CommandLine parent) {
        commands(parent).forEach((name, command) -> {
            String full = prefix + " " + name;
            page.append(".SH ")
                    .append(full.toUpperCase(Locale.ROOT))
                    .append("\n.nf\n")
                    .append(escaped(command.getUsageMessage()))
                    .append(".fi\n");
            describe(page, full, command);
        });
    }

    /// A line that begins with a dot or a quote would be an instruction.
    private static String escaped(String text) {
        return text.replace("\\", "\\e").replaceAll("(?m)^([.'])", "\\\\&$1").replace("-", "\\-");
    }
}
