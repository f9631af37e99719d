package io.hypaware.journal;

import static java.util.Objects.requireNonNull;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/// What a client that reports its own calls says of one of them. It names no call: which events are of one,
/// whoever reads them finds out.
///
/// @param rowId of the log record that it came as
/// @param speaker whose call it is
/// @param sequence the client's count of its events, within one process
/// @param body the file in which the body stands, or what came of it in the event
public record CallEvent(String rowId, Kind kind, Speaker speaker, Instant at, long sequence, Body body, Told told) {

    /// What happened.
    public enum Kind {
        /// A request is sent; its body.
        REQUEST,
        /// An answer is there whole; its body.
        RESPONSE,
        /// The same, with what it took.
        ANSWERED,
        /// The client gives up on a call.
        FAILED
    }

    /// Who makes calls one after the other.
    ///
    /// @param prompt the client's id of what its user said last
    /// @param source for what the client asks: the conversation, an agent, a side call
    public record Speaker(String session, String prompt, String source) {}

    /// Where a body is.
    ///
    /// @param file a name within the spool; empty if the event has the body itself, or there is none
    /// @param inline what of it came in the event
    /// @param length how long the client says that it is
    public record Body(String file, byte[] inline, long length) {
        public static final Body NONE = new Body("", new byte[0], 0);
    }

    /// What else is known of the call.
    ///
    /// @param duration of the last attempt
    /// @param clientVersion of the program that reports
    public record Told(
            Optional<String> requestId,
            Optional<Duration> duration,
            Optional<Integer> status,
            Optional<String> error,
            Optional<String> clientVersion) {
        public static final Told NOTHING =
                new Told(Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty());

        /// The same, with the provider's name of its answer.
        public Told withRequestId(Optional<String> id) {
            return new Told(id, duration, status, error, clientVersion);
        }
    }

    public CallEvent {
        requireNonNull(rowId, "rowId is null");
        requireNonNull(kind, "kind is null");
    }
}
