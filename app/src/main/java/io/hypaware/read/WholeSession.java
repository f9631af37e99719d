package io.hypaware.read;

import java.util.List;
import java.util.Optional;

/// All of a session but its texts, as it was at one moment.
///
/// @param entry as the list of sessions has it
/// @param fork of which session it is one
/// @param calls in the order in which they were made
public record WholeSession(
        SessionList.Entry entry,
        Sessions.Origin origin,
        Optional<Sessions.Fork> fork,
        List<Sessions.ToolUse> tools,
        SessionOutline outline,
        List<SessionCall> calls) {

    public WholeSession {
        tools = List.copyOf(tools);
        calls = List.copyOf(calls);
    }

    /// What grows with each part and each call.
    public long size() {
        return (long) outline.parts() + calls.size();
    }
}
