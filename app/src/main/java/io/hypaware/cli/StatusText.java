package io.hypaware.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.PrintWriter;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/// The status as lines for people.
final class StatusText {

    private static final int MOST_NAME = 80;
    private static final int MOST_LINE = 160;

    static void journalAndDatasets(PrintWriter out, JsonNode status) {
        for (JsonNode warning : status.path("warnings")) {
            out.println("config    " + warning.asText());
        }
        journal(out, status.path("journal"));
        privacy(out, status.path("privacy"));
        datasets(out, status.path("datasets"));
        status.path("sinks").forEach(sink -> sink(out, sink));
        team(out, status.path("team"));
        status.path("limits").forEach(limit -> limit(out, limit));
        for (JsonNode place : status.path("set_aside")) {
            out.println("set aside " + place.asText()
                    + ": several workers died at it; hyp query maintain --force tries again");
        }
        for (JsonNode problem : status.path("problems")) {
            out.printf(
                    "problem   %s  %s: %s%n",
                    problem.path("at").asText(),
                    problem.path("place").asText(),
                    problem.path("message").asText());
        }
    }

    /// One of this version; of others the config's warnings tell. Errors are among what is wrong.
    private static void sink(PrintWriter out, JsonNode sink) {
        if (!sink.has("to")) {
            return;
        }
        out.printf(
                "sink      %s  to %s  sent %,d%s, last success %s%s%n",
                sink.path("instance").asText(),
                sink.path("to").asText(),
                sink.path("sent").asLong(),
                sink.path("refused").asLong() > 0
                        ? ", refused %,d".formatted(sink.path("refused").asLong())
                        : "",
                lastSuccess(sink),
                failing(sink));
    }

    private static void team(PrintWriter out, JsonNode team) {
        if (!team.has("catalog")) {
            return;
        }
        out.printf(
                "team      %s  sent %,d rows, last success %s%s%s%n",
                team.path("catalog").asText(),
                team.path("sent").asLong(),
                lastSuccess(team),
                failing(team),
                team.has("agreed_at") ? "" : ", not agreed to");
    }

    private static String lastSuccess(JsonNode sink) {
        return sink.has("last_success_at")
                ? Results.time(Instant.parse(sink.path("last_success_at").asText())) + " UTC"
                : "never";
    }

    private static String failing(JsonNode sink) {
        return sink.has("failures")
                ? ", failing (%d in a row)".formatted(sink.path("failures").asLong())
                : "";
    }

    static void gateway(PrintWriter out, JsonNode gateway) {
        if (!gateway.path("running").asBoolean()) {
            out.println("gateway   "
                    + (gateway.has("error") ? gateway.path("error").asText() : "not running; start it with: hyp up"));
            return;
        }
        out.printf(
                "gateway   %s  pid %d  up %s  open calls %d%s%n",
                gateway.path("address").asText(),
                gateway.path("pid").asLong(),
                uptime(gateway.path("uptime_seconds").asLong()),
                gateway.path("open_calls").asLong(),
                gateway.path("recording").asBoolean(true) ? "" : "  recording is switched off");
        long dropped = gateway.path("dropped").asLong();
        if (dropped > 0) {
            out.printf(
                    "          %d of %s not recorded whole (%s lost)%n",
                    dropped,
                    Results.count(gateway.path("calls").asLong(), "call"),
                    size(gateway.path("dropped_bytes").asLong()));
        }
        long refused = gateway.path("refused").asLong();
        if (refused > 0) {
            out.printf("          %d requests or connections were refused%n", refused);
        }
        if (gateway.hasNonNull("journal_error")) {
            out.println("          " + gateway.path("journal_error").asText());
        }
        telemetry(out, gateway.path("telemetry"));
    }

    /// Nothing, where telemetry is not to be received.
    private static void telemetry(PrintWriter out, JsonNode telemetry) {
        if (telemetry.isMissingNode()) {
            return;
        }
        out.println("telemetry " + endpoint("http", telemetry.path("http")) + "  "
                + endpoint("grpc", telemetry.path("grpc")));
        for (var signal : telemetry.path("signals").properties()) {
            JsonNode received = signal.getValue();
            out.printf(
                    "          %-7s  %s (%s), the last at %s UTC%n",
                    signal.getKey(),
                    Results.count(received.path("requests").asLong(), "request"),
                    size(received.path("bytes").asLong()),
                    Results.time(Instant.ofEpochMilli(
                            received.path("last_received_ms").asLong())));
        }
        long refused =
                telemetry.path("refused").asLong() + telemetry.path("failed").asLong();
        if (refused > 0) {
            out.printf(
                    "          %,d refused, the last: %s%n",
                    refused, Results.line(telemetry.path("last_refusal").asText(), MOST_LINE));
        }
    }

    private static String endpoint(String protocol, JsonNode endpoint) {
        return endpoint.path("listening").asBoolean()
                ? protocol + " " + endpoint.path("host").asText() + ":"
                        + endpoint.path("port").asText()
                : protocol + " not received: "
                        + Results.line(endpoint.path("error").asText("it is about to listen"), MOST_LINE);
    }

