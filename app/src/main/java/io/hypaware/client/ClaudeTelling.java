package io.hypaware.client;

import io.hypaware.client.ClaudeScopes.Setting;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/// Where that goes which Claude Code tells of a session, by the environment that it has. Once it is told to tell
/// prompts and commands, each collector that it knows gets them.
///
/// @param environment of a session
/// @param port where this machine receives
record ClaudeTelling(Map<String, Setting> environment, int port) {

    private static final String LOGS_EXPORTER = "OTEL_LOGS_EXPORTER";
    private static final String LOGS_ENDPOINT = "OTEL_EXPORTER_OTLP_LOGS_ENDPOINT";
    private static final String ENDPOINT = "OTEL_EXPORTER_OTLP_ENDPOINT";
    private static final String PROTOCOL = "OTEL_EXPORTER_OTLP_PROTOCOL";
    private static final String TRACES_EXPORTER = "OTEL_TRACES_EXPORTER";
    private static final String TRACES_ENDPOINT = "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT";
    private static final String DETAILED_ENDPOINT = "BETA_TRACING_ENDPOINT";

    /// Without one of these on, it makes no spans.
    private static final List<String> TRACES =
            List.of("CLAUDE_CODE_ENHANCED_TELEMETRY_BETA", "ENABLE_ENHANCED_TELEMETRY_BETA");

    private static final String DETAILED = "ENABLE_BETA_TRACING_DETAILED";

    /// What has to be as we put it, or something is not told.
    private static final List<String> NEEDED = List.of(
            "CLAUDE_CODE_ENABLE_TELEMETRY",
            LOGS_EXPORTER,
            "OTEL_LOG_USER_PROMPTS",
            "OTEL_LOG_TOOL_DETAILS",
            "OTEL_LOG_RAW_API_BODIES");

    private static final String LOGS_PROTOCOL = "OTEL_EXPORTER_OTLP_LOGS_PROTOCOL";
    private static final int SHOWN_CHARACTERS = 200;

    /// Collectors that get prompts and commands and are not ours.
    List<String> leaks() {
        List<String> found = new ArrayList<>();
        if (isOtlp(LOGS_EXPORTER)) {
            elsewhere(found, LOGS_ENDPOINT, ENDPOINT);
        }
        if (isOtlp(TRACES_EXPORTER) && TRACES.stream().anyMatch(this::isOn)) {
            elsewhere(found, TRACES_ENDPOINT, ENDPOINT);
        }
        if (isOn(DETAILED)) {
            elsewhere(found, DETAILED_ENDPOINT);
        }
        return found;
    }

    /// @param names of addresses; the first that is there counts
    private void elsewhere(List<String> found, String... names) {
        Arrays.stream(names)
                .filter(name -> !value(name).isEmpty())
                .findFirst()
                .filter(name -> !Address.localPort(value(name)).equals(Optional.of(port)))
                .ifPresent(name -> found.add(what(name) + ": prompts and commands go there"));
    }

    /// What keeps it from telling all, or from being heard.
    List<String> losses() {
        List<String> found = new ArrayList<>();
        for (String name : NEEDED) {
            Optional.ofNullable(environment.get(name))
                    .filter(Setting::isStronger)
                    .ifPresent(_ -> found.add(what(name)
                            + ", which wins: what is said may not be recorded, or not whole. Take it out there"));
        }
        String protocol = value(LOGS_PROTOCOL).isEmpty() ? PROTOCOL : LOGS_PROTOCOL;
        if (!value(protocol).isEmpty() && !value(protocol).startsWith("http/")) {
            found.add(what(protocol) + ", in which nothing is received at port " + port + ". Take it out there");
        }
        return found;
    }

    /// What counts no more once our variables are in the user's settings.
    ///
    /// @param before without ours
    static List<String> replaced(Map<String, Setting> before, Map<String, String> ours) {
        ClaudeTelling was = new ClaudeTelling(before, 0);
        List<String> notes = new ArrayList<>();
        new TreeMap<>(ours).forEach((name, value) -> {
            if (!was.value(name).isEmpty() && !was.value(name).equals(value)) {
                notes.add(was.what(name) + ", and while attached it is " + value + "; hyp detach gives back what was");
            }
        });
        if (!was.value(ENDPOINT).isEmpty()) {
            notes.add(was.what(ENDPOINT) + ", and gets no events and metrics of Claude Code while attached");
        }
        if (!was.value(TRACES_EXPORTER).isEmpty()
                && was.value("OTEL_EXPORTER_OTLP_TRACES_PROTOCOL").isEmpty()
                && !was.value(PROTOCOL).equals(ours.get(PROTOCOL))) {
            notes.add(PROTOCOL + " counts for traces, too, which are sent by " + ours.get(PROTOCOL)
                    + " while attached; OTEL_EXPORTER_OTLP_TRACES_PROTOCOL says otherwise");
        }
        return notes;
    }

    private boolean isOtlp(String exporters) {
        return Arrays.stream(value(exporters).split(",", -1))
                .anyMatch(exporter -> exporter.strip().equals("otlp"));
    }

    private boolean isOn(String name) {
        return ClaudeCode.isOn(value(name));
    }

    private String value(String name) {
        Setting setting = environment.get(name);
        return setting == null ? "" : setting.value().strip();
    }

    /// A sentence's beginning. What stands before the host of an address is a password.
    private String what(String name) {
        String shown = value(name).replaceFirst("//[^/@]*@", "//");
        return name + " is "
                + shown.substring(0, Math.min(shown.length(), SHOWN_CHARACTERS)) + " in "
                + environment.getOrDefault(name, new Setting("", "", false)).where();
    }
}
