package io.hypaware.read;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/// One thing that happened in a session: a call, or a part that was said. Texts are empty where nothing is known.
public sealed interface SessionStep {

    String session();

    /// Which chain of calls it belongs to; empty for a call that brought nothing.
    String conversation();

    Instant at();

    Speaker speaker();

    /// Empty for what is known by a transcript alone.
    String exchangeId();

    /// What the answer was, or is part of.
    Answer answer();

    /// Who speaks.
    ///
    /// @param agent which of the session's agents, by name where it has one; empty for the session itself
    /// @param isAside whether it is not the session's own chain of calls
    /// @param sideCall the kind of a small call beside the conversation
    record Speaker(
            String provider, String client, String clientVersion, String agent, boolean isAside, String sideCall) {

        /// Whether it is one of the session's agents.
        public boolean isAgent() {
            return sideCall.isEmpty() && (isAside || !agent.isEmpty());
        }
    }

    /// @param tokens nothing where none were counted
    record Answer(String id, String model, String stopReason, Optional<SessionCall.Tokens> tokens) {}

    /// A call, before what it answered.
    ///
    /// @param model that was asked for; empty where only the answer says one
    /// @param key of the row that the answer begins with, the same whichever way it came; empty if there is none
    record Called(
            String session,
            String conversation,
            Instant at,
            Speaker speaker,
            String exchangeId,
            Answer answer,
            String key,
            String model,
            Duration duration,
            Optional<Duration> firstByte,
            Optional<Integer> status,
            String outcome,
            String closedBy,
            String error)
            implements SessionStep {

        public boolean isFailed() {
            return status.filter(code -> code < 400).isEmpty() || isCut();
        }

        /// Whether it broke off.
        public boolean isCut() {
            return outcome.endsWith("_cut") || outcome.endsWith("_aborted") || outcome.endsWith("_error");
        }
    }

    /// A part of a message.
    ///
    /// @param isAnswer whether it is of a call's answer
    /// @param text what was said, or what a call's arguments are; empty unless it was asked for
    record Said(
            String session,
            String conversation,
            Instant at,
            Speaker speaker,
            String exchangeId,
            Answer answer,
            String rowId,
            String messageId,
            String role,
            String type,
            String tool,
            String callId,
            String resultFor,
            boolean error,
            boolean summary,
            boolean isAnswer,
            String text)
            implements SessionStep {}
}
