package io.hypaware.home;

import static java.util.Objects.requireNonNull;

import io.hypaware.config.HypConfig;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;

/// The folder everything lives in, `HYP_HOME` or `~/.hyp`, and the places inside it.
///
/// @param configFile which `HYP_CONFIG` may place elsewhere
public record HypHome(Path root, Path configFile) {

    public HypHome {
        requireNonNull(root, "root is null");
        root = root.toAbsolutePath().normalize();
        configFile = configFile.toAbsolutePath().normalize();
    }

    public HypHome(Path root) {
        this(root, root.resolve("hypaware-config.json"));
    }

    /// `HYP_HOME`, else `.hyp` in `HOME`. The JDK's own idea of a home comes last: it reads the password file.
    ///
    /// @param environment the process environment
    public static HypHome of(Map<String, String> environment) {
        HypHome home = new HypHome(root(environment));
        String config = environment.getOrDefault("HYP_CONFIG", "");
        return config.isEmpty() ? home : new HypHome(home.root(), Path.of(config));
    }

    private static Path root(Map<String, String> environment) {
        String named = environment.getOrDefault("HYP_HOME", "");
        if (!named.isEmpty()) {
            return Path.of(named);
        }
        return userHome(environment).resolve(".hyp");
    }

    /// The user's folder: `HOME`, else what the JDK takes for it.
    public static Path userHome(Map<String, String> environment) {
        String user = environment.getOrDefault("HOME", "");
        return Path.of(user.isEmpty() ? System.getProperty("user.home") : user);
    }

    /// The cache folder, which the config may place elsewhere.
    public Cache cache(HypConfig config) {
        Path own = root.resolve("hypaware");
        return new Cache(config.query().cache().dir().map(root::resolve).orElse(own.resolve("cache")), own);
    }

    public Path logs() {
        return root.resolve("hypaware/logs");
    }

    public Path run() {
        return root.resolve("hypaware/run");
    }

    /// What today and the last sessions took, as the last worker wrote it down.
    public Path figures() {
        return run().resolve("figures.json");
    }

    /// Makes a folder and those above it, readable by its owner only.
    public static Path privateFolder(Path folder) {
        try {
            return Files.createDirectories(
                    folder, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        } catch (IOException e) {
            throw new UncheckedIOException("the folder " + folder + " cannot be made", e);
        }
    }
}
