package io.hypaware.daemon;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;

/// What is wrong with what leaves this machine: sinks, and the team's lake.
///
/// @param found gets them
record LeavingDiagnoses(Found found) {

    /// Gets what is wrong, as [Diagnoses#add] takes it.
    interface Found {
        void add(String kind, boolean isError, String message, List<String> repair);
    }

    void add(JsonNode sinks, JsonNode team) {
        sinks(sinks);
        team(team);
    }

    private void sinks(JsonNode sinks) {
        for (JsonNode sink : sinks) {
            String name = sink.path("instance").asText();
            if (sink.has("error")) {
                found.add(
                        "sink_failing",
                        true,
                        "sink " + name + " sends nothing, and goes on where it stopped: "
                                + sink.path("error").asText(),
                        List.of("hyp sink force " + name));
            }
            long refused = sink.path("refused_lately").asLong();
            if (refused > 0) {
                String why = sink.path("refusal").asText();
                found.add(
                        "sink_refused",
                        false,
                        "of what sink " + name + " sent, " + refused
                                + " pieces were refused since all of a run were taken, and are not sent by it again"
                                + (why.isEmpty() ? "" : "; the last because of: " + why)
                                + ". This goes with the next run of which all are taken, or with one that you ask for",
                        List.of("hyp sink force " + name));
            }
        }
    }

    private void team(JsonNode team) {
        String lake = "the team's lake " + team.path("catalog").asText();
        if (team.has("error")) {
            found.add(
                    "team_lake_failing",
                    true,
                    lake + " gets nothing; what is recorded waits, and goes on where it stopped: "
                            + team.path("error").asText(),
                    List.of("hyp sync"));
        }
        if (team.has("catalog") && !team.has("agreed_at")) {
            found.add(
                    "team_lake_waits",
                    false,
                    "nothing goes to " + lake + " until you have seen what would leave, and agreed",
                    List.of("hyp sync --plan", "hyp sync"));
        }
    }
}
