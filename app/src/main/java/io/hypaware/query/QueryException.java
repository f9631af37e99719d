package io.hypaware.query;

import org.jspecify.annotations.Nullable;

/// A query that cannot be answered; the message says why and what to do instead.
public final class QueryException extends Exception {

    private static final long serialVersionUID = 1;

    public QueryException(String message) {
        super(message);
    }

    QueryException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
