package io.hypaware.daemon;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.hypaware.config.GatewayConfig;
import io.hypaware.home.HypHome;
import io.hypaware.journal.Problem;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;

/// What is wrong, by the status: each with its kind, and the commands that mend it.
public final class Diagnoses {

    /// Below this, recording and maintenance soon fail.
    private static final long LITTLE_ROOM_BYTES = 1L << 30;

    /// More than what a worker projects within minutes.
    private static final long MANY_CALLS = 5_000;

    private static final long MANY_BYTES = 1L << 30;

    /// So many calls that do not reach a provider are no accident.
    private static final int FAILING = 3;

    private static final int CONNECT_MILLIS = 200;

    /// What went wrong before counts no more.
    private static final Duration LATELY = Duration.ofDays(1);

    private static final int NAMED_SECRETS = 5;

    private final ArrayNode found;

    private Diagnoses(ArrayNode found) {
        this.found = found;
    }

    /// Adds `diagnostics`, and `overall`: `degraded` if one of them is an error.
    public static void add(ObjectNode status, HypHome home, GatewayConfig config, Instant now) {
        Diagnoses diagnoses = new Diagnoses(status.withArray("diagnostics"));
        diagnoses.gateway(status.path("gateway"));
        diagnoses.upstreams(status.path("gateway"));
        diagnoses.telemetry(status.path("gateway").path("telemetry"));
        GatewayFiles files = new GatewayFiles(home);
        diagnoses.supervisor(status.path("gateway"), files);
        // A supervisor holds the port while it starts a gateway again.
        if (files.liveSupervisor().isEmpty()) {
            diagnoses.port(status.path("gateway"), config);
        }
        diagnoses.config(status.path("gateway"), home.configFile());
        diagnoses.privacy(status.path("privacy"));
        diagnoses.journal(status.path("journal"));
        diagnoses.lake(status);
        diagnoses.problems(status.path("problems"), now);
        diagnoses.secrets(status.path("secrets"));
        new LeavingDiagnoses(diagnoses::add).add(status.path("sinks"), status.path("team"));
        diagnoses.disk(home.root());
        judge(status);
    }

    /// Sets `overall` by the diagnostics that there are.
    public static void judge(ObjectNode status) {
        boolean degraded = status.path("diagnostics")
                .valueStream()
                .anyMatch(d -> d.path("severity").asText().equals("error"));
        status.put("overall", degraded ? "degraded" : "healthy");
    }

    /// Adds one.
    ///
    /// @param repair commands that mend it, the likeliest first
    public static void add(ObjectNode status, String kind, boolean isError, String message, List<String> repair) {
        new Diagnoses(status.withArray("diagnostics")).add(kind, isError, message, repair);
    }

    private void add(String kind, boolean isError, String message, List<String> repair) {
        ObjectNode diagnostic = found.addObject();
        diagnostic.put("severity", isError ? "error" : "warning");
        diagnostic.put("kind", kind);
        diagnostic.put("message", message);
        ArrayNode repairs = diagnostic.putArray("repair");
        repair.forEach(repairs::add);
    }

    private void privacy(JsonNode privacy) {
        if (privacy.has("error")) {
            add(
                    "privacy_list_unreadable",
                    true,
                    "what you have said of folders, agents and sessions cannot be read, so that all is recorded, and nothing"
                            + " leaves this machine: " + privacy.path("error").asText(),
                    List.of("hyp privacy list"));
        }
    }

    private void gateway(JsonNode gateway) {
        if (gateway.has("error")) {
            add("gateway_silent", true, gateway.path("error").asText(), List.of("hyp up"));
        }
        if (gateway.hasNonNull("journal_error")) {
            add(
                    "recording_failed",
                    true,
                    "calls pass, and none is recorded: "
                            + gateway.path("journal_error").asText(),
                    List.of("hyp cache check"));
        }
        if (!gateway.path("recording").asBoolean(true)) {
            add(
                    "recording_off",
                    false,
                    "\"enabled\" is false in the config: calls pass, and none is recorded",
                    List.of());
        }
        long dropped = gateway.path("dropped").asLong();
        if (dropped > 0) {
            add(
                    "capture_dropped",
                    false,
                    dropped + " of " + gateway.path("calls").asLong()
                            + " calls were not recorded whole since the recorder started: the disk did not keep up, or was full",
                    List.of("hyp daemon restart"));
        }
    }

