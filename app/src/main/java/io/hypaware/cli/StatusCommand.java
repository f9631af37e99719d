package io.hypaware.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.hypaware.config.ConfigException;
import io.hypaware.daemon.Diagnoses;
import io.hypaware.daemon.Service;
import io.hypaware.daemon.Status;
import io.hypaware.home.HypHome;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

@Command(
        name = "status",
        description = "Show the gateway, the journal and the datasets.",
        mixinStandardHelpOptions = true)
final class StatusCommand implements Callable<Integer> {

    @Option(names = "--json", description = "Print JSON.")
    private boolean json;

    @Spec
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    @Override
    public Integer call() {
        PrintWriter out = spec.commandLine().getOut();
        Environment environment;
        try {
            environment = Environment.load();
        } catch (ConfigException e) {
            // A gateway that runs does so with the config that it began with.
            if (!json) {
                StatusText.gateway(out, Status.ofGateway(HypHome.of(System.getenv())));
                out.flush();
            }
            throw e;
        }
        ObjectNode status = collect(environment);
        if (json) {
            out.println(status.toPrettyString());
        } else {
            StatusText.gateway(out, status.path("gateway"));
            StatusText.journalAndDatasets(out, status);
            AgentStatus.print(out, status);
        }
        out.flush();
        return 0;
    }

    /// All of it, with what is wrong.
    static ObjectNode collect(Environment environment) {
        ObjectNode status = new Status(environment.home(), environment.config()).collect();
        Path config = environment.home().configFile();
        status.putObject("config")
                .put("path", config.toString())
                .put("exists", Files.exists(config))
                .put("valid", true);
        daemon(status.putObject("daemon"));
        Diagnoses.add(status, environment.home());
        AgentStatus.add(status);
        Diagnoses.judge(status);
        return status;
    }

    /// What the service manager says, if the recorder is a service.
    private static void daemon(ObjectNode node) {
        try {
            DaemonCommand.describe(Service.of(Optional.empty(), System.getenv()).state(), node);
        } catch (Service.ServiceException e) {
            node.put("installed", false).put("error", e.getMessage());
        }
    }
}
