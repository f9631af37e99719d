package io.hypaware.config;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Optional;

/// A table in a bucket that queries read. What it does not say, the plugin `@hypaware/s3` does.
public record QuerySourceConfig(
        @Key(doc = "What queries call it.") String name,

        @Key(
                doc = "What lies there: files, or a table.",
                oneOf = {"parquet", "iceberg"})
        String format,

        @Key(doc = "The folder in the bucket: that of the files, or of the table.")
        String prefix,

        @Key(doc = "The bucket.", defaultJson = "null") Optional<String> bucket,

        @Key(doc = "Its region.", defaultJson = "null") Optional<String> region,

        @Key(doc = "The profile of `~/.aws`.", defaultJson = "null")
        Optional<String> profile,

        @Key(doc = "A server that speaks S3; else that of AWS.", defaultJson = "null")
        Optional<String> endpointUrl,

        @Key(doc = "Whether the bucket stands in the path of each request.", defaultJson = "null")
        Optional<Boolean> forcePathStyle,

        @Key(
                doc = "Columns as HypAware for Node wants them told; taken, and not needed: files say what they have.",
                defaultJson = "[]")
        JsonNode schema) {

    public QuerySourceConfig {
        if (!name.matches("[a-z_][a-z0-9_]{0,62}")) {
            throw new ConfigException("/name", "\"" + name + "\" is not a name of lower case letters, digits and _");
        }
        prefix = S3Config.path(prefix);
        if (prefix.isEmpty()) {
            throw new ConfigException("/prefix", "names no folder");
        }
    }
}
