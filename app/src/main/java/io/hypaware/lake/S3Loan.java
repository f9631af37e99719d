package io.hypaware.lake;

import io.hypaware.config.S3Config;
import io.hypaware.store.S3Keys;
import java.util.Map;
import java.util.Optional;

/// How a catalog lets somebody into the bucket of a table for a while, as Iceberg's REST protocol calls it. Where it
/// lends no keys, what it says of the bucket is not heard: the user's own go nowhere but where the config says.
record S3Loan(S3Keys keys, Optional<String> endpoint, Optional<String> region, boolean isPathStyle) {

    static Optional<S3Loan> of(Map<String, String> settings) {
        Optional<String> access = text(settings, "s3.access-key-id");
        Optional<String> secret = text(settings, "s3.secret-access-key");
        if (access.isEmpty() || secret.isEmpty()) {
            return Optional.empty();
        }
        return Optional.of(new S3Loan(
                new S3Keys(access.get(), secret.get(), text(settings, "s3.session-token")),
                text(settings, "s3.endpoint"),
                text(settings, "client.region").or(() -> text(settings, "s3.region")),
                Boolean.parseBoolean(settings.get("s3.path-style-access"))));
    }

    private static Optional<String> text(Map<String, String> settings, String name) {
        return Optional.ofNullable(settings.get(name)).filter(value -> !value.isBlank());
    }

    /// The bucket with what the config does not say of it itself.
    S3Config in(S3Config bucket) {
        return new S3Config(
                bucket.bucket(),
                bucket.prefix(),
                bucket.region().or(() -> region),
                Optional.empty(),
                bucket.storageClass(),
                bucket.serverSideEncryption(),
                bucket.endpointUrl().or(() -> endpoint),
                bucket.forcePathStyle() || isPathStyle);
    }
}
