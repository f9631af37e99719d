package io.hypaware.testing;

import io.hypaware.config.ConfigFile;
import io.hypaware.config.HypConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/// Configs of tests.
public final class Configs {

    public static HypConfig defaults() {
        return ConfigFile.read(Path.of("/nonexistent/config.json")).config();
    }

    /// The defaults but for some keys.
    ///
    /// @param cache the section `query.cache` as JSON
    public static HypConfig withCache(String cache) {
        return with("\"query\": {\"cache\": " + cache + "}");
    }

    /// @param sinks the section `sinks` as JSON
    public static HypConfig withSinks(String sinks) {
        return with("\"sinks\": " + sinks);
    }

    /// @param lake the section `lake` as JSON
    public static HypConfig withLake(String lake) {
        return with("\"lake\": " + lake);
    }

    private static HypConfig with(String section) {
        try {
            Path file = Files.createTempFile("config", ".json");
            Files.writeString(file, "{\"version\": 2, " + section + "}");
            HypConfig config = ConfigFile.read(file).config();
            Files.delete(file);
            return config;
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    private Configs() {}
}
