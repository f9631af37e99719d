package io.hypaware.project;

/// Takes large values that rows only refer to.
@FunctionalInterface
public interface PayloadSink {

    /// Keeps the bytes, once; returns their SHA-256 in hex.
    String keep(byte[] bytes);
}
