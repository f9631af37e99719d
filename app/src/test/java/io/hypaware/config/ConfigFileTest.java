package io.hypaware.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.hypaware.testing.Configs;
import java.io.IOException;
import java.lang.reflect.RecordComponent;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
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
                "{\"query\": {\"cache\": {\"retention\": {\"datasets\": {\"log\": 3}}}}} | /query/cache/retention/datasets/log | did you mean \"logs\"?",
                "{\"sinks\": [1]} | /sinks | expected an object",
                "{\"sinks\": {\"a\": {\"plugin\": \"@hypaware/otlp\", \"config\": {\"endpoint\": \"ftp://x\"}}}} | /sinks/a/config/endpoint | expected http",
                "{\"sinks\": {\"a\": {\"plugin\": \"@hypaware/otlp\", \"config\": {\"endpoint\": \"http://x\", \"schedule\": \"often\"}}}} | /sinks/a/config/schedule | no time of cron",
                "{\"sinks\": {\"a\": {\"plugin\": \"p\", \"writer\": \"w\"}}} | /sinks/a | either plugin",
                "{\"plugins\": [{\"name\": \"@hypaware/ai-gateway\", \"config\": {\"listen\": \"127.0.0.1\"}}]} | /plugins/0/config/listen | expected host:port",
                "{\"plugins\": [{\"name\": \"@hypaware/ai-gateway\", \"config\": {\"listen\": \"127.0.0.1:70000\"}}]} | /plugins/0/config/listen | port 0 to 65535",
                "{\"plugins\": [{\"name\": \"@hypaware/ai-gateway\", \"config\": {\"listen\": \"127.0.0.1:8787\", \"upstreams\": [{\"name\": \"a\", \"base_url\": \"http://localhost:8787\"}]}}]} | /plugins/0/config/upstreams/0/base_url | the gateway itself",
                "{\"plugins\": [{\"name\": \"@hypaware/ai-gateway\", \"config\": {\"upstreams\": [{\"name\": \"a\", \"base_url\": \"https://user:word@h\"}]}}]} | /plugins/0/config/upstreams/0/base_url | in clear",
                "{\"plugins\": [{\"name\": \"@hypaware/ai-gateway\", \"config\": {\"upstreams\": [{\"name\": \"a\", \"base_url\": \"https://h:70000\"}]}}]} | /plugins/0/config/upstreams/0/base_url | 1 to 65535",
                "{\"plugins\": [{\"name\": \"@hypaware/claude\"}, {\"name\": \"@hypaware/claude\"}]} | /plugins/1/name | configured twice",
                "{\"lake\": {\"catalog\": \"jdbc:postgresql://h/d\"}} | /lake/warehouse | has both",
                "{\"lake\": {\"warehouse\": \"/w\"}} | /lake/catalog | has both",
                "{\"lake\": {\"catalog\": \"jdbc:sqlite:/x\", \"warehouse\": \"/w\"}} | /lake/catalog | expected jdbc:postgresql",
                "{\"lake\": {\"catalog\": \"jdbc:postgresql://h/d?password=x\", \"warehouse\": \"/w\"}} | /lake/catalog | a password does not belong",
                "{\"lake\": {\"catalog\": \"jdbc:postgresql://h/d\", \"warehouse\": \"w\"}} | /lake/warehouse | absolute path",
                "{\"lake\": {\"catalog\": \"jdbc:postgresql://h/d\", \"warehouse\": \"s3:/b\"}} | /lake/warehouse | expected s3://bucket/prefix",
                "{\"lake\": {\"catalog\": \"jdbc:postgresql://h/d\", \"warehouse\": \"s3://b!/p\"}} | /lake/warehouse | not the name of a bucket",
                "{\"lake\": {\"catalog\": \"jdbc:postgresql://h/d\", \"warehouse\": \"s3://bucket/p\", \"s3\": {\"endpoint_url\": \"x\"}}} | /lake/s3/endpoint_url | expected http(s)",
                "{\"lake\": {\"catalog\": \"jdbc:postgresql://h/d\", \"warehouse\": \"s3://bucket/p\", \"properties\": {\"s3.secret-access-key\": \"x\"}}} | /lake/properties/s3.secret-access-key | a key does not belong",
                "{\"lake\": {\"catalog\": \"https://me:x@h/d\", \"warehouse\": \"/w\"}} | /lake/catalog | without a user",
                "{\"lake\": {\"catalog\": \"https://h/d\", \"warehouse\": \"/w\", \"properties\": {\"token\": \"x\"}}} | /lake/properties/token | see key_file",
                "{\"lake\": {\"catalog\": \"http://h/d\", \"warehouse\": \"/w\", \"key_file\": \"/key\"}} | /lake/catalog | expected https://",
                "{\"lake\": {\"catalog\": \"http://h/d\", \"warehouse\": \"/w\", \"properties\": {\"header.X-Api-Key\": \"x\"}}} | /lake/catalog | expected https://",
                "{\"lake\": {\"catalog\": \"https://h/d\", \"warehouse\": \"/w\", \"key_file\": \"/key\", \"properties\": {\"oauth2-server-uri\": \"HTTP://10.0.0.1/t\"}}} | /lake/properties/oauth2-server-uri | expected https://",
                "{\"lake\": {\"catalog\": \"https://h/d\", \"warehouse\": \"/w\", \"properties\": {\"oauth2-server-uri\": \"https://me@h/t\"}}} | /lake/properties/oauth2-server-uri | without a user",
                "{\"lake\": {\"catalog\": \"https://h/d\", \"warehouse\": \"/w\", \"key_file\": \"key\"}} | /lake/key_file | absolute path",
                "{\"lake\": {\"catalog\": \"jdbc:postgresql://h/d\", \"warehouse\": \"/w\", \"properties\": {\"io-impl\": \"x\"}}} | /lake/properties/io-impl | decided by",
                "{\"lake\": {\"catalog\": \"jdbc:postgresql://h/d\", \"warehouse\": \"/w\", \"schedule\": \"often\"}} | /lake/schedule | no time of cron",
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

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{\"listen\": \"0.0.0.0:18521\"} | {} | ai-gateway/config/host",
                "{\"host\": \"::\", \"allow_remote\": true} | {} | ''",
                "{\"host\": \"::\"} | {} | ai-gateway/config/host",
                "{} | {\"listen_host\": \"0.0.0.0\"} | otel/config/listen_host",
                "{} | {\"listen_host\": \"192.168.1.7\", \"allow_remote\": true} | ''",
                "{} | {\"listen_host\": \"::1\"} | ''",
                "{} | {\"listen_host\": \"localhost\"} | ''",
                "{\"port\": 4318} | {} | otel/config/listen_port",
                "{\"port\": 4317} | {} | otel/config/grpc_port",
                "{\"port\": 0} | {\"listen_port\": 0} | ''",
            })
    void whereNobodyCouldListenIsSaid(String gateway, String receiver, String where) throws IOException {
        Path file = write(
                "{\"plugins\": [{\"name\": \"@hypaware/ai-gateway\", \"config\": %s}, {\"name\": \"@hypaware/otel\", \"config\": %s}]}"
                        .formatted(gateway, receiver));
        List<String> refusals = ConfigFile.read(file).config().refusals();
        if (where.isEmpty()) {
            assertThat(refusals).isEmpty();
        } else {
            assertThat(refusals).singleElement().asString().contains(where);
        }
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

    @Test
    void telemetryIsReceivedUnlessTheFileHasChosenOtherwise() throws IOException {
        assertThat(ConfigFile.read(write("{}")).config().receiving()).isTrue();
        assertThat(ConfigFile.read(write("{}")).config().asksForTelemetry()).isFalse();
        assertThat(ConfigFile.read(write("{\"plugins\": [{\"name\": \"@hypaware/claude\"}]}"))
                        .config()
                        .receiving())
                .isFalse();
        assertThat(ConfigFile.read(write("{\"plugins\": [{\"name\": \"@hypaware/otel\", \"enabled\": false}]}"))
                        .config()
                        .receiving())
                .isFalse();
        assertThatThrownBy(() -> ConfigFile.read(
                        write("{\"plugins\": [{\"name\": \"@hypaware/otel\", \"config\": {\"grpc_port\": 4318}}]}")))
                .hasMessageContaining("/grpc_port");
    }

    /// As `hyp init` of HypAware for Node writes it, with all its sources and an export.
    @Test
    void aFileOfHypAwareForNodeLoadsUnchangedAndMeansTheSame() throws IOException {
        Path file = write("""
                {
                  "version": 2,
                  "plugins": [
                    { "name": "@hypaware/ai-gateway", "config": { "listen": "127.0.0.1:8787", "gateway_id": "desk", "upstreams": [
                      { "name": "anthropic", "base_url": "https://api.anthropic.com", "path_prefix": "/v1/messages", "provider": "anthropic" },
                      { "name": "openai", "base_url": "https://api.openai.com", "path_prefix": "/v1", "provider": "openai" },
                      { "name": "chatgpt", "base_url": "https://chatgpt.com", "path_prefix": "/backend-api/codex", "provider": "chatgpt" } ] } },
                    { "name": "@hypaware/otel", "config": { "listen_host": "127.0.0.1", "listen_port": 4318 } },
                    { "name": "@hypaware/local-fs" },
                    { "name": "@hypaware/claude", "config": { "proxy": "@hypaware/ai-gateway" } },
                    { "name": "@somebody/else", "config": { "x": 1 } }
                  ],
                  "query": { "cache": { "retention": { "default_days": 30, "datasets": { "gascity_messages": 5 } } } },
                  "sinks": { "local": { "writer": "@hypaware/format-parquet", "destination": "@hypaware/local-fs",
                    "config": { "dir": "/tmp/exports", "schedule": "*/5 * * * *" } } },
                  "disambiguate": { "hypaware.encoder": "@hypaware/format-parquet" }
                }
                """);
        HypConfig config = ConfigFile.read(file).config();
        assertThat(config.gateway().host()).isEqualTo("127.0.0.1");
        assertThat(config.gateway().port()).isEqualTo(8787);
        assertThat(config.gateway().gatewayId()).contains("desk");
        assertThat(config.gateway().upstreams())
                .extracting(UpstreamConfig::providerName)
                .containsExactly("anthropic", "openai", "chatgpt");
        assertThat(config.receiver().listenPort()).isEqualTo(4318);
        assertThat(config.asksForTelemetry()).isTrue();
        assertThat(config.query().cache().retention().defaultDays()).isEqualTo(30);
        assertThat(config.warnings())
                .noneMatch(w -> w.contains("@hypaware/otel"))
                .anyMatch(w -> w.contains("@somebody/else"))
                .noneMatch(w -> w.contains("/sinks/local") || w.contains("@hypaware/local-fs"))
                .anyMatch(w -> w.contains("/disambiguate"))
                .noneMatch(w -> w.contains("@hypaware/claude"));
    }

    @Test
    void aSinkOfFilesIsCheckedAsAWhole() throws IOException {
        assertSinkRefused(
                "\"writer\": \"@hypaware/local-fs\", \"destination\": \"@hypaware/local-fs\"", "sink_writer_invalid");
        assertSinkRefused(
                "\"writer\": \"@hypaware/format-jsonl\", \"destination\": \"@hypaware/format-parquet\"",
                "sink_destination_invalid");
        assertSinkRefused(
                "\"writer\": \"@hypaware/format-parquet\", \"destination\": \"@hypaware/central\"",
                "sink_pair_incompatible");
        assertSinkRefused("\"plugin\": \"@hypaware/otlp\", \"writer\": \"x\"", "request_sink_invalid_keys");
        String files = "\"writer\": \"@hypaware/format-jsonl\", \"destination\": \"@hypaware/local-fs\", \"config\": ";
        assertSinkRefused(files + "{\"dir\": \"/d\", \"schedule\": \"soon\"}", "sink_schedule_invalid");
        assertSinkRefused(files + "{\"dir\": \"/d\", \"compression\": \"snappy\"}", "/sinks/s/config/compression");
        assertSinkRefused(files + "{\"dir\": \"/d\", \"bucket\": \"b\"}", "/sinks/s/config/bucket");
        assertSinkRefused(files + "{}", "/sinks/s/config/dir");
    }

    private void assertSinkRefused(String sink, String why) throws IOException {
        Path file = write("{\"sinks\": {\"s\": {" + sink + "}}}");
        assertThatThrownBy(() -> ConfigFile.read(file))
                .extracting(e -> ((ConfigException) e).pointer() + ": " + e.getMessage())
                .asString()
                .contains(why);
    }

    @Test
    void anUpstreamWithoutAProviderIsKnownByItsNameOrAddress() throws IOException {
        Path file = write("""
                {"plugins": [{"name": "@hypaware/ai-gateway", "config": {"upstreams": [
                  {"name": "anthropic", "base_url": "https://proxy.example", "path_prefix": "/"},
                  {"name": "mine", "base_url": "https://api.openai.com"},
                  {"name": "plain", "base_url": "http://10.0.0.5:4000", "provider": "litellm"}]}}]}""");
        HypConfig config = ConfigFile.read(file).config();
        assertThat(config.gateway().upstreams())
                .extracting(UpstreamConfig::providerName)
                .containsExactly("anthropic", "openai", "litellm");
        assertThat(config.warnings()).anyMatch(w -> w.contains("upstream plain") && w.contains("not https"));
    }

    @Test
    void aConfigThatOthersCanWriteIsRefusedWithTheCommandThatMendsIt() throws IOException {
        Path file = write("{}");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-rw-r--"));
        assertThatThrownBy(() -> ConfigFile.read(file)).hasMessageContaining("chmod go-w " + file);
    }

    @Test
    void whatIsNoFileOrTooLargeOrTooDeepIsRefusedInOneLine() throws IOException {
        Path folderAsFile = Files.createDirectory(folder.resolve("folder"));
        assertThatThrownBy(() -> ConfigFile.read(folderAsFile))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("is no file");
        Path deep = write("[".repeat(100_000));
        assertThatThrownBy(() -> ConfigFile.read(deep)).isInstanceOf(ConfigException.class);
        Path large = write(" ".repeat(2_000_000));
        assertThatThrownBy(() -> ConfigFile.read(large))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("at most");
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
                                : component.getName().equals("pathPrefix")
                                        ? "/other"
                                        : component.getName().equals("listen") ? "127.0.0.1:7" : "other");
        };
    }

    private Path write(String json) throws IOException {
        Path file = folder.resolve("hypaware-config.json");
        Files.writeString(file, json);
        return file;
    }

    /// What went to one lake has not gone to another, and nobody has agreed to that.
    @Test
    void aSchemaAWarehouseOrAServerNamesAnotherLake() {
        List<String> lakes = List.of(
                "{\"catalog\": \"jdbc:postgresql://h/d?user=a\", \"warehouse\": \"s3://bucket/p\"}",
                "{\"catalog\": \"jdbc:postgresql://h/d?user=a&currentSchema=x\", \"warehouse\": \"s3://bucket/p\"}",
                "{\"catalog\": \"jdbc:postgresql://h/d?currentSchema=y\", \"warehouse\": \"s3://bucket/p\"}",
                "{\"catalog\": \"jdbc:postgresql://h/d\", \"warehouse\": \"s3://bucket/p\","
                        + " \"properties\": {\"jdbc.currentSchema\": \"x\"}}",
                "{\"catalog\": \"jdbc:postgresql://h/d\", \"warehouse\": \"s3://bucket/p\","
                        + " \"s3\": {\"endpoint_url\": \"https://other\"}}",
                "{\"catalog\": \"https://h/d\", \"warehouse\": \"s3://bucket/p\"}",
                "{\"catalog\": \"https://h/d\", \"warehouse\": \"s3://bucket/p\", \"properties\": {\"warehouse\": \"w\"}}");
        assertThat(lakes.stream()
                        .map(lake -> Configs.withLake(lake)
                                .lake()
                                .team()
                                .orElseThrow()
                                .ledgerName()))
                .doesNotHaveDuplicates();
        assertThat(Configs.withLake("{\"catalog\": \"jdbc:postgresql://h/d?user=b\", \"warehouse\": \"s3://bucket/p\"}")
                        .lake()
                        .team()
                        .orElseThrow()
                        .ledgerName())
                .isEqualTo(Configs.withLake(lakes.getFirst())
                        .lake()
                        .team()
                        .orElseThrow()
                        .ledgerName());
    }
}
