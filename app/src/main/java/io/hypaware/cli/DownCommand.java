package io.hypaware.cli;

import io.hypaware.config.ConfigException;
import io.hypaware.config.ConfigFile;
import io.hypaware.daemon.GatewayFiles;
import io.hypaware.daemon.Presence;
import io.hypaware.daemon.Service;
import io.hypaware.daemon.Up;
import io.hypaware.home.HypHome;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

@Command(
        name = "down",
        description = "Stop the recorder. Calls under way are let end first.",
        mixinStandardHelpOptions = true)
final class DownCommand implements Callable<Integer> {

    private static final Duration DEFAULT_DRAIN = Duration.ofMinutes(10);
    private static final Duration QUICK = Duration.ofSeconds(2);

    @Option(names = "--now", description = "Do not wait for open calls; they are cut.")
    private boolean now;

    @Spec
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    @Override
    public Integer call() throws InterruptedException {
        // Whatever the config says by now: what runs can be stopped.
        HypHome home = HypHome.of(System.getenv());
        PrintWriter out = spec.commandLine().getOut();
        Up up = new Up(home, spec.commandLine().getErr()::println);
        GatewayFiles.Address address;
        Up.Found found = up.find();
        switch (found.presence()) {
            case Presence.Absent _ -> {
                out.println(found.supervisorEnded() ? "HypAware stopped" : "HypAware is not running");
                int left = up.endThoseHandingOver(now);
                if (left > 0) {
                    out.println(left + " that handed over before let their last calls end; hyp down --now cuts them");
                }
                out.flush();
                return 0;
            }
            case Presence.Silent silent -> {
                up.end(silent);
                out.println("HypAware stopped");
                out.flush();
                return 0;
            }
            case Presence.Answering answering -> address = answering.address();
        }
        Optional<Service> service = service(address);
        if (service.isPresent()) {
            // Ended otherwise, its manager would start it again.
            service.get().run(service.get().stop(), Service.PATIENCE_TO_STOP);
            out.println("HypAware stopped; as a service it starts again with the session, or with: hyp up");
            out.flush();
            return 0;
        }
        boolean stopped = up.stop(address, now, QUICK);
        if (!stopped) {
            out.println("Waiting for open calls to end; hyp down --now cuts them");
            out.flush();
            stopped = up.await(address, drain(home).plusSeconds(30));
        }
        out.println(stopped ? "HypAware stopped" : "HypAware still runs (pid " + address.pid() + ")");
        out.flush();
        return stopped ? 0 : 1;
    }

    /// The service manager, if the gateway is its process.
    private static Optional<Service> service(GatewayFiles.Address address) {
        try {
            return Optional.of(Service.of(Optional.empty(), System.getenv()))
                    .filter(service -> service.state().running()
                            && (service.state().pid() == address.supervisor()
                                    || service.state().pid() == address.pid()));
        } catch (Service.ServiceException e) {
            return Optional.empty();
        }
    }

    private static Duration drain(HypHome home) {
        try {
            return Duration.ofSeconds(
                    ConfigFile.read(home.configFile()).config().gateway().drainSeconds());
        } catch (ConfigException e) {
            return DEFAULT_DRAIN;
        }
    }
}
