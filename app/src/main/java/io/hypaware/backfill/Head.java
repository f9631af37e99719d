package io.hypaware.backfill;

import com.fasterxml.jackson.databind.JsonNode;
import io.hypaware.dataset.Hashes;
import io.hypaware.journal.Micros;
import io.hypaware.project.Json;
import io.hypaware.project.transcript.Line;
import io.hypaware.project.transcript.TranscriptFormat;
import io.hypaware.secret.BodyRedaction;
import io.hypaware.secret.Redactor;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/// What the first lines of a transcript tell of it.
///
/// @param hash of the first bytes; empty for a session of a database
/// @param root the name of the first message; empty if nobody says anything
/// @param session that it is of
/// @param firstMicros when its first line was written
/// @param folder in which it was begun; empty if the first lines do not say
record Head(String hash, String root, String session, long firstMicros, String folder) {

    /// A message stands there, or the file has none for a while.
    private static final int MOST_LINES = 64;

    private static final int HASHED_BYTES = 4096;
    private static final int MOST_BESIDE = 1 << 16;

    static TranscriptFormat.Source source(TranscriptFile file) {
        return source(file, Redactor.NONE);
    }

    /// @param redactor leaves secrets out of what stands beside it
    static TranscriptFormat.Source source(TranscriptFile file, Redactor redactor) {
        return new TranscriptFormat.Source(
                file.names(),
                Micros.toInstant(file.modifiedMicros()),
                file.row().isPresent() ? Optional.empty() : beside(file.path(), redactor));
    }

    static Head of(TranscriptFile file) throws IOException {
        Found found = new Found();
        TranscriptFormat.LineReader reader = file.format().reader(source(file));
        LineSource.of(file).read((node, number) -> {
            reader.read(node, number).forEach(found::take);
            return number < MOST_LINES && found.root.isEmpty();
        });
        if (file.row().isPresent()) {
            // A fork begins with lines as old as those that it copies.
            TranscriptFile.SessionRow row = file.row().get();
            return new Head("", found.root, row.session(), row.begunMicros(), found.folder);
        }
        return new Head(hash(file.path()), found.root, found.session, found.firstMicros, found.folder);
    }

    private static final class Found {
        private String root = "";
        private String session = "";
        private String folder = "";
        private long firstMicros;

        void take(Line line) {
            session = line.session();
            if (folder.isEmpty()) {
                folder = line.columns().getOrDefault("cwd", "").toString();
            }
            if (firstMicros == 0) {
                firstMicros = Micros.of(line.at());
            }
            if (root.isEmpty() && line.what() instanceof Line.Said) {
                root = line.columns().getOrDefault("provider_uuid", line.id()).toString();
            }
        }
    }

    private static String hash(Path path) throws IOException {
        try (InputStream in = Files.newInputStream(path)) {
            byte[] begin = in.readNBytes(HASHED_BYTES);
            // A file that grows keeps its first line.
            int end = 0;
            while (end < begin.length && begin[end] != '\n') {
                end++;
            }
            return Hashes.shortHash(new String(begin, 0, end, java.nio.charset.StandardCharsets.ISO_8859_1));
        }
    }

    /// What stands in a small file beside it.
    private static Optional<JsonNode> beside(Path path, Redactor redactor) {
        Path meta = path.resolveSibling(path.getFileName().toString().replaceAll("\\.jsonl$", "") + ".meta.json");
        try {
            return Files.isRegularFile(meta) && Files.size(meta) <= MOST_BESIDE
                    ? Json.parsed(BodyRedaction.of(redactor, Files.readString(meta)))
                    : Optional.empty();
        } catch (IOException e) {
            return Optional.empty();
        }
    }
}
