package io.hypaware.journal;

/// Where the gateway leaves what passed.
public interface Recorder {

    /// Begins the recording of one exchange; returns at once.
    Recording begin(ExchangeStart start);
}
