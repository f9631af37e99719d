package io.hypaware.config;

import java.util.Optional;

/// How a team's warehouse in a bucket is reached; which bucket, its location says. Keys that open it are never here.
public record WarehouseBucketConfig(
        @Key(
                doc = "Its region; else that of the profile or of `AWS_REGION`, and with `endpoint_url` any will do.",
                defaultJson = "null")
        Optional<String> region,

        @Key(doc = "The profile of `~/.aws` whose credentials are used, and no other.", defaultJson = "null")
        Optional<String> profile,

        @Key(doc = "Such as `STANDARD_IA`; the bucket's own where there is none.", defaultJson = "null")
        Optional<String> storageClass,

        @Key(doc = "`AES256` or `aws:kms`; the bucket's own where there is none.", defaultJson = "null")
        Optional<String> serverSideEncryption,

        @Key(doc = "A server that speaks S3, such as `http://127.0.0.1:9000`; else that of AWS.", defaultJson = "null")
        Optional<String> endpointUrl,

        @Key(
                doc = "Whether the bucket stands in the path of each request and not in the server's name.",
                defaultJson = "false")
        boolean forcePathStyle) {

    S3Config in(String bucket, String prefix) {
        return new S3Config(
                bucket, prefix, region, profile, storageClass, serverSideEncryption, endpointUrl, forcePathStyle);
    }
}
