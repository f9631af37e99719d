package io.hypaware.daemon;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.hypaware.home.AsideFile;
import io.hypaware.home.HypHome;
import io.hypaware.home.ProcessLock;
import io.hypaware.journal.JournalWriter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.logging.Logger;
import java.util.regex.Pattern;

/// What a running gateway leaves in `run/` for others to find it, and the secrets of this installation.
public record GatewayFiles(HypHome home) {

    private static final Logger LOG = Logger.getLogger(GatewayFiles.class.getName());
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int KEY_BYTES = 32;
    private static final Pattern SECRET = Pattern.compile("[0-9a-f]{" + 2 * KEY_BYTES + "}");

    /// Where a gateway listens, as it wrote it down. That it does, only its answer says ([Presence]).
    ///
    /// @param startedMillis when its process began, which tells it from a later one of the same number
    /// @param supervisor the process that starts it again, 0 if there is none
    public record Address(String host, int port, long pid, long startedMillis, long supervisor) {

        /// The process that listens there.
        public Optional<ProcessHandle> process() {
            return GatewayFiles.process(pid, startedMillis);
        }

        public String url() {
            String reachable = host.equals("0.0.0.0") ? "127.0.0.1" : host.equals("::") ? "::1" : host;
            return "http://" + (reachable.contains(":") ? "[" + reachable + "]" : reachable) + ":" + port;
        }
    }

    /// Held by the one gateway of this home as long as it lives.
    public Path lockFile() {
        return home.run().resolve("gateway.lock");
    }

    /// Held while a gateway is started or looked for to be stopped.
    Path startLock() {
        return HypHome.privateFolder(home.run()).resolve("start.lock");
    }

    /// What the last gateway wrote down; empty if there is nothing that can be read.
    public Optional<Address> address() {
        try {
            JsonNode json = JSON.readTree(Files.readString(addressFile()));
            return Optional.of(new Address(
                    json.path("host").asText(),
                    json.path("port").asInt(),
                    json.path("pid").asLong(),
                    json.path("started_ms").asLong(),
                    json.path("supervisor").asLong()));
        } catch (NoSuchFileException e) {
            return Optional.empty();
        } catch (IOException e) {
            LOG.warning(addressFile() + " cannot be read: " + e.getMessage());
            return Optional.empty();
        }
    }

    void writeAddress(String host, int port) {
        var json = JSON.createObjectNode()
                .put("host", host)
                .put("port", port)
                .put("pid", ProcessHandle.current().pid())
                .put("started_ms", startedMillis(ProcessHandle.current()))
                .put("supervisor", supervisor());
        try {
            AsideFile.write(addressFile(), json.toString());
        } catch (IOException e) {
            throw new UncheckedIOException(addressFile() + " cannot be written", e);
        }
    }

    /// Says that a process takes over, for the one that is told to end.
    void writeSuccessor(ProcessHandle successor) {
        try {
            AsideFile.write(successorFile(), identity(successor));
        } catch (IOException e) {
            throw new UncheckedIOException(successorFile() + " cannot be written", e);
        }
    }

    /// Another process that takes over from this one, if it is there.
    Optional<ProcessHandle> successor() {
        return named(successorFile()).filter(process -> !process.equals(ProcessHandle.current()));
    }

    /// Gateways of this home that let their last calls end, after another took over.
    List<ProcessHandle> handingOver() {
        long current =
                ProcessLock.isTaken(lockFile()) ? address().map(Address::pid).orElse(0L) : 0;
        return JournalWriter.writers(home.run()).stream()
                .filter(pid -> pid != current)
                .flatMap(pid -> ProcessHandle.of(pid).stream())
                .toList();
    }

    private Path successorFile() {
        return home.run().resolve("successor.json");
    }

    /// The process that said it would start this one again, if it is still there to do so.
    static long supervisor() {
        String named = System.getenv().getOrDefault("HYP_SUPERVISOR", "");
        return ProcessHandle.current()
                .parent()
                .map(ProcessHandle::pid)
                .filter(parent -> named.equals(parent.toString()))
                .orElse(0L);
    }

    /// Writes down the process that starts the gateway again.
    void writeSupervisor(ProcessHandle supervisor) throws IOException {
        AsideFile.write(supervisorFile(), identity(supervisor));
    }

    private static String identity(ProcessHandle process) {
        return JSON.createObjectNode()
                .put("pid", process.pid())
                .put("started_ms", startedMillis(process))
                .toString();
    }

    private static Optional<ProcessHandle> named(Path file) {
        try {
            JsonNode json = JSON.readTree(Files.readString(file));
            return process(json.path("pid").asLong(), json.path("started_ms").asLong());
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    /// The process that would start a gateway again, if it is there: of the number and start time that were written.
    Optional<ProcessHandle> liveSupervisor() {
        return named(supervisorFile());
    }

    Path supervisorFile() {
        return home.run().resolve("supervisor.json");
    }

    /// Takes away what this process wrote down, and not what another has since.
    void removeAddress() {
        if (address()
                .filter(written -> written.pid() == ProcessHandle.current().pid())
                .isEmpty()) {
            return;
        }
        try {
            Files.deleteIfExists(addressFile());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// When a process began; 0 if the system does not say.
    static long startedMillis(ProcessHandle process) {
        return process.info()
                .startInstant()
                .map(java.time.Instant::toEpochMilli)
                .orElse(0L);
    }

    /// The process of a number, if it began at that time: a number alone is given out again.
    static Optional<ProcessHandle> process(long pid, long startedMillis) {
        return ProcessHandle.of(pid).filter(p -> startedMillis != 0 && startedMillis(p) == startedMillis);
    }

    /// The key of the hashes that stand for credentials; made once.
    public byte[] redactionKey() {
        return HexFormat.of().parseHex(secret("redaction.key"));
    }

    /// What tells this installation's rows from another's in a shared lake; made once.
    public String gatewayId() {
        return secret("gateway.id").substring(0, 16);
    }

    private String secret(String name) {
        Path file = HypHome.privateFolder(home.root().resolve("hypaware")).resolve(name);
        try {
            if (Files.exists(file)
                    && !SECRET.matcher(Files.readString(file).strip()).matches()) {
                Path unusable = file.resolveSibling(name + ".unusable");
                Files.move(file, unusable, StandardCopyOption.REPLACE_EXISTING);
                LOG.warning(file + " was not what this program writes; it is " + unusable
                        + " now, and a new one was made. Hashes of credentials differ from earlier ones");
            }
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
}
