package io.hypaware.smoke;

/// A step of a flow that did not go as it should. The message says what was expected and what was found.
public final class SmokeFailure extends RuntimeException {
    private static final long serialVersionUID = 1L;

    SmokeFailure(String message) {
        super(message);
    }
}
