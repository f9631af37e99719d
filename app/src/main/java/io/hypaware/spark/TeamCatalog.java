package io.hypaware.spark;

import io.hypaware.config.TeamLakeConfig;
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
        lake.properties().forEach((key, value) -> settings.put(PREFIX + "." + key, value));
        settings.put(PREFIX, "org.apache.iceberg.spark.SparkCatalog");
        settings.put(PREFIX + ".type", "jdbc");
        // Else it goes on with a table as it first saw it.
        settings.put(PREFIX + ".cache-enabled", "false");
        settings.put(PREFIX + ".uri", lake.catalog());
        settings.put(PREFIX + ".warehouse", lake.warehouseLocation());
        settings.putIfAbsent(PREFIX + ".jdbc.schema-version", "V1");
        return settings;
    }

    private TeamCatalog() {}
}