    /// One that had a supervisor, and has none now.
    private void supervisor(JsonNode gateway, GatewayFiles files) {
        boolean was = Files.exists(files.supervisorFile());
        if (was
                && gateway.path("running").asBoolean()
                && gateway.has("supervised")
                && !gateway.path("supervised").asBoolean()) {
            add(
                    "gateway_unsupervised",
                    false,
                    "the recorder's supervisor has ended: nobody starts the recorder again, and it cannot be restarted",
                    List.of("hyp down, then hyp up"));
        }
    }

    /// Providers that the last calls did not reach.
    private void upstreams(JsonNode gateway) {
        for (var upstream : gateway.path("upstreams").properties()) {
            int failed = upstream.getValue().path("failed_in_a_row").asInt();
            if (failed >= FAILING) {
                add(
                        "upstream_failing",
                        true,
                        "the last " + failed + " calls did not reach " + upstream.getKey() + ": "
                                + upstream.getValue().path("error").asText("no reason is known"),
                        List.of("hyp exchange cuts", "look at base_url and upstream_proxy: hyp config show"));
            }
        }
    }

    /// What exporters send does not arrive, or is not kept.
    private void telemetry(JsonNode telemetry) {
        for (String endpoint : List.of("http", "grpc")) {
            String error = telemetry.path(endpoint).path("error").asText();
            // Where nobody asked for it, another receiver on these ports is what the user wants.
            if (!error.isEmpty() && telemetry.path("configured").asBoolean()) {
                add(
                        "telemetry_not_received",
                        false,
                        error,
                        List.of(
                                "end what holds it, and it is received by itself",
                                "or set another "
                                        + (endpoint.equals("http") ? "listen_port" : "grpc_port")
                                        + " of @hypaware/otel in the config; then hyp daemon restart"));
            }
        }
        long failed = telemetry.path("failed").asLong();
        if (failed > 0) {
            add(
                    "telemetry_refused",
                    false,
                    failed + " requests of exporters could not be written, and were asked to come again: "
                            + telemetry.path("last_refusal").asText(),
                    List.of("hyp query refresh"));
        }
    }

