package io.hypaware.backfill;

import io.hypaware.journal.Micros;
import io.hypaware.project.transcript.TranscriptFormat;
import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/// Finds an agent's transcripts on this machine. Links are not followed: what is the user's alone stays where it is.
public final class TranscriptFiles {

    private static final int MOST_DEPTH = 12;

    /// More are of no person's work.
    private static final int MOST_FILES = 500_000;

    /// What there is.
    ///
    /// @param unread folders and files that cannot be looked at, and why
    public record Found(List<TranscriptFile> files, List<String> unread) {}

    private final Map<String, String> environment;
    private final Path home;

    /// @param home of the user
    public TranscriptFiles(Map<String, String> environment, Path home) {
        this.environment = Map.copyOf(environment);
        this.home = home;
    }

    /// The agent's own folder.
    public Path folder(TranscriptFormat format) {
        String named = environment.getOrDefault(format.places().variable(), "");
        return named.isEmpty() ? home.resolve(format.places().folder()) : Path.of(named);
    }

    /// An agent's transcripts, by path.
    public Found find(TranscriptFormat format) throws IOException {
        List<TranscriptFile> files = new ArrayList<>();
        List<String> unread = new ArrayList<>();
        if (format.database().isPresent()) {
            for (Path database : databases(format)) {
                try {
                    files.addAll(SessionDatabase.sessions(format, database));
                } catch (IOException | RuntimeException e) {
                    unread.add(database + " cannot be read: " + e.getMessage());
                }
            }
            return new Found(files, unread);
        }
        for (String below : format.places().below()) {
            Path named = folder(format).resolve(below);
            if (Files.isDirectory(named)) {
                // The place itself may be a link, as where a user keeps it on another disk.
                Path place = named.toRealPath();
                Files.walkFileTree(
                        place,
                        EnumSet.noneOf(java.nio.file.FileVisitOption.class),
                        MOST_DEPTH,
                        visitor(format, place, files, unread));
            }
        }
        files.sort((a, b) -> a.path().compareTo(b.path()));
        return new Found(files, unread);
    }

    /// The agent's databases, which stand in its folders themselves, and the one that the environment names.
    private List<Path> databases(TranscriptFormat format) throws IOException {
        List<Path> databases = new ArrayList<>();
        String named = environment.getOrDefault(format.database().orElseThrow().variable(), "");
        for (String below : format.places().below()) {
            Path place = folder(format).resolve(below);
            if (Files.isDirectory(place)) {
                try (Stream<Path> beside = Files.list(place.toRealPath())) {
                    beside.filter(path -> format.isTranscript(
                                    List.of(path.getFileName().toString())))
                            .forEach(databases::add);
                }
            }
            Path other = place.resolve(named);
            if (!named.isEmpty() && Files.isRegularFile(other) && !databases.contains(other.toRealPath())) {
                databases.add(other.toRealPath());
            }
        }
        databases.removeIf(path -> !Files.isRegularFile(path, LinkOption.NOFOLLOW_LINKS));
        databases.sort(Path::compareTo);
        return databases;
    }

    private static SimpleFileVisitor<Path> visitor(
            TranscriptFormat format, Path place, List<TranscriptFile> files, List<String> unread) {
        return new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path path, BasicFileAttributes attributes) {
                TranscriptFile file = new TranscriptFile(
                        format,
                        place,
                        path,
                        Optional.empty(),
                        attributes.size(),
                        Micros.of(attributes.lastModifiedTime().toInstant()));
                if (attributes.isRegularFile() && format.isTranscript(file.names())) {
                    files.add(file);
                }
                if (files.size() >= MOST_FILES) {
                    unread.add(place + " holds more than " + MOST_FILES + " transcripts; those after " + path
                            + " were left out");
                    return FileVisitResult.TERMINATE;
                }
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFileFailed(Path path, IOException e) {
                unread.add(path + " cannot be read: " + e.getClass().getSimpleName());
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult postVisitDirectory(Path path, @org.jspecify.annotations.Nullable IOException e) {
                if (e != null) {
                    unread.add(path + " cannot be listed: " + e.getClass().getSimpleName());
                }
                return FileVisitResult.CONTINUE;
            }
        };
    }
}
