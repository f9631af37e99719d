package io.hypaware.privacy;

import java.io.IOException;

/// The list of what the user has said cannot be read.
public final class PrivacyListException extends IOException {

    private static final long serialVersionUID = 1;

    PrivacyListException(String message) {
        super(message);
    }

    PrivacyListException(String message, Throwable cause) {
        super(message, cause);
    }
}
