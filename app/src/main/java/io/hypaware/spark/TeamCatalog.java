package io.hypaware.spark;

import io.hypaware.config.S3Config;
import io.hypaware.config.TeamLakeConfig;
import io.hypaware.lake.rest.RestCatalogs;
import io.hypaware.store.S3Keys;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;

/// A team's catalog as Spark's settings say it.
public final class TeamCatalog {

    /// What the catalog is called; the one in a database knows its tables under this name.
    public static final String NAME = "hypaware";

    private static final String PREFIX = "spark.sql.catalog." + NAME;

    /// The settings of a Spark that reads and maintains a team's lake.
    ///
    /// @param master where it runs, as Spark says it
    public static Map<String, String> settings(TeamLakeConfig lake, String master) {
        Map<String, String> settings = new TreeMap<>();
        settings.put("spark.app.name", "hypaware");
        settings.put("spark.master", master);
        settings.put("spark.ui.enabled", "false");
        settings.put("spark.sql.session.timeZone", "UTC");
        settings.put("spark.sql.extensions", "org.apache.iceberg.spark.extensions.IcebergSparkSessionExtensions");
        if (master.startsWith("local")) {
            settings.put("spark.driver.host", "127.0.0.1");
            settings.put("spark.driver.bindAddress", "127.0.0.1");
        }
        catalog(lake).forEach((key, value) -> settings.put(PREFIX + "." + key, value));
        settings.put(PREFIX, "org.apache.iceberg.spark.SparkCatalog");
        // Else it goes on with a table as it first saw it.
        settings.put(PREFIX + ".cache-enabled", "false");
        return settings;
    }

    private static Map<String, String> catalog(TeamLakeConfig lake) {
        Map<String, String> properties = new HashMap<>();
        if (lake.isRest()) {
            properties.putAll(RestCatalogs.properties(lake, System.getenv()));
            properties.put("type", "rest");
        } else {
            properties.putAll(lake.properties());
            properties.put("type", "jdbc");
            properties.put("uri", lake.catalog());
            properties.put("warehouse", lake.warehouseLocation());
            properties.putIfAbsent("jdbc.schema-version", "V1");
        }
        if (lake.isBucket()) {
            properties.putAll(bucket(lake.bucket()));
        }
        return properties;
    }

    /// A bucket as Iceberg's own files for S3 are told of it.
    private static Map<String, String> bucket(S3Config bucket) {
        Map<String, String> properties = new HashMap<>();
        properties.put("io-impl", "org.apache.iceberg.aws.s3.S3FileIO");
        properties.put("s3.path-style-access", Boolean.toString(bucket.forcePathStyle()));
        bucket.endpointUrl().ifPresent(endpoint -> {
            properties.put("s3.endpoint", endpoint);
            // A server that asks for no region takes any.
            properties.put("client.region", "us-east-1");
        });
        bucket.region().ifPresent(region -> properties.put("client.region", region));
        bucket.storageClass().ifPresent(storage -> properties.put("s3.write.storage-class", storage));
        bucket.serverSideEncryption()
                .ifPresent(encryption -> properties.put("s3.sse.type", encryption.equals("AES256") ? "s3" : "kms"));
        S3Keys.lasting(bucket).ifPresent(keys -> {
            properties.put("s3.access-key-id", keys.accessKey());
            properties.put("s3.secret-access-key", keys.secretKey());
        });
        return properties;
    }

    /// Variables by which Spark finds keys of the bucket that do not last.
    static Map<String, String> environment(TeamLakeConfig lake) {
        return lake.isBucket()
                ? lake.bucket()
                        .profile()
                        .map(profile -> Map.of("AWS_PROFILE", profile))
                        .orElse(Map.of())
                : Map.of();
    }

    private TeamCatalog() {}
}
