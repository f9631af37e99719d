package io.hypaware.maintain;

/// The points of a projection between which a crash must lose and double nothing, in their order; all but the last
/// come again for each exchange.
public enum SettleStep {
    /// Some elements of bodies that are too large for one transaction are stored.
    ELEMENTS_STORED,
    BODIES_KEPT,
    PROJECTED,
    FRAMES_DELETED
}
