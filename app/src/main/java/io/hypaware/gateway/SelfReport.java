package io.hypaware.gateway;

/// What a gateway answers about itself. Called on event loops: it must not wait.
@FunctionalInterface
public interface SelfReport {

    /// All of it, as JSON.
    String status();

    /// One line for people at work.
    ///
    /// @param session in which they are; empty if that is not known
    default String line(String session) {
        return "";
    }
}
