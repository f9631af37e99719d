package io.hypaware.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.hypaware.client.Agent;
import io.hypaware.client.ClientException;
import io.hypaware.daemon.Diagnoses;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/// The agents of this machine in the status: which are attached, and what is wrong with that, with the command that
/// mends it.
final class AgentStatus {

    /// Adds `client_attach` and what is wrong to `diagnostics`.
    ///
    /// @param status with the gateway's part in it
    static void add(ObjectNode status) {
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
            port.ifPresent(_ -> clients.add(agent.name()));
            port.ifPresent(number -> check(status, gateway, agent, number));
        }
    }

    private static void check(ObjectNode status, JsonNode gateway, Agent agent, int port) {
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
        for (String override : agent.overrides()) {
            diagnose(status, "attached_with_loss", agent.title() + ": " + override, List.of());
        }
    }

    private static void diagnose(ObjectNode status, String kind, String message, List<String> repair) {
        boolean isError = kind.equals("client_without_gateway") || kind.equals("client_attach_stale");
        Diagnoses.add(status, kind, isError, message, repair);
    }

    static void print(PrintWriter out, JsonNode status) {
        for (JsonNode agent : status.path("client_attach")) {
            if (agent.path("attached").asBoolean()) {
                out.printf(
                        "agent     %s attached to port %s (%s)%n",
                        agent.path("name").asText(),
                        agent.path("port").asText(),
                        agent.path("settings_path").asText());
            } else if (agent.path("configured").asBoolean()) {
                out.printf(
                        "agent     %s not attached; its calls are recorded after: hyp attach %s%n",
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
