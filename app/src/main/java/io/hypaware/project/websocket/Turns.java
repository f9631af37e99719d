package io.hypaware.project.websocket;

import java.util.Optional;

/// Which messages of a connection are calls, by a provider's protocol.
public interface Turns {

    /// Whether a message of the client is a call.
    boolean begins(byte[] message);

    /// Whether a message of the provider is the first of an answer.
    boolean opens(byte[] message);

    /// Whether a message of the provider is the last of an answer.
    boolean ends(byte[] message);

    /// The status that the last message of an answer says it ends with, as an HTTP answer would have it.
    Optional<Integer> status(byte[] message);
}
