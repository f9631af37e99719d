package io.hypaware.lake.rest;

import io.hypaware.lake.LakeException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// What opens a REST catalog, as Iceberg's properties say it: a token, or a client's id and secret for which a token
/// is given. It stands in a file of its own or in the environment, never in the config.
final class CatalogKey {

    private static final String TOKEN = "token";
    private static final String CREDENTIAL = "credential";

    private static final int MOST_BYTES = 64 << 10;

    private static final Set<PosixFilePermission> OWNERS =
            Set.of(PosixFilePermission.OWNER_READ, PosixFilePermission.OWNER_WRITE);

    /// @param file the file that has it; without one, the environment is asked
    /// @return properties; none where there is no key, as a catalog may need none
    /// @throws LakeException if the file cannot be used
    static Map<String, String> properties(Optional<String> file, Map<String, String> environment) {
        Map<String, String> found = new HashMap<>();
        if (file.isPresent()) {
            read(path(file.get(), environment)).lines().map(String::strip).forEach(line -> {
                String[] parts = line.split("=", 2);
                if (parts.length == 2 && (parts[0].equals(TOKEN) || parts[0].equals(CREDENTIAL))) {
                    found.put(parts[0], parts[1].strip());
                }
            });
            if (found.isEmpty()) {
                throw new LakeException(
                        file.get() + " has neither a line token=… nor credential=<client id>:<client secret>");
            }
        } else {
            Optional.ofNullable(environment.get("HYPAWARE_CATALOG_TOKEN")).ifPresent(key -> found.put(TOKEN, key));
            Optional.ofNullable(environment.get("HYPAWARE_CATALOG_CREDENTIAL"))
                    .ifPresent(key -> found.put(CREDENTIAL, key));
        }
        found.values().removeIf(String::isBlank);
        return found;
    }

    private static Path path(String file, Map<String, String> environment) {
        return file.startsWith("~/") ? Path.of(environment.getOrDefault("HOME", ""), file.substring(2)) : Path.of(file);
    }

    private static String read(Path file) {
        try {
            if (!OWNERS.containsAll(Files.getPosixFilePermissions(file))) {
                throw new LakeException(file + " can be read by others than its owner, so that it is not used as the"
                        + " catalog's key; chmod 600 " + file);
            }
            try (InputStream in = Files.newInputStream(file)) {
                return new String(in.readNBytes(MOST_BYTES), StandardCharsets.UTF_8);
            }
        } catch (IOException e) {
            throw new LakeException("the catalog's key in " + file + " cannot be read: " + e, e);
        }
    }

    private CatalogKey() {}
}
