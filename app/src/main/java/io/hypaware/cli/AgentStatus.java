package io.hypaware.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.hypaware.client.Agent;
import io.hypaware.client.ClientException;
import io.hypaware.client.ShellScopes;
import io.hypaware.daemon.Diagnoses;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// The agents of this machine in the status: which are attached, and what is wrong with that, with the command that
/// mends it.
final class AgentStatus {

    /// An agent writes its transcript a while after its last call.
    private static final Duration GAP = Duration.ofMinutes(5);

    private static final Duration GAP_FORGOTTEN = Duration.ofDays(7);

    private static final Set<String> ERRORS =
            Set.of("client_without_gateway", "client_attach_stale", "client_telemetry_env_override");

    /// Adds `client_attach` and what is wrong to `diagnostics`.
    ///
    /// @param status with the gateway's part in it
    /// @param telemetryPort where telemetry is received
    static void add(ObjectNode status, int telemetryPort) {
        JsonNode gateway = status.path("gateway");
        ArrayNode attached = status.putArray("client_attach");
        ArrayNode clients = status.putArray("clients");
        for (Agent agent : Agent.all(System.getenv(), Path.of("").toAbsolutePath())) {
            ObjectNode entry = attached.addObject();
            entry.put("name", agent.name());
            entry.put("configured", agent.isDetected());
            entry.put("settings_path", agent.settings().toString());
            Optional<Integer> port = Optional.empty();
            try {
                port = agent.attachedPort();
                port.ifPresent(number -> entry.put("port", Integer.toString(number)));
            } catch (ClientException e) {
                entry.put("error", e.getMessage());
                diagnose(
                        status,
                        "client_settings_unreadable",
                        String.valueOf(e.getMessage()),
                        List.of("hyp attach " + agent.name() + " --dry-run"));
            }
            entry.put("attached", port.isPresent());
            port.ifPresent(_ -> entry.put("via", agent.isTelling() ? "telemetry" : "gateway"));
            port.ifPresent(_ -> clients.add(agent.name()));
            port.ifPresent(number -> check(status, gateway, agent, new Ports(number, telemetryPort)));
        }
        shells(status, gateway);
    }

    /// @param attached to which the agent is
    /// @param telemetry where it is received
    private record Ports(int attached, int telemetry) {}

    private static void check(ObjectNode status, JsonNode gateway, Agent agent, Ports ports) {
        int port = ports.attached();
        if (agent.isTelling()) {
            leaks(status, agent, port);
            overrides(status, agent, port);
            if (gateway.path("running").asBoolean() && port != ports.telemetry()) {
                diagnose(
                        status,
                        "client_attach_stale",
                        agent.title() + " tells by telemetry to port " + port + ", and telemetry is "
                                + (gateway.path("telemetry")
                                                .path("http")
                                                .path("listening")
                                                .asBoolean()
                                        ? "received"
                                        : "to be received, and is not,")
                                + " at port " + ports.telemetry(),
                        List.of("hyp attach " + agent.name() + " --via telemetry"));
            } else {
                TelemetryStatus.of(gateway, agent.title(), agent.lastUsed(), Instant.now())
                        .ifPresent(finding ->
                                diagnose(status, "client_telemetry_stale", finding.message(), finding.repair()));
            }
            return;
        }
        if (!gateway.path("running").asBoolean()) {
            diagnose(
                    status,
                    "client_without_gateway",
                    agent.title() + " is attached, and the recorder does not run: it can make no call",
                    List.of("hyp up", "hyp detach " + agent.name()));
            return;
        }
        if (!gateway.path("address").asText().endsWith(":" + port)) {
            diagnose(
                    status,
                    "client_attach_stale",
                    agent.title() + " is attached to port " + port + ", and the recorder listens at "
                            + gateway.path("address").asText(),
                    List.of("hyp attach " + agent.name()));
        }
        captureGap(status, gateway, agent);
        overrides(status, agent, port);
    }

