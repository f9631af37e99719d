package io.hypaware.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.lang.reflect.RecordComponent;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// The config file: defaults, checks, and errors that say what, where and what is allowed.
class ConfigFileTest {

    @TempDir
    private Path folder;

    @Test
    void aMissingFileMeansDefaults() {
        HypConfig config = ConfigFile.read(folder.resolve("none.json")).config();
        assertThat(config.gateway().port()).isEqualTo(18521);
        assertThat(config.query().cache().retention().defaultDays()).isEqualTo(90);
        assertThat(config.query().cache().maintenance().compactBatchBytes()).isEqualTo(33554432);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{\"version\": 1} | /version | expected a whole number from 2 to 2",
                "{\"versoin\": 2} | /versoin | did you mean \"version\"?",
                "{\"query\": {\"cache\": {\"maintenance\": {\"flush_minuts\": 1}}}} | /query/cache/maintenance/flush_minuts | did you mean \"flush_minutes\"?",
                "{\"query\": {\"cache\": {\"maintenance\": {\"compact_batch_bytes\": -1}}}} | /query/cache/maintenance/compact_batch_bytes | found -1, expected a whole number of at least 1",
                "{\"query\": {\"cache\": {\"maintenance\": {\"enabled\": \"yes\"}}}} | /query/cache/maintenance/enabled | found \"yes\", expected true or false",
                "{\"query\": {\"cache\": {\"maintenance\": {\"flush_bytes\": 1.5}}}} | /query/cache/maintenance/flush_bytes | found 1.5",
                "{\"query\": {\"cache\": {\"maintenance\": {\"flush_bytes\": 99999999999999999999}}}} | /query/cache/maintenance/flush_bytes | found 99999999999999999999",
                "{\"query\": []} | /query | found a list, expected an object",
                "{\"query\": {\"cache\": {\"retention\": {\"datasets\": {\"logs\": \"x\"}}}}} | /query/cache/retention/datasets/logs | found \"x\"",
                "{\"plugins\": [{\"name\": \"@hypaware/claud\"}]} | /plugins/0/name | expected one of",
                "{\"plugins\": [{\"name\": \"@hypaware/claude\"}, {\"name\": \"@hypaware/claude\"}]} | /plugins/1/name | configured twice",
                "{\"plugins\": [{}]} | /plugins/0/name | missing",
                "{\"plugins\": [{\"name\": \"@hypaware/ai-gateway\", \"config\": {\"port\": 70000}}]} | /plugins/0/config/port | from 0 to 65535",
                "{\"plugins\": [{\"name\": \"@hypaware/ai-gateway\", \"config\": {\"upstreams\": [{\"name\": \"a\", \"base_url\": \"ftp://x\"}]}}]} | /plugins/0/config/upstreams/0/base_url | http or https",
                "{\"version\": 2, \"version\": 2} | '' | not valid JSON at line 1",
                "{\"version\": 2 | '' | not valid JSON at line 1",
                "{} {} | '' | not valid JSON",
            })
    void mistakesAreRefusedWithPointerAndWayOut(String json, String pointer, String message) throws IOException {
        Path file = write(json);
        assertThatThrownBy(() -> ConfigFile.read(file))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining(file.toString())
                .hasMessageContaining(message)
                .extracting(e -> ((ConfigException) e).pointer())
                .isEqualTo(pointer);
    }

    /// Each key of each section, set to another value than its default, arrives.
    @Test
    void everyKeyArrives() throws Exception {
        for (Class<? extends Record> section : List.of(
                GatewayConfig.class,
                UpstreamConfig.class,
                RetentionConfig.class,
                MaintenanceConfig.class,
                QueryConfig.class,
                CacheConfig.class)) {
            for (RecordComponent component : section.getRecordComponents()) {
                if (component.getType().isRecord() || component.getName().equals("upstreams")) {
                    continue;
                }
                ObjectNode json = ConfigFile.JSON.createObjectNode();
                if (section == UpstreamConfig.class) {
                    json.put("name", "n").put("base_url", "http://h");
                }
                JsonNode other = other(component);
                json.set(Binder.keyName(component), other);
                Record bound = Binder.bind(section, json, "");
                component.getAccessor().setAccessible(true);
                Object arrived = component.getAccessor().invoke(bound);
                String shown = arrived instanceof java.util.Optional<?> o
                        ? String.valueOf(o.orElse(null))
                        : arrived.toString();
                assertThat(ConfigFile.JSON
                                .valueToTree(arrived instanceof java.util.Optional<?> ? shown : arrived)
                                .toString())
                        .as(section.getSimpleName() + "." + component.getName())
                        .isEqualTo(other.toString());
            }
        }
    }

    @Test
    void theReferenceIsTrue() throws IOException {
        Path reference = Path.of("../docs/reference/config.md");
        if (System.getenv("HYP_WRITE_DOCS") != null) {
            Files.writeString(reference, ConfigReference.markdown());
        }
        assertThat(Files.readString(reference)).isEqualTo(ConfigReference.markdown());
    }

    @Test
    void showTellsWhereAValueComesFrom() throws IOException {
        ConfigFile file = ConfigFile.read(write("{\"query\": {\"cache\": {\"maintenance\": {\"flush_minutes\": 3}}}}"));
        assertThat(file.settings())
                .anyMatch(s -> s.pointer().equals("/query/cache/maintenance/flush_minutes")
                        && s.fromFile()
                        && s.value().asInt() == 3)
                .anyMatch(s -> s.pointer().equals("/query/cache/maintenance/flush_bytes") && !s.fromFile());
    }

    private static JsonNode other(RecordComponent component) {
        Key key = Binder.keyOf(component);
        String type = component.getType().getSimpleName();
        if (key.oneOf().length > 0) {
            return ConfigFile.JSON.valueToTree(key.oneOf()[0]);
        }
        return switch (type) {
            case "boolean" -> ConfigFile.JSON.valueToTree(!Boolean.parseBoolean(key.defaultJson()));
            case "int", "long" ->
                ConfigFile.JSON.valueToTree(
                        key.defaultJson().equals(Long.toString(key.min()))
                                ? key.min() + 1
                                : Math.max(key.min(), 1_048_577) > key.max() ? 7 : Math.max(key.min(), 1_048_577));
            case "List" -> ConfigFile.JSON.valueToTree(List.of("other"));
            case "Map" -> ConfigFile.JSON.valueToTree(java.util.Map.of("logs", 5));
            default ->
                ConfigFile.JSON.valueToTree(
                        component.getName().equals("baseUrl")
                                ? "http://other"
                                : component.getName().equals("pathPrefix") ? "/other" : "other");
        };
    }

    private Path write(String json) throws IOException {
        Path file = folder.resolve("hypaware-config.json");
        Files.writeString(file, json);
        return file;
    }
}
