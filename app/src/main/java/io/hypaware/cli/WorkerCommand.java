package io.hypaware.cli;

import io.hypaware.daemon.Logs;
import io.hypaware.maintain.FigureWriter;
import io.hypaware.maintain.Worker;
import io.hypaware.query.QueryException;
import io.hypaware.secret.Secrets;
import io.hypaware.sink.team.TeamSync;
import java.io.IOException;
import java.sql.SQLException;
import java.time.Clock;
import java.time.ZoneId;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

@Command(
        name = "worker",
        description = "One round of maintenance, as the gateway starts it.",
        hidden = true,
        mixinStandardHelpOptions = true)
final class WorkerCommand implements Callable<Integer> {

    @Option(names = "--settle", description = "Only project what is pending.")
    private boolean settle;

    @Option(names = "--sinks", description = "Only project what is pending, and send what is due.")
    private boolean sinks;

    @Option(names = "--figures", description = "Write down what the status line says.")
    private boolean figures;

    @Override
    public Integer call() throws SQLException, InterruptedException, IOException, QueryException {
        Environment environment = Environment.load();
        Logs.toFile(environment.home(), "worker");
        if (settle || sinks) {
            environment.settle();
        } else {
            maintain(environment);
        }
        if (!settle) {
            SinkCommand.sinks(environment).runDue();
            Optional<TeamSync> team = SyncCommand.of(environment);
            if (team.isPresent()) {
                team.get().runDue();
            }
        }
        if (figures) {
            new FigureWriter(environment.home(), environment.config(), Clock.systemUTC(), ZoneId.systemDefault())
                    .write();
        }
        return 0;
    }

    private static void maintain(Environment environment) throws SQLException, InterruptedException, IOException {
        new Worker(
                        environment.cache(),
                        environment.config(),
                        environment.writing(),
                        Clock.systemUTC(),
                        watched(environment))
                .run();
        new Importer(environment).hourly();
    }

    private static Optional<Secrets> watched(Environment environment) {
        return environment.config().privacy().secrets().watch() ? Optional.of(environment.secrets()) : Optional.empty();
    }
}
