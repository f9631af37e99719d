package io.hypaware.cli;

import io.hypaware.daemon.Logs;
import io.hypaware.maintain.Worker;
import java.io.IOException;
import java.sql.SQLException;
import java.time.Clock;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;

@Command(name = "worker", description = "One round of maintenance, as the gateway starts it.", hidden = true)
final class WorkerCommand implements Callable<Integer> {

    @Override
    public Integer call() throws SQLException, InterruptedException, IOException {
        Environment environment = Environment.load();
        Logs.toFile(environment.home(), "worker");
        new Worker(environment.cache(), environment.config(), environment.gatewayId(), Clock.systemUTC()).run();
        new Importer(environment).hourly();
        return 0;
    }
}
