package io.hypaware.gateway;

import io.hypaware.journal.ExchangeEnd;
import io.vertx.core.http.HttpClientRequest;
import java.util.Optional;

/// Where a call is; read and changed on its event loop only. Each state's methods are the ways out of
/// it; beside them any state may end.
///
/// Connecting -> Sending -> Answering -> Closing -> Answered or Ended; Sending -> Connecting once more; whatever fails
/// before the client has a head -> Failing -> Ended. Sending -> Upgraded -> Ended for a WebSocket.
sealed interface CallState {

    /// No upstream takes the request yet.
    ///
    /// @param attempt 1, or 2 if a kept connection was dead
    record Connecting(int attempt) implements CallState {

        /// @param reused whether the connection was kept from an earlier call
        Sending sending(HttpClientRequest out, boolean reused) {
            return new Sending(attempt, out, reused, System.nanoTime());
        }
    }

    /// The request is on its way, and no answer has begun.
    record Sending(int attempt, HttpClientRequest out, boolean reused, long sinceNanos) implements CallState {

        /// A connection that was dead as the request was written says so within a round trip.
        private static final long STALE_NANOS = 500_000_000;

        /// Once more, if the provider let go of an idle connection as we took it. Later, it may have been at work.
        Optional<Connecting> again() {
            return reused && attempt == 1 && System.nanoTime() - sinceNanos < STALE_NANOS
                    ? Optional.of(new Connecting(2))
                    : Optional.empty();
        }

        Upgraded upgraded(Tunnel tunnel) {
            return new Upgraded(tunnel);
        }

        Answering answering(Flow answer) {
            return new Answering(attempt, out, answer);
        }
    }

    /// The answer passes; the request may, too.
    record Answering(int attempt, HttpClientRequest out, Flow answer) implements CallState {

        Closing closing() {
            return new Closing(out, answer);
        }
    }

    /// The provider has agreed to another protocol; the tunnel knows the rest.
    record Upgraded(Tunnel tunnel) implements CallState {}

    /// All of the answer is there and on its way to the client. What comes of the request goes nowhere.
    record Closing(HttpClientRequest out, Flow answer) implements CallState {

        Answered answered(ExchangeEnd end) {
            return new Answered(end, answer);
        }
    }

    /// The client has its answer, and has not ended its request.
    record Answered(ExchangeEnd end, Flow answer) implements CallState {}

    /// The client is to be told of a failure when its request has ended.
    record Failing(String closedBy, String message) implements CallState {}

    record Ended() implements CallState {}

    /// The request to the upstream, where there is one that can be taken back.
    default Optional<HttpClientRequest> toUpstream() {
        return switch (this) {
            case Sending sending -> Optional.of(sending.out);
            case Answering answering -> Optional.of(answering.out);
            case Closing closing -> Optional.of(closing.out);
            case Connecting _, Upgraded _, Answered _, Failing _, Ended _ -> Optional.empty();
        };
    }

    default Optional<Flow> answerFlow() {
        return switch (this) {
            case Answering answering -> Optional.of(answering.answer);
            case Closing closing -> Optional.of(closing.answer);
            case Answered answered -> Optional.of(answered.answer);
            case Connecting _, Sending _, Upgraded _, Failing _, Ended _ -> Optional.empty();
        };
    }

    default boolean isEnded() {
        return this instanceof Ended;
    }
}
