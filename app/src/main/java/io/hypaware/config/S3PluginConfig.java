package io.hypaware.config;

import java.util.List;
import java.util.Optional;

/// Settings of the plugin `@hypaware/s3`: what sinks to it have where they say nothing else.
public record S3PluginConfig(
        @Key(doc = "The bucket of sinks that name none.", defaultJson = "null")
        Optional<String> bucket,

        @Key(doc = "Where in the bucket files go.", defaultJson = "null")
        Optional<String> prefix,

        @Key(doc = "Its region.", defaultJson = "null") Optional<String> region,

        @Key(doc = "The profile of `~/.aws` whose credentials are used, and no other.", defaultJson = "null")
        Optional<String> profile,

        @Key(doc = "Such as `STANDARD_IA`.", defaultJson = "null")
        Optional<String> storageClass,

        @Key(doc = "`AES256` or `aws:kms`.", defaultJson = "null")
        Optional<String> serverSideEncryption,

        @Key(doc = "A server that speaks S3; else that of AWS.", defaultJson = "null")
        Optional<String> endpointUrl,

        @Key(
                doc = "Whether the bucket stands in the path of each request and not in the server's name.",
                defaultJson = "null")
        Optional<Boolean> forcePathStyle,

        @Key(doc = "Tables in buckets that queries read under a name.", defaultJson = "[]")
        List<QuerySourceConfig> querySources) {}
