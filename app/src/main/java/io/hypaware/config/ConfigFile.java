package io.hypaware.config;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.reflect.RecordComponent;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFilePermission;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/// Reads and checks the config file.
public final class ConfigFile {

    static final ObjectMapper JSON = JsonMapper.builder()
            .enable(JsonParser.Feature.STRICT_DUPLICATE_DETECTION)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();

    /// One effective value: where it stands, what it is, and whether the file or the default says so.
    public record Setting(String pointer, JsonNode value, boolean fromFile) {}

    private static final long MOST_BYTES = 1L << 20;

    private final Path path;
    private final JsonNode json;
    private final HypConfig config;

    private ConfigFile(Path path, JsonNode json, HypConfig config) {
        this.path = path;
        this.json = json;
        this.config = config;
    }

    /// Loads what reading needs.
    public static void load() {
        try {
            JSON.readTree("{}");
        } catch (JsonProcessingException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// Reads the file; a missing one means defaults.
    ///
    /// @throws ConfigException if it is not valid, with the file's name, a JSON pointer and the way out
    public static ConfigFile read(Path path) {
        JsonNode json;
        try {
            refuseIfOthersDecide(path);
            json = JSON.readTree(Files.readString(path));
        } catch (NoSuchFileException e) {
            json = JSON.createObjectNode();
        } catch (JsonProcessingException e) {
            String where = e.getLocation() == null
                    ? ""
                    : " at line %d, column %d"
                            .formatted(
                                    e.getLocation().getLineNr(), e.getLocation().getColumnNr());
            throw new ConfigException(
                    "",
                    path + " is not valid JSON" + where + ": "
                            + e.getOriginalMessage().replaceFirst(" \\(start marker at .*$", ""));
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

    /// What a config says decides where keys go, so that nobody else may write it; and what is no file of a
    /// sensible size is not one.
    private static void refuseIfOthersDecide(Path path) throws IOException {
        BasicFileAttributes attributes = Files.readAttributes(path, BasicFileAttributes.class);
        if (!attributes.isRegularFile()) {
            throw new ConfigException("", path + " is no file; move it away, or name another with HYP_CONFIG");
        }
        if (attributes.size() > MOST_BYTES) {
            throw new ConfigException(
                    "", path + " has " + attributes.size() + " bytes; a config has at most " + MOST_BYTES);
        }
        if (Files.getFileStore(path).supportsFileAttributeView(PosixFileAttributeView.class)) {
            Set<PosixFilePermission> permissions = Files.getPosixFilePermissions(path);
            if (permissions.contains(PosixFilePermission.GROUP_WRITE)
                    || permissions.contains(PosixFilePermission.OTHERS_WRITE)) {
                throw new ConfigException(
                        "",
                        path + " can be written by others, who could send your keys elsewhere. Run: chmod go-w "
                                + path);
            }
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
        for (ConfigPart part : ConfigPart.values()) {
            part.settings()
                    .ifPresent(section -> collect(
                            section, json(part), "/plugins/" + part.plugin().replace("/", "~1"), settings));
        }
        return List.copyOf(settings);
    }

    private JsonNode json(ConfigPart part) {
        for (JsonNode plugin : json.path("plugins")) {
            if (plugin.path("name").asText().equals(part.plugin())) {
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
