package io.hypaware.store;

import java.io.IOException;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Supplier;

/// A destination could not do what was asked of it. Nothing of it can be seen half done.
public final class StoreException extends IOException {

    private static final long serialVersionUID = 1L;

    /// What is wrong. The name of a kind is part of the message, and of what is logged.
    public enum Kind {
        /// The folder cannot be made or used.
        LOCAL_FOLDER_UNUSABLE(true),
        /// There is no room on the disk.
        LOCAL_DISK_FULL(false),
        LOCAL_PUT_FAILED(false),
        /// The settings cannot be right, whatever the answer.
        S3_CONFIG_INVALID(true),
        S3_CREDENTIALS_MISSING(true),
        S3_ACCESS_DENIED(true),
        S3_BUCKET_MISSING(true),
        S3_REGION_MISMATCH(true),
        /// It wants to be asked less often.
        S3_THROTTLED(false),
        S3_PUT_FAILED(false),
        /// Nothing came back, or nothing that can be read.
        S3_UNREACHABLE(false),
        GET_FAILED(false),
        LIST_FAILED(false),
        DELETE_FAILED(false),
        /// A table is not what its metadata says, or has metadata that is none.
        TABLE_UNREADABLE(true),
        /// Others changed the table each time, or nobody can say whether it was changed.
        TABLE_COMMIT_FAILED(false),
        /// A file or a listing is longer than what is held.
        TOO_LARGE(true);

        private final boolean isTerminal;

        Kind(boolean isTerminal) {
            this.isTerminal = isTerminal;
        }

        /// As it is written: `s3_access_denied`.
        public String label() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    private final Kind kind;
    private final transient Optional<Duration> notBefore;

    public StoreException(Kind kind, String message) {
        super(kind.label() + ": " + message);
        this.kind = kind;
        this.notBefore = Optional.empty();
    }

    public StoreException(Kind kind, String message, Throwable cause) {
        this(kind, message, Optional.empty(), cause);
    }

    /// @param notBefore how long the destination wants to be left alone
    public StoreException(Kind kind, String message, Optional<Duration> notBefore, Throwable cause) {
        super(kind.label() + ": " + message, cause);
        this.kind = kind;
        this.notBefore = notBefore;
    }

    /// What lies at the bottom of a failure, if that is one of a destination; else another one.
    public static StoreException within(Throwable failure, Supplier<StoreException> otherwise) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof StoreException known) {
                return known;
            }
        }
        return otherwise.get();
    }

    public Kind kind() {
        return kind;
    }

    /// Whether only somebody who changes something can help.
    public boolean isTerminal() {
        return kind.isTerminal;
    }

    public Optional<Duration> notBefore() {
        return notBefore;
    }
}
