package io.hypaware.project.message;

import com.fasterxml.jackson.databind.JsonNode;
import io.hypaware.project.WorkingFolder;
import java.util.Optional;

/// Who makes a call, as far as its wire says.
///
/// @param agent one of the session's agents, if the session itself does not speak
/// @param sideCall what kind of small call beside the conversation this is
/// @param replaced whether the call's history stands in place of a longer one
/// @param attributes what else is known, for the `attributes` of the answer's first part
public record Speaker(
        Optional<String> session,
        Optional<String> user,
        Optional<String> agent,
        Optional<String> sideCall,
        WorkingFolder folder,
        boolean replaced,
        JsonNode attributes) {

    /// Under this name `attributes` say for what a client asks, where it tells.
    public static final String QUERY_SOURCE = "query_source";

    /// Whether an agent speaks that nobody names.
    public boolean isSomeAgent() {
        return agent.isEmpty() && attributes.path(QUERY_SOURCE).asText("").startsWith("agent:");
    }
}