    /// Others who get what the agent tells only because we have it tell all.
    private static void leaks(ObjectNode status, Agent agent, int port) {
        List<String> leaks = agent.leaks(port);
        if (leaks.isEmpty()) {
            return;
        }
        diagnose(
                status,
                "client_telemetry_env_override",
                agent.title() + " is attached via telemetry, and tells others, too: " + String.join("; ", leaks),
                List.of(
                        "take it out there",
                        "or let its calls go through the recorder instead: hyp attach " + agent.name()));
    }

    private static void overrides(ObjectNode status, Agent agent, int port) {
        for (String override : agent.overrides(port, agent.isTelling())) {
            diagnose(status, "attached_with_loss", agent.title() + ": " + override, List.of());
        }
    }

    /// It has worked since any call of it came.
    private static void captureGap(ObjectNode status, JsonNode gateway, Agent agent) {
        long seen = agent.upstreams().stream()
                .mapToLong(name -> gateway.path("upstreams")
                        .path(name)
                        .path("last_call_ms")
                        .asLong())
                .max()
                .orElse(0);
        Instant since =
                Instant.ofEpochMilli(Math.max(seen, gateway.path("started_ms").asLong()));
        agent.lastUsed()
                .filter(used -> used.isAfter(since.plus(GAP))
                        && used.isAfter(Instant.now().minus(GAP_FORGOTTEN)))
                .ifPresent(used -> diagnose(
                        status,
                        "capture_gap",
                        agent.title() + " is attached and was at work at " + Results.time(used)
                                + ", and no call of it has come since " + Results.time(since)
                                + ": it was started before it was attached, or its calls go elsewhere",
                        List.of("hyp attach " + agent.name(), "start " + agent.title() + " anew")));
    }

    /// Addresses that shells give to what they start, and at which no one of ours listens.
    private static void shells(ObjectNode status, JsonNode gateway) {
        String address = gateway.path("address").asText();
        for (ShellScopes.Given given : ShellScopes.of(System.getenv())) {
            if (given.localPort().isPresent()
                    && !address.endsWith(":" + given.localPort().get())) {
                diagnose(
                        status,
                        "client_attach_stale",
                        given.where() + " sets " + given.name() + " to " + given.url() + ", and the recorder "
                                + (address.isEmpty() ? "does not run" : "listens at " + address)
                                + ": what takes its address from there can make no call",
                        List.of(
                                given.where().equals("this shell")
                                        ? "unset " + given.name()
                                        : "take it out of " + given.where()));
            }
        }
    }

    private static void diagnose(ObjectNode status, String kind, String message, List<String> repair) {
        Diagnoses.add(status, kind, ERRORS.contains(kind), message, repair);
    }

    static void print(PrintWriter out, JsonNode status) {
        for (JsonNode agent : status.path("client_attach")) {
            if (agent.path("attached").asBoolean()) {
                out.printf(
                        "agent     %s attached%s to port %s (%s)%n",
                        agent.path("name").asText(),
                        agent.path("via").asText().equals("telemetry") ? " via telemetry" : "",
                        agent.path("port").asText(),
                        agent.path("settings_path").asText());
            } else if (agent.path("configured").asBoolean()) {
                out.printf(
                        "agent     %s not attached, its calls are not recorded; to record them: hyp attach %s%n",
                        agent.path("name").asText(), agent.path("name").asText());
            }
        }
        diagnostics(out, status);
    }

    static void diagnostics(PrintWriter out, JsonNode status) {
        for (JsonNode diagnostic : status.path("diagnostics")) {
            out.printf(
                    "%-9s %s: %s%n",
                    diagnostic.path("severity").asText(),
                    diagnostic.path("kind").asText(),
                    diagnostic.path("message").asText());
            for (JsonNode repair : diagnostic.path("repair")) {
                out.println("          repair: " + repair.asText());
            }
        }
    }

    private AgentStatus() {}
}
