package io.hypaware.lake.rest;

import io.hypaware.config.TeamLakeConfig;
import io.hypaware.lake.LakeException;
import java.net.URI;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import org.apache.iceberg.CatalogProperties;
import org.apache.iceberg.io.FileIO;
import org.apache.iceberg.rest.RESTClient;
import org.apache.iceberg.rest.RESTSessionCatalog;
import org.apache.iceberg.rest.RESTUtil;

/// Reaches REST catalogs.
public final class RestCatalogs {

    private static final String AUTH_TYPE = "rest.auth.type";
    private static final String OAUTH2 = "oauth2";

    /// Asks for keys of the bucket, which a catalog need not have.
    private static final String DELEGATION = "header.X-Iceberg-Access-Delegation";

    /// Asks the catalog for its own settings.
    ///
    /// @param name as Iceberg's messages call the catalog
    /// @param files access to files, with what the catalog says of it
    /// @throws RuntimeException if it cannot be reached, or refuses
    public static RESTSessionCatalog open(
            String name, TeamLakeConfig config, Function<Map<String, String>, FileIO> files) {
        return open(name, config, files, CatalogClient.Bounds.USUAL);
    }

    static RESTSessionCatalog open(
            String name,
            TeamLakeConfig config,
            Function<Map<String, String>, FileIO> files,
            CatalogClient.Bounds bounds) {
        Map<String, String> properties = properties(config, System.getenv());
        Set<String> servers = new HashSet<>(Set.of(CatalogClient.server(URI.create(config.catalog()))));
        Optional.ofNullable(properties.get(TeamLakeConfig.TOKEN_SERVER))
                .filter(server -> server.startsWith("http"))
                .ifPresent(server -> servers.add(CatalogClient.server(URI.create(server))));
        RESTSessionCatalog catalog = new RESTSessionCatalog(
                settings -> client(settings, servers, bounds), (_, settings) -> files.apply(settings));
        catalog.initialize(name, properties);
        return catalog;
    }

    private static RESTClient client(Map<String, String> settings, Set<String> servers, CatalogClient.Bounds bounds) {
        URI base = URI.create(settings.getOrDefault(CatalogProperties.URI, ""));
        if (!servers.contains(CatalogClient.server(base))) {
            throw new LakeException("the team's catalog names another server, " + CatalogClient.server(base)
                    + ", which gets no key from here; if it is the right one, lake.catalog should name it");
        }
        return new CatalogClient(base, servers, RESTUtil.configHeaders(settings), bounds);
    }

    /// The catalog as Iceberg's properties say it, keys included.
    ///
    /// @throws LakeException if there is a key that others could read on its way
    public static Map<String, String> properties(TeamLakeConfig config, Map<String, String> environment) {
        Map<String, String> properties = new HashMap<>(config.properties());
        Map<String, String> key = CatalogKey.properties(config.keyFile(), environment);
        properties.putAll(key);
        if (!key.isEmpty()) {
            config.plainWay().ifPresent(setting -> {
                throw new LakeException(
                        "lake." + setting.replace('/', '.') + ": " + TeamLakeConfig.PLAIN + "; nothing was sent");
            });
            properties.putIfAbsent(AUTH_TYPE, OAUTH2);
        }
        if (config.isBucket()) {
            properties.putIfAbsent(DELEGATION, "vended-credentials");
        }
        properties.put(CatalogProperties.URI, config.catalog());
        properties.putIfAbsent(CatalogProperties.WAREHOUSE_LOCATION, config.warehouseLocation());
        properties.put("rest-metrics-reporting-enabled", "false");
        return properties;
    }

    private RestCatalogs() {}
}
