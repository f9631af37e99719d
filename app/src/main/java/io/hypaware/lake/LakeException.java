package io.hypaware.lake;

/// The lake cannot be used as it is; the message names what, where and the way out.
public final class LakeException extends RuntimeException {

    private static final long serialVersionUID = 1;

    public LakeException(String message) {
        super(message);
    }

    public LakeException(String message, Throwable cause) {
        super(message, cause);
    }
}
