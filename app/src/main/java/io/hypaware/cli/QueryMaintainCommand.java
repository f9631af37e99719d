package io.hypaware.cli;

import io.hypaware.config.Nearest;
import io.hypaware.daemon.Logs;
import io.hypaware.home.Progress;
import io.hypaware.maintain.Maintenance;
import io.hypaware.maintain.Report;
import java.io.IOException;
import java.io.PrintWriter;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
        name = "maintain",
        description = {
            "Compact, expire, drop what is too old, and reclaim what nothing refers to.",
            "Adopts a cache that HypAware for Node left behind."
        },
        mixinStandardHelpOptions = true)
final class QueryMaintainCommand implements Callable<Integer> {

    private static final Duration FOR_EVER = Duration.ofDays(365);

    @Parameters(arity = "0..1", paramLabel = "dataset", description = "Only this dataset.")
    private Optional<String> dataset = Optional.empty();

    @Option(names = "--dry-run", description = "Say what would be done; change nothing.")
    private boolean dryRun;

    @Option(
            names = "--force",
            description = "Compact whatever has more than one small file, and try again what was set aside.")
    private boolean force;

    @Option(names = "--compact-only", description = "Compact, nothing else.")
    private boolean compactOnly;

    @Option(names = "--expire-only", description = "Expire snapshots, nothing else.")
    private boolean expireOnly;

    @Option(names = "--json", description = "The report as JSON.")
    private boolean json;

    @Option(names = "--wait", description = "Wait for another maintainer to end instead of giving up.")
    private boolean wait;

    @Spec
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    @Override
    public Integer call() throws SQLException, InterruptedException, IOException {
        if (compactOnly && expireOnly) {
            throw new ParameterException(
                    spec.commandLine(), "--compact-only and --expire-only exclude each other; leave both out for both");
        }
        Environment environment = Environment.load();
        if (dataset.isPresent()) {
            requireKnown(dataset.get(), Maintenance.datasets(environment.cache()));
        }
        Logs.toFile(environment.home(), "maintain");
        PrintWriter out = spec.commandLine().getOut();
        ReportText text = new ReportText(out);
        Report report;
        try (ProgressLine line = new ProgressLine(spec.commandLine().getErr())) {
            Progress progress = json ? Progress.NONE : line;
            report = new Maintenance(
                            environment.cache(),
                            environment.config().query().cache(),
                            environment.writing(),
                            Clock.systemUTC(),
                            progress)
                    .run(
                            new Maintenance.Options(dataset, dryRun, force, compactOnly, expireOnly, Optional.empty()),
                            wait ? FOR_EVER : Duration.ZERO,
                            json ? _ -> {} : text::tell);
        }
        if (json) {
            ReportText.json(out, report);
        } else {
            text.end(report);
        }
        out.flush();
        return report.failed().isEmpty() ? 0 : 1;
    }

    private void requireKnown(String name, Set<String> known) {
        if (!known.contains(name)) {
            throw new ParameterException(
                    spec.commandLine(), "there is no dataset \"" + name + "\"" + Nearest.orAll(name, known));
        }
    }
}