    /// Someone else listens where the recorder would.
    private void port(JsonNode gateway, GatewayConfig config) {
        if (gateway.path("running").asBoolean() || gateway.has("error") || config.port() == 0) {
            return;
        }
        try (Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress(config.host(), config.port()), CONNECT_MILLIS);
            add(
                    "port_in_use",
                    true,
                    "another program listens at " + config.host() + ":" + config.port() + ", where the recorder is to",
                    List.of("end it, or set another \"port\" in the config; then hyp up"));
        } catch (IOException e) {
            // It is free.
        }
    }

    /// What maintenance and projection wrote down lately.
    private void problems(JsonNode problems, Instant now) {
        int unread = 0;
        String example = "";
        for (JsonNode problem : problems) {
            if (Instant.parse(problem.path("at").asText()).isBefore(now.minus(LATELY))) {
                continue;
            }
            String place = problem.path("place").asText();
            String message = problem.path("message").asText();
            if (place.startsWith(Problem.MAINTENANCE)) {
                boolean cursor = message.contains("cursor.json");
                add(
                        cursor ? "cursor_unreadable" : "maintenance_failing",
                        cursor,
                        place + ": " + message,
                        List.of(cursor ? "hyp cache check" : "hyp query maintain"));
            } else if (place.startsWith(Problem.EXCHANGE)) {
                unread++;
                example = example.isEmpty() ? place.substring(Problem.EXCHANGE.length()) + ": " + message : example;
            }
        }
        if (unread > 0) {
            add(
                    "unreadable_bodies",
                    false,
                    unread + " of the last calls could not be read whole; their bytes are kept. The last: " + example,
                    List.of("hyp exchange show " + example.replaceFirst(":.*", "")));
        }
    }

    /// Secrets that went to a provider, by what tells them from others.
    private void secrets(JsonNode secrets) {
        if (secrets.size() > NAMED_SECRETS) {
            add(
                    "secret_sent",
                    false,
                    "more than " + NAMED_SECRETS + " things that look like secrets were said; these are the last ones",
                    List.of("hyp privacy scan"));
        }
        for (JsonNode secret : secrets.valueStream().limit(NAMED_SECRETS).toList()) {
            String fingerprint = secret.path("fingerprint").asText();
            add(
                    "secret_sent",
                    false,
                    "what looks like a secret (%s, fingerprint %s) was said in session %s"
                            .formatted(
                                    secret.path("rule").asText(),
                                    fingerprint,
                                    secret.path("session").asText()),
                    List.of(
                            "hyp privacy scan",
                            "rotate it at whoever gave it out, then: hyp privacy scan --accept " + fingerprint));
        }
    }

    /// The gateway reads its config when it starts.
    private void config(JsonNode gateway, Path file) {
        if (gateway.path("running").asBoolean() && isOtherConfig(gateway, file)) {
            add(
                    "config_changed",
                    false,
                    file + " was changed since the recorder started, which goes on with what it read then",
                    List.of("hyp daemon restart"));
        }
    }

    /// Whether a gateway has read another config than the file is by now.
    static boolean isOtherConfig(JsonNode gateway, Path file) {
        JsonNode read = gateway.path("config_modified_ms");
        return read.isNumber() && read.asLong() != file.toFile().lastModified();
    }

    private void journal(JsonNode journal) {
        if (journal.has("error")) {
            add("journal_unreadable", true, journal.path("error").asText(), List.of("hyp cache check"));
        }
        if (journal.path("purges_open").asLong() > 0) {
            add(
                    "purge_unfinished",
                    false,
                    journal.path("purges_open").asLong()
                            + " purges are ordered and not done: something of them is still on the disk",
                    List.of("hyp privacy purge --continue"));
        }
        if (journal.path("failed").asLong() > 0) {
            add(
                    "exchange_set_aside",
                    true,
                    journal.path("failed").asLong() + " calls could not be projected; their bytes are kept",
                    List.of("hyp query refresh --retry"));
        }
        if (journal.path("telemetry_failed").asLong() > 0) {
            add(
                    "telemetry_set_aside",
                    false,
                    journal.path("telemetry_failed").asLong()
                            + " of exporters' requests could not be projected; their bytes are kept",
                    List.of("hyp query refresh --retry"));
        }
        boolean behind = journal.path("pending").asLong() > MANY_CALLS
                || journal.path("pending_bytes").asLong() > MANY_BYTES;
        if (behind) {
            add(
                    "journal_behind",
                    false,
                    journal.path("pending").asLong() + " calls wait to be projected",
                    List.of("hyp query refresh"));
        }
    }

    private void lake(JsonNode status) {
        if (status.path("datasets").has("error")) {
            add(
                    "catalog_unreadable",
                    true,
                    status.path("datasets").path("error").asText(),
                    List.of("hyp cache check --repair"));
        }
        for (JsonNode place : status.path("set_aside")) {
            add(
                    "partition_set_aside",
                    true,
                    place.asText() + ": several workers died at it, and maintenance passes it by",
                    List.of("hyp query maintain --force"));
        }
    }

    private void disk(Path home) {
        try {
            Path there = home;
            while (!Files.exists(there) && there.getParent() != null) {
                there = there.getParent();
            }
            long left = Files.getFileStore(there).getUsableSpace();
            if (left < LITTLE_ROOM_BYTES) {
                add(
                        "disk_low",
                        left < LITTLE_ROOM_BYTES / 10,
                        left / (1 << 20) + " MB are left on the disk of " + home,
                        List.of("hyp query maintain"));
            }
        } catch (IOException e) {
            add(
                    "disk_unknown",
                    false,
                    "the room on the disk of " + home + " cannot be asked: " + e.getMessage(),
                    List.of());
        }
    }
}
