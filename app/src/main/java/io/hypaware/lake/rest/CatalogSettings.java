package io.hypaware.lake.rest;

import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.iceberg.rest.responses.ConfigResponse;

/// What a REST catalog says of how it is to be used. It may say where in it things are, and how its bucket is reached;
/// which classes are loaded, which keys are sent and to whom is not its to say.
final class CatalogSettings {

    private static final Set<String> HEARD =
            Set.of("uri", "prefix", "warehouse", "namespace-separator", "rest-page-size", "client.region");

    private static final String OF_BUCKET = "s3.";

    static ConfigResponse heard(ConfigResponse said) {
        ConfigResponse.Builder heard = ConfigResponse.builder()
                .withDefaults(heard(said.defaults()))
                .withOverrides(heard(said.overrides()))
                .withIdempotencyKeyLifetime(said.idempotencyKeyLifetime());
        return said.endpoints().isEmpty()
                ? heard.build()
                : heard.withEndpoints(said.endpoints()).build();
    }

    private static Map<String, String> heard(Map<String, String> said) {
        return said.entrySet().stream()
                .filter(setting -> setting.getValue() != null)
                .filter(setting ->
                        HEARD.contains(setting.getKey()) || setting.getKey().startsWith(OF_BUCKET))
                .collect(Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue));
    }

    private CatalogSettings() {}
}
