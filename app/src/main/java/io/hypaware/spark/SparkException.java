package io.hypaware.spark;

import java.io.IOException;

/// Spark could not be had, or did not do what it was asked.
public final class SparkException extends IOException {

    private static final long serialVersionUID = 1;

    public SparkException(String message) {
        super(message);
    }

    SparkException(String message, Throwable cause) {
        super(message, cause);
    }
}
