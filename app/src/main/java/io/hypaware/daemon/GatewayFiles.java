package io.hypaware.daemon;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.hypaware.home.HypHome;
import io.hypaware.home.ProcessLock;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.Optional;

/// What a running gateway leaves in `run/` for others to find it, and the secrets of this installation.
public record GatewayFiles(HypHome home) {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int KEY_BYTES = 32;

    /// Where a gateway listens.
    public record Address(String host, int port, long pid) {

        public String url() {
            return "http://" + (host.contains(":") ? "[" + host + "]" : host) + ":" + port;
        }
    }

    /// Held by the one gateway of this home as long as it lives.
    public Path lockFile() {
        return home.run().resolve("gateway.lock");
    }

    public boolean isRunning() {
        return ProcessLock.isTaken(lockFile());
    }

    /// Where the gateway listens, if one runs.
    public Optional<Address> address() {
        if (!isRunning()) {
            return Optional.empty();
        }
        try {
            JsonNode json = JSON.readTree(Files.readString(addressFile()));
            return Optional.of(new Address(
                    json.path("host").asText(),
                    json.path("port").asInt(),
                    json.path("pid").asLong()));
        } catch (NoSuchFileException e) {
            return Optional.empty();
        } catch (IOException e) {
            throw new UncheckedIOException(addressFile() + " cannot be read", e);
        }
    }

    void writeAddress(String host, int port) {
        var json = JSON.createObjectNode()
                .put("host", host)
                .put("port", port)
                .put("pid", ProcessHandle.current().pid());
        write(addressFile(), json.toString());
    }

    void removeAddress() {
        try {
            Files.deleteIfExists(addressFile());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// The key of the hashes that stand for credentials; made once.
    byte[] redactionKey() {
        return HexFormat.of().parseHex(secret("redaction.key"));
    }

    /// What tells this installation's rows from another's in a shared lake; made once.
    public String gatewayId() {
        return secret("gateway.id").substring(0, 16);
    }

    private String secret(String name) {
        Path file = HypHome.privateFolder(home.root().resolve("hypaware")).resolve(name);
        try {
            if (!Files.exists(file)) {
                byte[] random = new byte[KEY_BYTES];
                new SecureRandom().nextBytes(random);
                Path temporary = Files.createTempFile(file.resolveSibling(""), name, ".new");
                Files.writeString(temporary, HexFormat.of().formatHex(random));
                try {
                    Files.createLink(file, temporary);
                } catch (java.nio.file.FileAlreadyExistsException e) {
                    // another process was faster; its secret counts
                }
                Files.delete(temporary);
            }
            return Files.readString(file).strip();
        } catch (IOException e) {
            throw new UncheckedIOException(file + " cannot be made or read", e);
        }
    }

    private Path addressFile() {
        return home.run().resolve("gateway.json");
    }

    private static void write(Path file, String text) {
        try {
            Path temporary = file.resolveSibling(file.getFileName() + ".new");
            Files.writeString(temporary, text);
            Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            throw new UncheckedIOException(file + " cannot be written", e);
        }
    }
}
