package io.hypaware.cli;

import io.hypaware.query.QueryException;
import io.hypaware.sink.team.Forward;
import io.hypaware.sink.team.SyncPlan;
import io.hypaware.sink.team.TeamSync;
import java.io.Console;
import java.io.IOException;
import java.io.PrintWriter;
import java.time.Clock;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

@Command(
        name = "sync",
        description = {
            "Forward what is recorded to the team's lake that the config names, and from then on by itself.",
            "The first time it shows what would leave, and asks. Sessions that stay on this machine are not sent."
        },
        mixinStandardHelpOptions = true)
final class SyncCommand implements Callable<Integer> {

    private static final int MOST_FOLDERS = 20;

    @ArgGroup
    private Instead instead = new Instead();

    /// What is asked for in place of being asked.
    static final class Instead {

        @Option(names = "--plan", description = "Show what would leave and what stays, and send nothing.")
        private boolean plan;

        @Option(names = "--yes", description = "Agree without being asked, as a script must.")
        private boolean yes;

        @Option(names = "--stop", description = "Send nothing more, until it is agreed to again.")
        private boolean stop;
    }

    @Spec
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    static Optional<TeamSync> of(Environment environment) {
        return TeamSync.of(
                environment.config(),
                new Forward.Environment(
                        environment.cache(),
                        environment.config().query().cache().maintenance(),
                        Clock.systemUTC(),
                        _ -> {}));
    }

    @Override
    public Integer call() throws Exception {
        Environment environment = Environment.load();
        TeamSync sync = of(environment)
                .orElseThrow(() -> new QueryException("the config names no team's lake; docs/guide/team.md says how"));
        PrintWriter out = spec.commandLine().getOut();
        if (instead.stop) {
            sync.withdraw();
            out.println("nothing is sent from now on; what was sent stays there");
            out.flush();
            return 0;
        }
        environment.settle();
        boolean isAgreed = sync.consent().isPresent();
        if (instead.plan || !isAgreed) {
            print(out, sync);
        }
        if (instead.plan) {
            return 0;
        }
        if (!isAgreed) {
            if (!instead.yes && !agrees()) {
                out.println("nothing was sent");
                out.flush();
                return 1;
            }
            sync.agree();
        }
        print(out, sync.run());
        return 0;
    }

    /// @throws QueryException if there is nobody to be asked
    private static boolean agrees() throws QueryException, IOException {
        Console console = Terminal.console()
                .orElseThrow(() -> new QueryException("nothing was sent: agree with: hyp sync --yes"));
        // What was typed before the question was seen is no answer to it.
        while (System.in.available() > 0 && System.in.read() >= 0) {}
        String answer = console.readLine("Send this, and what is recorded from now on? [y/N] ");
        return answer != null && answer.strip().matches("(?i)y|yes");
    }

    private static void print(PrintWriter out, Forward.Outcome outcome) {
        outcome.rows().entrySet().stream()
                .sorted(java.util.Map.Entry.comparingByKey())
                .forEach(sent -> out.printf("%-24s  %,12d rows sent%n", sent.getKey(), sent.getValue()));
        out.println(outcome.sent() == 0 ? "there was nothing to send" : "all that may leave is there");
        if (!outcome.withheld().isEmpty()) {
            out.printf(
                    "rows of %s stay on this machine%n",
                    Results.count(outcome.withheld().size(), "session"));
        }
        out.flush();
    }

    private static void print(PrintWriter out, TeamSync sync) throws Exception {
        SyncPlan plan = sync.plan();
        out.printf(
                "to %s, files in %s%n", sync.team().shownCatalog(), sync.team().warehouseLocation());
        out.printf("%n%-24s  %12s  %10s%n", "leaves", "rows", "MB");
        plan.datasets().forEach((dataset, amount) -> print(out, dataset, amount));
        out.printf(
                "of %s; large texts and bodies that these rows refer to come besides%n",
                Results.count(plan.sessions().size(), "session"));
        if (!plan.folders().isEmpty()) {
            out.printf("%nsaid in%n");
            plan.folders().entrySet().stream()
                    .limit(MOST_FOLDERS)
                    .forEach(folder -> print(out, folder.getKey(), folder.getValue()));
            if (plan.folders().size() > MOST_FOLDERS) {
                out.printf("and in %,d more folders%n", plan.folders().size() - MOST_FOLDERS);
            }
        }
        out.printf("%nstays here%s%n", plan.staying().isEmpty() ? ": nothing" : "");
        plan.staying()
                .forEach((why, stays) -> out.printf(
                        "%s of %s: %s%n",
                        Results.count(stays.rows(), "row"),
                        Results.count(stays.sessions().size(), "session"),
                        why));
        out.flush();
    }

    private static void print(PrintWriter out, String what, SyncPlan.Amount amount) {
        out.printf("%-24s  %,12d  %10.1f%n", what, amount.rows(), amount.bytes() / 1e6);
    }
}
