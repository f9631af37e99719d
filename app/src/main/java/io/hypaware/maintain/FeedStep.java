package io.hypaware.maintain;

/// Where feeding the search index may die; tests do so.
public enum FeedStep {
    /// Parts were added, and do not count yet.
    ADDED,
    /// They count.
    COMMITTED
}
