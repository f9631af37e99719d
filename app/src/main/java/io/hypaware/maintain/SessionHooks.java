package io.hypaware.maintain;

import io.hypaware.home.Cache;
import io.hypaware.project.known.Whereabouts;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.logging.Level;
import java.util.logging.Logger;
import java.util.stream.Collectors;

/// The lines that agents' hooks have appended, by session: `session-hook.sh` says what stands in one. Of a long
/// file the end counts, which is the latest.
public final class SessionHooks implements Whereabouts.Source {

    private static final Logger LOG = Logger.getLogger(SessionHooks.class.getName());

    private static final String VERSION = "1";
    private static final long MOST_BYTES = 8L << 20;

    /// A hook says only to the second when it ran, and its call may begin in the same one.
    private static final long GRACE_SECONDS = 2;

    private static final List<String> FIELDS = List.of(
            "version",
            "seconds",
            "event",
            "session",
            "agent",
            "cwd",
            "transcript",
            "head_sha",
            "git_branch",
            "git_remote",
            "repo_root");

    private static final List<String> COLUMNS = List.of("cwd", "git_branch", "head_sha", "git_remote", "repo_root");

    /// Nobody has said anything.
    static final SessionHooks NONE = new SessionHooks();

    private record Speaker(String session, String agent) {}

    private final Map<Speaker, NavigableMap<Long, Whereabouts>> bySpeaker = new HashMap<>();

    /// Reads what there is.
    public static SessionHooks of(Cache cache) {
        SessionHooks hooks = new SessionHooks();
        Path file = cache.sessionHooks();
        try {
            Path before = file.resolveSibling(file.getFileName() + ".1");
            if (Files.isRegularFile(before) && Files.isRegularFile(file) && Files.size(file) < MOST_BYTES) {
                hooks.read(before, MOST_BYTES - Files.size(file));
            }
            if (Files.isRegularFile(file)) {
                hooks.read(file, MOST_BYTES);
            }
        } catch (IOException e) {
            LOG.log(Level.INFO, "the lines of agents' hooks cannot be read; rows go without", e);
        }
        return hooks;
    }

    /// The sessions that are said to have worked in a folder.
    public Set<String> sessionsIn(Predicate<String> folder) {
        return bySpeaker.entrySet().stream()
                .filter(speaker -> speaker.getValue().values().stream()
                        .flatMap(line -> Optional.ofNullable(line.columns().get("cwd")).stream())
                        .anyMatch(folder))
                .map(speaker -> speaker.getKey().session())
                .collect(Collectors.toSet());
    }

    private void read(Path file, long most) throws IOException {
        try (var channel = Files.newByteChannel(file)) {
            long from = Math.max(0, channel.size() - most);
            channel.position(from);
            var bytes = java.nio.ByteBuffer.allocate(Math.toIntExact(Math.min(most, channel.size() - from)));
            while (bytes.hasRemaining() && channel.read(bytes) >= 0) {
                // more follows
            }
            String text = new String(bytes.array(), 0, bytes.position(), StandardCharsets.UTF_8);
            // The first line may be half of one, and the last may be written still.
            int begin = from == 0 ? 0 : text.indexOf('\n') + 1;
            int end = text.lastIndexOf('\n');
            if (end > begin) {
                text.substring(begin, end).lines().forEach(this::line);
            }
        }
    }

    private void line(String line) {
        String[] values = line.split("\t", -1);
        if (values.length < COLUMNS.size() || !values[0].equals(VERSION) || !values[1].matches("\\d{1,12}")) {
            return;
        }
        Map<String, String> fields = new HashMap<>();
        for (int i = 0; i < Math.min(values.length, FIELDS.size()); i++) {
            if (!values[i].isBlank()) {
                fields.put(FIELDS.get(i), values[i]);
            }
        }
        String session = fields.getOrDefault("session", "");
        if (session.isEmpty()) {
            return;
        }
        Map<String, String> columns = new HashMap<>(fields);
        columns.keySet().retainAll(COLUMNS);
        bySpeaker
                .computeIfAbsent(new Speaker(session, fields.getOrDefault("agent", "")), _ -> new TreeMap<>())
                .put(Long.parseLong(values[1]), new Whereabouts(columns));
    }

    /// Where a session was when its agent first said so.
    public Optional<Whereabouts> first(String session) {
        return Optional.ofNullable(bySpeaker.get(new Speaker(session, "")))
                .map(lines -> lines.firstEntry().getValue());
    }

    /// The session that was in a folder last.
    public Optional<String> last(String folder) {
        return bySpeaker.entrySet().stream()
                .filter(lines ->
                        lines.getValue().lastEntry().getValue().folder().equals(Optional.of(folder)))
                .max(Comparator.comparingLong(lines -> lines.getValue().lastKey()))
                .map(lines -> lines.getKey().session());
    }

    @Override
    public Whereabouts at(String session, String agent, Instant when) {
        NavigableMap<Long, Whereabouts> lines = bySpeaker.getOrDefault(
                new Speaker(session, agent), bySpeaker.getOrDefault(new Speaker(session, ""), new TreeMap<>()));
        Map.Entry<Long, Whereabouts> line = lines.floorEntry(when.getEpochSecond() + GRACE_SECONDS);
        return line == null ? Whereabouts.UNKNOWN : line.getValue();
    }
}
