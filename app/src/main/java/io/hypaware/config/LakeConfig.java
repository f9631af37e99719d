package io.hypaware.config;

import java.util.Map;
import java.util.Optional;

/// Section `lake`: the lake that a team shares, if there is one.
public record LakeConfig(
        @Key(
                doc = "The Iceberg catalog of a lake that a team shares, to which what is recorded is forwarded:"
                        + " `jdbc:postgresql://host/database`, or `https://host/path` of Iceberg's REST catalog; see the"
                        + " guide `team.md`.",
                defaultJson = "null")
        Optional<String> catalog,

        @Key(
                doc = "Where the files of that lake are: a folder that all machines share under one path, or"
                        + " `s3://bucket/prefix`.",
                defaultJson = "null")
        Optional<String> warehouse,

        @Key(doc = "The namespace of its tables.", defaultJson = "\"hypaware\"")
        String namespace,

        @Key(
                doc = "Whose rows these are to be for the team; the name of this account where it is not given.",
                defaultJson = "null")
        Optional<String> user,

        @Key(
                doc =
                        "Further properties of the catalog, as Iceberg calls them, such as `jdbc.user`. A password is better"
                                + " kept in `~/.pgpass`.",
                defaultJson = "{}")
        Map<String, String> properties,

        @Key(
                doc = "A file with the key of a REST catalog, which its owner alone may read: `token=…`, or"
                        + " `credential=<client id>:<client secret>` for OAuth 2. Else it is taken from"
                        + " `HYPAWARE_CATALOG_TOKEN` or `HYPAWARE_CATALOG_CREDENTIAL`.",
                defaultJson = "null")
        Optional<String> keyFile,

        @Key(doc = "How a warehouse in a bucket is reached.")
        WarehouseBucketConfig s3,

        @Key(doc = "When to forward, as cron says it: five fields, in UTC.", defaultJson = "\"*/5 * * * *\"")
        String schedule) {

    public LakeConfig {
        properties = Map.copyOf(properties);
        if (catalog.isPresent() != warehouse.isPresent()) {
            throw new ConfigException(
                    catalog.isPresent() ? "/warehouse" : "/catalog", "a team's lake has both, catalog and warehouse");
        }
        if (catalog.isPresent()) {
            new TeamLakeConfig(
                            catalog.get(), warehouse.orElseThrow(), namespace, user, properties, keyFile, s3, schedule)
                    .check();
        }
    }

    /// The lake that a team shares; nothing where the config names none.
    public Optional<TeamLakeConfig> team() {
        return catalog.map(uri ->
                new TeamLakeConfig(uri, warehouse.orElseThrow(), namespace, user, properties, keyFile, s3, schedule));
    }
}
