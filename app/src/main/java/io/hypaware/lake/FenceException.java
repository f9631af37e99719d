package io.hypaware.lake;

/// Payloads were forgotten since they were counted on: rows that may refer to them were not committed.
public final class FenceException extends RuntimeException {

    private static final long serialVersionUID = 1;

    FenceException(String table) {
        super("payloads of the team's lake were forgotten while rows went to " + table);
    }
}
