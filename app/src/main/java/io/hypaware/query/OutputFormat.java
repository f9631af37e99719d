package io.hypaware.query;

/// How a result is written.
public enum OutputFormat {
    TABLE,
    JSON,
    JSONL,
    CSV,
    MARKDOWN
}
