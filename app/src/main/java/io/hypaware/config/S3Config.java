package io.hypaware.config;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.net.URI;
import java.util.Optional;

/// Which bucket, and how it is reached. Keys that open it are never here: they come from where the AWS SDK looks for
/// them.
public record S3Config(
        @Key(doc = "The bucket.") String bucket,

        @Key(doc = "Where in the bucket files go, such as `team/hypaware`.", defaultJson = "\"\"")
        String prefix,

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

    public S3Config {
        require("/bucket", bucket, "[A-Za-z0-9][A-Za-z0-9._-]{1,254}", "the name of a bucket");
        prefix = path(prefix);
        region.ifPresent(name -> require("/region", name, "[A-Za-z0-9-]{1,64}", "a region"));
        storageClass.ifPresent(name -> require("/storage_class", name, "[A-Z0-9_]{1,64}", "a storage class"));
        serverSideEncryption.ifPresent(
                name -> require("/server_side_encryption", name, "[A-Za-z0-9:]{1,64}", "an encryption"));
        endpointUrl.flatMap(S3Config::problem).ifPresent(why -> {
            throw new ConfigException("/endpoint_url", why);
        });
    }

    /// What of some settings says something of a bucket.
    static ObjectNode known(JsonNode settings) {
        ObjectNode known = ConfigFile.JSON.createObjectNode();
        Binder.only(S3Config.class, settings).properties().stream()
                .filter(setting -> !setting.getValue().isNull())
                .forEach(setting -> known.set(setting.getKey(), setting.getValue()));
        return known;
    }

    static S3Config bound(JsonNode settings, String pointer) {
        try {
            return Binder.bind(S3Config.class, settings, pointer);
        } catch (ConfigException e) {
            throw new ConfigException(e.pointer(), "s3_config_invalid: " + e.reason());
        }
    }

    /// Where that is, for people.
    public String shown() {
        return "s3://" + bucket + (prefix.isEmpty() ? "" : "/" + prefix);
    }

    /// A folder as it stands in users' files: with a slash at its end, or at both.
    static String path(String given) {
        String path = given.replaceAll("^/+|/+$", "");
        if (!path.isEmpty()) {
            require(
                    "/prefix",
                    path,
                    "[^\\p{Cntrl}\\\\/.][^\\p{Cntrl}\\\\/]*(/[^\\p{Cntrl}\\\\/.][^\\p{Cntrl}\\\\/]*)*",
                    "a path");
            if (path.length() > 200) {
                throw new ConfigException("/prefix", "longer than 200 characters");
            }
        }
        return path;
    }

    private static void require(String pointer, String value, String pattern, String what) {
        if (!value.matches(pattern)) {
            throw new ConfigException(pointer, "\"" + value + "\" is not " + what);
        }
    }

    private static Optional<String> problem(String endpoint) {
        Optional<String> problem = OtlpSinkConfig.problem(endpoint);
        if (problem.isEmpty() && URI.create(endpoint).getRawQuery() != null) {
            return Optional.of("expected http(s)://host[:port][/path], without a query");
        }
        return problem;
    }
}
