package io.hypaware.gateway;

import java.util.function.Supplier;

/// What a request is for. Decided once, when its head is there; a new kind does not compile until [Gateway] handles it.
sealed interface Target {

    /// To be passed on to a provider, and recorded.
    ///
    /// @param path the request target to send: raw path and query
    record Forward(Upstream upstream, String path) implements Target {}

    /// To be answered here.
    record Local(String contentType, Supplier<String> body) implements Target {}

    /// A session's state is asked for, or changed, by somebody on this machine.
    record OfSession(OwnPaths.AskedOfSession asked) implements Target {}

    /// To be said back, as a provider would answer that only repeats.
    record Echo() implements Target {}

    /// @param wire in whose shape to say it
    record Refused(int status, Wire wire, String message) implements Target {}
}
