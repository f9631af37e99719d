package io.hypaware.cli;

import io.hypaware.daemon.GatewayDaemon;
import io.hypaware.daemon.Logs;
import io.hypaware.daemon.Up;
import java.io.IOException;
import java.time.Clock;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

@Command(
        name = "daemon",
        description = "The gateway process itself.",
        mixinStandardHelpOptions = true,
        subcommands = DaemonCommand.Run.class)
final class DaemonCommand {

    @Command(name = "run", description = "Run the gateway, for a service manager.", mixinStandardHelpOptions = true)
    static final class Run implements Callable<Integer> {

        @Option(names = "--foreground", description = "Stay in this process until SIGTERM.")
        private boolean foreground;

        @Override
        public Integer call() throws InterruptedException, IOException {
            Environment environment = Environment.load();
            if (!foreground) {
                Up.Running running = new Up(environment.home(), System.err::println).start();
                running.trouble().ifPresent(why -> System.err.println("hyp: nothing is recorded: " + why));
                return running.trouble().isPresent() ? 1 : 0;
            }
            Logs.toFile(environment.home(), "gateway");
            new GatewayDaemon(environment.home(), environment.config(), Clock.systemUTC()).run();
            return 0;
        }
    }
}
