package io.hypaware.cli;

import io.hypaware.home.Progress;
import io.hypaware.maintain.FreshSearch;
import io.hypaware.read.Prices;
import io.hypaware.read.Recorded;
import io.hypaware.web.Site;
import io.hypaware.web.WebServer;
import java.io.IOException;
import java.io.PrintWriter;
import java.time.Clock;
import java.time.Duration;
import java.time.ZoneId;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.jline.utils.Signals;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

@Command(
        name = "web",
        description = {
            "Look at what is recorded in a browser: sessions, calls, search, costs.",
            "A page of this machine alone, with an address that nobody else knows. It ends when nobody has looked for a while."
        },
        mixinStandardHelpOptions = true)
final class WebCommand implements Callable<Integer> {

    /// The page is one of several processes on a user's machine.
    private static final long MOST_QUERY_BYTES = 64_000_000;

    private static final int LAST_PORT = 65_535;

    @Option(names = "--port", paramLabel = "<n>", description = "The port; default any that is free.")
    private int port;

    @Option(names = "--open", description = "Open it in the browser.")
    private boolean open;

    @Option(
            names = "--idle",
            paramLabel = "<minutes>",
            defaultValue = "30",
            description = "End when nobody has looked for so long; default 30.")
    private int idle;

    @Spec
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    @Override
    public Integer call() throws IOException, InterruptedException {
        new Bounds(0, LAST_PORT).check(spec, "--port", port);
        Bounds.from(1).check(spec, "--idle, in minutes,", idle);
        Environment environment = Environment.load();
        PrintWriter out = spec.commandLine().getOut();
        try (WebServer server = WebServer.start(site(environment), port, Duration.ofMinutes(idle))) {
            for (String signal : List.of("INT", "TERM")) {
                Signals.register(signal, server::stop);
            }
            out.println(server.address());
            out.printf("Ctrl-C ends it; so does nobody looking for %s.%n", Results.count(idle, "minute"));
            out.flush();
            if (open) {
                browse(server.address());
            }
            server.awaitEnd();
        }
        return 0;
    }

    static Site site(Environment environment) {
        long memory = Math.min(MOST_QUERY_BYTES, environment.config().query().memoryBytes());
        Recorded recorded = new Recorded(environment.cache(), memory);
        Recorded whole =
                new Recorded(environment.cache(), environment.config().query().memoryBytes());
        return new Site(
                environment.cache(),
                recorded,
                memory,
                () -> Prices.of(environment.home().root()),
                ZoneId.systemDefault(),
                Clock.systemUTC(),
                environment::settle,
                search -> new FreshSearch(environment.cache(), whole)
                        .find(search, new FreshSearch.Patience(Progress.NONE, () -> false))
                        .found(),
                () -> StatusCommand.collect(environment));
    }

    private void browse(String address) {
        String command = System.getProperty("os.name").toLowerCase(Locale.ROOT).startsWith("mac") ? "open" : "xdg-open";
        try {
            new ProcessBuilder(command, address)
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start();
        } catch (IOException e) {
            spec.commandLine().getErr().println("hyp: no browser could be started (" + e.getMessage() + ")");
        }
    }
}
