package io.hypaware.cli;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.hypaware.config.ConfigException;
import io.hypaware.daemon.Diagnoses;
import io.hypaware.daemon.OtlpMetrics;
import io.hypaware.daemon.Service;
import io.hypaware.daemon.Status;
import io.hypaware.home.HypHome;
import io.hypaware.journal.TelemetryRequest;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintWriter;
import java.net.HttpURLConnection;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
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

    private static final int COLLECTOR_MILLIS = 5_000;

    @Option(names = "--json", description = "Print JSON.")
    private boolean json;

    @Option(
            names = "--otlp",
            arity = "0..1",
            fallbackValue = "-",
            paramLabel = "URL",
            description = "The numbers as a request of OTLP/HTTP in JSON: printed, or sent to a collector.")
    private Optional<String> otlp = Optional.empty();

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
            ObjectNode status = withoutConfig(HypHome.of(System.getenv()), e);
            if (json) {
                out.println(status.toPrettyString());
            } else {
                StatusText.gateway(out, status.path("gateway"));
                AgentStatus.diagnostics(out, status);
            }
            out.flush();
            return 0;
        }
        ObjectNode status = collect(environment);
        if (otlp.isPresent()) {
            return metrics(OtlpMetrics.of(status, Instant.now()).toString(), otlp.get());
        }
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

    private int metrics(String request, String where) {
        PrintWriter out = spec.commandLine().getOut();
        if (where.equals("-")) {
            out.println(request);
            out.flush();
            return 0;
        }
        try {
            String url = where.endsWith("/v1/metrics") ? where : where.replaceFirst("/+$", "") + "/v1/metrics";
            HttpURLConnection connection =
                    (HttpURLConnection) URI.create(url).toURL().openConnection();
            connection.setConnectTimeout(COLLECTOR_MILLIS);
            connection.setReadTimeout(COLLECTOR_MILLIS);
            connection.setDoOutput(true);
            connection.setRequestProperty("content-type", "application/json");
            connection.setRequestProperty(TelemetryRequest.OWN_HEADER, "1");
            try (OutputStream body = connection.getOutputStream()) {
                body.write(request.getBytes(StandardCharsets.UTF_8));
            }
            int code = connection.getResponseCode();
            if (code >= 300) {
                throw new IOException("it answered " + code);
            }
            return 0;
        } catch (IOException | IllegalArgumentException | ClassCastException e) {
            throw new IllegalStateException("the collector at " + where + " did not take it: " + e.getMessage(), e);
        }
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
        Diagnoses.add(status, environment.home(), environment.config().gateway(), Instant.now());
        AgentStatus.add(status, environment.config().receiver().listenPort());
        Diagnoses.judge(status);
        return status;
    }

    /// What there is to say while the config cannot be read. A gateway that runs does so with the one that it began
    /// with.
    static ObjectNode withoutConfig(HypHome home, ConfigException e) {
        ObjectNode status = new ObjectMapper().createObjectNode();
        status.put("home", home.root().toString());
        status.set("gateway", Status.ofGateway(home));
        boolean missing = !Files.exists(home.configFile());
        status.putObject("config")
                .put("path", home.configFile().toString())
                .put("exists", !missing)
                .put("valid", false);
        Diagnoses.add(
                status,
                missing ? "config_missing" : "config_invalid",
                true,
                String.valueOf(e.getMessage()),
                List.of("hyp config validate"));
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
