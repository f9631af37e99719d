package io.hypaware.sink.team;

/// Places at which a process that forwards may die, in the order in which a batch comes to them.
public enum ForwardStep {
    /// The batch is written down.
    INTENDED,
    /// It is read which payloads are forgotten, and said so.
    FORGOTTEN,
    /// Its rows are read.
    READ,
    /// Which payloads go is written down.
    PAYLOADS_INTENDED,
    /// The attempt is written down, with what is left out of it.
    NAMED,
    /// Its files are in the warehouse.
    UPLOADED,
    /// The team's table has them.
    COMMITTED,
    /// That is written down.
    DONE
}
