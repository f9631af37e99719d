package io.hypaware.sink;

/// Places in a sink's run at which its process may die.
public enum SinkStep {
    /// The run is written down as one that failed, should it die.
    BEGUN,
    /// What is to leave is read, and no query is open any more.
    READ,
    /// The receiver has taken some of it, which is not written down.
    DELIVERED,
    /// It is written down.
    WRITTEN_DOWN,
    /// Sessions are done with.
    LOOKED,
    /// All sessions are.
    PASSED,
    /// The run is written down as one that succeeded.
    DONE
}
