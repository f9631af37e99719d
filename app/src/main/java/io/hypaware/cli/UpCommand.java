package io.hypaware.cli;

import io.hypaware.daemon.GatewayFiles;
import io.hypaware.daemon.Presence;
import io.hypaware.daemon.Service;
import io.hypaware.daemon.Up;
import java.io.IOException;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

@Command(name = "up", description = "Start the recorder in the background.", mixinStandardHelpOptions = true)
final class UpCommand implements Callable<Integer> {

    private static final Duration SERVICE_PATIENCE = Duration.ofSeconds(30);

    @Spec
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    @Override
    public Integer call() throws IOException, InterruptedException {
        Environment environment = Environment.load();
        PrintWriter out = spec.commandLine().getOut();
        startService(environment);
        Up.Running running = new Up(environment.home(), spec.commandLine().getErr()::println).start();
        GatewayFiles.Address address = running.address();
        String url = address.url();
        if (running.trouble().isPresent()) {
            spec.commandLine()
                    .getErr()
                    .println("hyp: calls pass at " + url + " (pid " + address.pid() + "), but nothing is recorded: "
                            + running.trouble().get());
            return 1;
        }
        out.println("HypAware " + (running.alreadyRan() ? "records already" : "records") + " at " + url + " (pid "
                + address.pid() + "), into " + environment.home().root());
        if (running.otherConfig()) {
            out.println("The config was changed since it started; it is read with: hyp daemon restart");
        }
        out.println();
        out.println("Attach your agents, for good; hyp detach is the way back:");
        out.println("  hyp attach claude | codex | all");
        out.println();
        out.println("Or point one at it for once:");
        out.println("  Claude Code     ANTHROPIC_BASE_URL=" + url + " claude");
        out.println("  Anthropic SDK   ANTHROPIC_BASE_URL=" + url);
        out.println("  OpenAI SDK      OPENAI_BASE_URL=" + url + "/v1");
        out.println("  Codex           codex -c openai_base_url=" + url + "/v1");
        out.println("  Gemini SDK      GOOGLE_GEMINI_BASE_URL=" + url);
        out.println();
        out.println("Then ask:");
        out.println("  hyp query sql \"select role, part_type, content_text from ai_gateway_messages\"");
        out.println("  hyp status");
        out.println("Stop with: hyp down");
        out.flush();
        return 0;
    }

    /// Where the recorder is a service, its manager starts it.
    private static void startService(Environment environment) throws InterruptedException {
        GatewayFiles files = new GatewayFiles(environment.home());
        if (Presence.of(files) instanceof Presence.Answering) {
            return;
        }
        Service service;
        try {
            service = Service.of(Optional.empty(), System.getenv());
        } catch (Service.ServiceException e) {
            return;
        }
        if (!service.isOf(environment.home())) {
            return;
        }
        Service.State state = service.state();
        if (!state.installed() || !state.loaded()) {
            return;
        }
        service.run(service.start(), SERVICE_PATIENCE);
        Presence.await(files, SERVICE_PATIENCE);
    }
}
