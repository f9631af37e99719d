package io.hypaware.config;

/// Settings of the destination `@hypaware/local-fs`.
public record LocalFolderConfig(
        @Key(doc = "The folder that files go to, made if need be.")
        String dir) {

    public LocalFolderConfig {
        if (dir.isBlank()) {
            throw new ConfigException("/dir", "names no folder");
        }
    }
}
