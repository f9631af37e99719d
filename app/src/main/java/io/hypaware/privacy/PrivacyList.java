package io.hypaware.privacy;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.hypaware.home.AsideFile;
import io.hypaware.home.HypHome;
import io.hypaware.home.ProcessLock;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/// What the user has said on this machine, a small file of the home: marks on folders and agents, and sessions that are
/// not to be recorded.
///
/// @param sessions those, by their id, with the time at which that was said
public record PrivacyList(List<Mark> marks, Map<String, Instant> sessions) {

    public static final PrivacyList EMPTY = new PrivacyList(List.of(), Map.of());

    /// Some ten thousand marks.
    private static final long MOST_BYTES = 4L << 20;

    private static final int MOST_SESSION_BYTES = 512;

    private static final int MOST_SESSIONS = 10_000;

    private static final int VERSION = 1;

    private static final Duration PATIENCE = Duration.ofSeconds(5);

    private static final ObjectMapper JSON =
            JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();

    public PrivacyList {
        marks = List.copyOf(marks);
        sessions = Map.copyOf(sessions);
    }

    /// Reads the list; an empty one where there is no file.
    ///
    /// @throws PrivacyListException if what is there cannot be read; says what to do
    public static PrivacyList read(Path file) throws PrivacyListException {
        try {
            if (Files.size(file) > MOST_BYTES) {
                throw new PrivacyListException(
                        file + " has more than %,d bytes. Repair: make it smaller".formatted(MOST_BYTES));
            }
            return JSON.readValue(Files.readAllBytes(file), Stored.class).list();
        } catch (NoSuchFileException e) {
            return EMPTY;
        } catch (JsonProcessingException | IllegalArgumentException e) {
            String why = e instanceof JsonProcessingException json ? json.getOriginalMessage() : e.getMessage();
            throw new PrivacyListException(file + " cannot be understood: " + why + ". Repair: mend or delete it", e);
        } catch (PrivacyListException e) {
            throw e;
        } catch (IOException e) {
            throw new PrivacyListException(
                    file + " cannot be read: " + e.getMessage() + ". Repair: make it readable", e);
        }
    }

    /// Changes the list, while no other process does.
    public static PrivacyList update(Path file, UnaryOperator<PrivacyList> change)
            throws IOException, InterruptedException {
        HypHome.privateFolder(file.resolveSibling(""));
        Path lock = file.resolveSibling("run").resolve("privacy.lock");
        try (ProcessLock _ = ProcessLock.take(lock, "privacy list", PATIENCE)) {
            PrivacyList before = read(file);
            PrivacyList after = change.apply(before);
            if (!after.equals(before)) {
                AsideFile.write(file, JSON.writeValueAsString(Stored.of(after)) + "\n");
            }
            return after;
        }
    }

    /// With a mark, in place of what was said of the same.
    public PrivacyList with(Mark mark) {
        List<Mark> all = new ArrayList<>(without(mark).marks);
        all.add(mark);
        return new PrivacyList(all, sessions);
    }

    /// Without what was said of the same.
    public PrivacyList without(Mark mark) {
        return new PrivacyList(
                marks.stream().filter(one -> !one.isOfTheSame(mark)).toList(), sessions);
    }

    /// With a session that is not to be recorded from now on.
    ///
    /// @throws IllegalArgumentException if it is no session's id, or there are too many of them
    public PrivacyList withSession(String session, Instant at) {
        if (session.isBlank()
                || session.length() > MOST_SESSION_BYTES
                || session.chars().anyMatch(Character::isISOControl)) {
            throw new IllegalArgumentException("this is no session's id");
        }
        Map<String, Instant> all = new TreeMap<>(sessions);
        all.putIfAbsent(session, at);
        if (all.size() > MOST_SESSIONS) {
            throw new IllegalArgumentException(
                    "%,d sessions are ignored already; take some back: hyp session unignore <id>"
                            .formatted(MOST_SESSIONS));
        }
        return new PrivacyList(marks, all);
    }

    public PrivacyList withoutSession(String session) {
        Map<String, Instant> all = new TreeMap<>(sessions);
        all.remove(session);
        return new PrivacyList(marks, all);
    }

    /// As it stands in the file.
    private record Stored(
            @JsonProperty(required = true) int version,
            @JsonProperty(required = true) List<StoredMark> marks,
            @JsonProperty(required = true) Map<String, String> sessions) {

        static Stored of(PrivacyList list) {
            Map<String, String> sessions = new TreeMap<>();
            list.sessions.forEach((session, at) -> sessions.put(session, at.toString()));
            return new Stored(VERSION, list.marks.stream().map(StoredMark::of).toList(), sessions);
        }

        PrivacyList list() {
            if (version != VERSION) {
                throw new IllegalArgumentException("it has version " + version + ", this program knows " + VERSION);
            }
            Map<String, Instant> all = new TreeMap<>();
            sessions.forEach((session, at) -> all.put(session, instant(at)));
            return new PrivacyList(marks.stream().map(StoredMark::mark).toList(), all);
        }

        private static Instant instant(String text) {
            try {
                return Instant.parse(text);
            } catch (java.time.format.DateTimeParseException e) {
                throw new IllegalArgumentException("\"" + text + "\" is no time", e);
            }
        }
    }

    private record StoredMark(
            @Nullable String path,
            @Nullable String client,
            @JsonProperty(value = "class", required = true) String is) {

        static StoredMark of(Mark mark) {
            return new StoredMark(
                    mark.folder().map(Path::toString).orElse(null),
                    mark.client().orElse(null),
                    mark.is().word());
        }

        Mark mark() {
            return new Mark(
                    Optional.ofNullable(path).map(Path::of),
                    Optional.ofNullable(client),
                    PrivacyClass.of(is)
                            .orElseThrow(() -> new IllegalArgumentException(
                                    "\"" + is + "\" is no class; there are " + PrivacyClass.words())));
        }
    }
}
