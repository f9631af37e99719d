package io.hypaware.cli;

import io.hypaware.journal.Journal;
import java.io.PrintWriter;
import java.sql.SQLException;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

@Command(
        name = "refresh",
        description = "Project what is pending and flush it to the lake.",
        mixinStandardHelpOptions = true)
final class QueryRefreshCommand implements Callable<Integer> {

    @Option(names = "--retry", description = "Try exchanges again whose projection failed.")
    private boolean retry;

    @Spec
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    @Override
    public Integer call() throws SQLException, InterruptedException {
        Environment environment = Environment.load();
        PrintWriter out = spec.commandLine().getOut();
        if (retry) {
            Optional<Journal> journal = Journal.openExisting(environment.cache().journal());
            if (journal.isPresent()) {
                try (Journal open = journal.get()) {
                    out.println(open.retryFailed() + " failed exchanges are tried again");
                    int telemetry = open.telemetry().retryFailed();
                    if (telemetry > 0) {
                        out.println(telemetry + " failed requests of telemetry are tried again");
                    }
                }
            }
        }
        Environment.Refreshed refreshed = environment.refresh();
        out.println(Results.count(refreshed.exchanges(), "exchange") + " projected, "
                + Results.count(refreshed.rows(), "row") + " flushed to the lake");
        out.flush();
        return 0;
    }
}
