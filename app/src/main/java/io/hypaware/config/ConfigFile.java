package io.hypaware.config;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.lang.reflect.RecordComponent;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// Reads and checks the config file.
public final class ConfigFile {

    static final ObjectMapper JSON = JsonMapper.builder()
            .enable(JsonParser.Feature.STRICT_DUPLICATE_DETECTION)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();

    /// One effective value: where it stands, what it is, and whether the file or the default says so.
    public record Setting(String pointer, JsonNode value, boolean fromFile) {}

    private final Path path;
    private final JsonNode json;
    private final HypConfig config;

    private ConfigFile(Path path, JsonNode json, HypConfig config) {
        this.path = path;
        this.json = json;
        this.config = config;
    }

    /// Reads the file; a missing one means defaults.
    ///
    /// @throws ConfigException if it is not valid, with the file's name, a JSON pointer and the way out
    public static ConfigFile read(Path path) {
        JsonNode json;
        try {
            json = JSON.readTree(Files.readString(path));
        } catch (NoSuchFileException e) {
            json = JSON.createObjectNode();
        } catch (JsonProcessingException e) {
            throw new ConfigException(
                    "",
                    "%s is not valid JSON at line %d, column %d: %s"
                            .formatted(
                                    path,
                                    e.getLocation().getLineNr(),
                                    e.getLocation().getColumnNr(),
                                    e.getOriginalMessage()));
        } catch (IOException e) {
            throw new ConfigException("", path + " cannot be read: " + e);
        }
        if (json.isMissingNode()) {
            throw new ConfigException("", path + " is empty; write {\"version\": 2} or remove it");
        }
        try {
            return new ConfigFile(path, json, Binder.bind(HypConfig.class, json, ""));
        } catch (ConfigException e) {
            throw new ConfigException(
                    e.pointer(), path + " at " + (e.pointer().isEmpty() ? "/" : e.pointer()) + ": " + e.reason());
        }
    }

    public Path path() {
        return path;
    }

    public HypConfig config() {
        return config;
    }

    /// Every effective value, in the order of the declaration.
    public List<Setting> settings() {
        List<Setting> settings = new ArrayList<>();
        collect(HypConfig.class, json, "", settings);
        collect(GatewayConfig.class, gatewayJson(), "/plugins/" + GatewayConfig.PLUGIN.replace("/", "~1"), settings);
        return List.copyOf(settings);
    }

    private JsonNode gatewayJson() {
        for (JsonNode plugin : json.path("plugins")) {
            if (plugin.path("name").asText().equals(GatewayConfig.PLUGIN)) {
                return plugin.path("config");
            }
        }
        return JSON.createObjectNode();
    }

    private static void collect(Class<?> section, JsonNode json, String pointer, List<Setting> settings) {
        for (RecordComponent component : section.getRecordComponents()) {
            String at = pointer + "/" + Binder.keyName(component);
            JsonNode found = json.path(Binder.keyName(component));
            if (component.getType().isRecord()) {
                collect(component.getType(), found, at, settings);
            } else {
                boolean fromFile = !found.isMissingNode();
                settings.add(new Setting(at, fromFile ? found : Binder.defaultOf(component, at), fromFile));
            }
        }
    }
}
