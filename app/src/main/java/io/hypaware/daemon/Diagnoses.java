package io.hypaware.daemon;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.hypaware.home.HypHome;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/// What is wrong, by the status: each with its kind, and the commands that mend it.
public final class Diagnoses {

    /// Below this, recording and maintenance soon fail.
    private static final long LITTLE_ROOM_BYTES = 1L << 30;

    /// More than what a worker projects within minutes.
    private static final long MANY_CALLS = 5_000;

    private static final long MANY_BYTES = 1L << 30;

    private final ArrayNode found;

    private Diagnoses(ArrayNode found) {
        this.found = found;
    }

    /// Adds `diagnostics`, and `overall`: `degraded` if one of them is an error.
    public static void add(ObjectNode status, HypHome home) {
        Diagnoses diagnoses = new Diagnoses(status.withArray("diagnostics"));
        diagnoses.gateway(status.path("gateway"));
        diagnoses.config(status.path("gateway"), home.configFile());
        diagnoses.journal(status.path("journal"));
        diagnoses.lake(status);
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
        if (journal.path("failed").asLong() > 0) {
            add(
                    "exchange_set_aside",
                    true,
                    journal.path("failed").asLong() + " calls could not be projected; their bytes are kept",
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
