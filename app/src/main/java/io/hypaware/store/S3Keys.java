package io.hypaware.store;

import io.hypaware.config.S3Config;
import java.util.Optional;

/// Keys of a bucket.
///
/// @param sessionToken of keys that are good for a while
public record S3Keys(String accessKey, String secretKey, Optional<String> sessionToken) {

    /// The keys that a bucket is opened by, where they are good for longer than a while.
    public static Optional<S3Keys> lasting(S3Config config) {
        return S3Clients.keys(config).filter(keys -> keys.sessionToken().isEmpty());
    }

    @Override
    public String toString() {
        return "keys of S3";
    }
}