    /// Nothing, where nothing is set.
    private static void privacy(PrintWriter out, JsonNode privacy) {
        long marks = privacy.path("marks").asLong();
        long sessions = privacy.path("ignored_sessions").asLong();
        if (marks > 0 || sessions > 0) {
            out.printf("privacy   marks %,d  sessions not recorded %,d: hyp privacy list%n", marks, sessions);
        }
    }

    private static void journal(PrintWriter out, JsonNode journal) {
        if (journal.has("error") || journal.has("state")) {
            out.println("journal   "
                    + journal.path("error").asText(journal.path("state").asText()));
            return;
        }
        out.printf(
                "journal   open %d  pending %d (%s)  dropped %d  failed %d%n",
                journal.path("open").asLong(),
                journal.path("pending").asLong(),
                size(journal.path("pending_bytes").asLong()),
                journal.path("dropped").asLong(),
                journal.path("failed").asLong());
        long pending = journal.path("telemetry_pending").asLong();
        long failed = journal.path("telemetry_failed").asLong();
        if (pending > 0 || failed > 0) {
            out.printf(
                    "          telemetry: %s pending (%s), %,d set aside%n",
                    Results.count(pending, "request"),
                    size(journal.path("telemetry_pending_bytes").asLong()),
                    failed);
        }
    }

    /// Those that have rows, one below the other, and how many have none.
    private static void datasets(PrintWriter out, JsonNode datasets) {
        List<String[]> rows = new ArrayList<>();
        int empty = 0;
        for (var entry : datasets.properties()) {
            JsonNode dataset = entry.getValue();
            if (!dataset.isObject()) {
                out.println("datasets  " + dataset.asText());
            } else if (dataset.path("rows_hot").asLong()
                            + dataset.path("rows_lake").asLong()
                    == 0) {
                empty++;
            } else {
                rows.add(new String[] {
                    entry.getKey(),
                    "%,d".formatted(dataset.path("rows_hot").asLong()),
                    "hot (%s)".formatted(size(dataset.path("bytes_hot").asLong())),
                    "%,d".formatted(dataset.path("rows_lake").asLong()),
                    "in the lake (%s, %s)"
                            .formatted(
                                    size(dataset.path("bytes_lake").asLong()),
                                    Results.count(dataset.path("files").asLong(), "file"))
                });
            }
        }
        String format = "dataset   %%-%ds  %%%ds %%-%ds  %%%ds %%s%%n"
                .formatted(widest(rows, 0), widest(rows, 1), widest(rows, 2), widest(rows, 3));
        rows.forEach(row -> out.printf(format, (Object[]) row));
        if (empty > 0) {
            out.printf("dataset   %d %swithout rows%n", empty, rows.isEmpty() ? "" : "more ");
        }
    }

    private static int widest(List<String[]> rows, int column) {
        return rows.stream().mapToInt(row -> row[column].length()).max().orElse(1);
    }

    private static void limit(PrintWriter out, JsonNode limit) {
        List<String> says = new ArrayList<>();
        if (limit.has("used")) {
            says.add(
                    String.format(Locale.ROOT, "%.0f%% used", limit.path("used").asDouble() * 100));
        }
        if (limit.has("remaining")) {
            says.add(String.format(
                            Locale.ROOT, "%,.0f left", limit.path("remaining").asDouble())
                    + (limit.has("most")
                            ? String.format(
                                    Locale.ROOT, " of %,.0f", limit.path("most").asDouble())
                            : ""));
        }
        if (limit.has("status")) {
            says.add(Results.line(limit.path("status").asText(), MOST_NAME));
        }
        if (limit.has("reset_at")) {
            says.add("resets " + time(limit.path("reset_at")));
        }
        long window = limit.path("window_minutes").asLong();
        out.printf(
                "limit     %-20s  %s (said %s UTC)%n",
                Results.line(
                                limit.path("upstream").asText() + " "
                                        + limit.path("name").asText(),
                                MOST_NAME)
                        + (window > 0 ? ", " + window(window) : ""),
                String.join(", ", says),
                time(limit.path("said_at")));
    }

    private static String time(JsonNode instant) {
        return Results.time(Instant.parse(instant.asText()));
    }

    private static String window(long minutes) {
        return minutes % 1_440 == 0
                ? minutes / 1_440 + " d"
                : minutes % 60 == 0 ? minutes / 60 + " h" : minutes + " min";
    }

    private static String uptime(long seconds) {
        return seconds < 60 ? seconds + " s" : seconds < 7200 ? seconds / 60 + " min" : seconds / 3600 + " h";
    }

    static String size(long bytes) {
        if (bytes < 1_000) {
            return bytes + " B";
        }
        double value = bytes;
        String[] units = {"B", "KB", "MB", "GB", "TB"};
        int unit = 0;
        while (value >= 1_000 && unit < units.length - 1) {
            value /= 1_000;
            unit++;
        }
        return String.format(Locale.ROOT, "%.1f %s", value, units[unit]);
    }

    private StatusText() {}
}
