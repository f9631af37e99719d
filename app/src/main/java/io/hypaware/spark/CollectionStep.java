package io.hypaware.spark;

/// Places at which a collection of a team's payloads may die, in the order in which it comes to them.
enum CollectionStep {
    /// Tables take rows only of who has read what earlier collections have forgotten.
    RAISED,
    /// A part of what is to be dropped is.
    DROPPED,
    /// What is done with is off the list.
    UNLISTED,
    /// More is on the list.
    FORGOTTEN,
    /// Tables take rows only of who has read that, too.
    RAISED_AGAIN
}
