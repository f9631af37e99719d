package io.hypaware.backfill;

import io.hypaware.project.transcript.TranscriptFormat;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// A transcript on disk: a file, or a session in its agent's database.
///
/// @param place the folder in which its agent keeps transcripts
/// @param path of the file or the database
/// @param row where it is one session of a database
/// @param size in bytes, when it was found; of a session it is an estimate
/// @param modifiedMicros when it was last written
public record TranscriptFile(
        TranscriptFormat format, Path place, Path path, Optional<SessionRow> row, long size, long modifiedMicros) {

    /// @param session its id in the database
    /// @param begunMicros when it was begun
    public record SessionRow(String session, long begunMicros) {}

    /// What it is known by among all transcripts.
    String key() {
        return path + row.map(session -> "#" + session.session()).orElse("");
    }

    /// The folders below the place, then the file.
    List<String> names() {
        List<String> names = new ArrayList<>();
        place.relativize(path).forEach(name -> names.add(name.toString()));
        return names;
    }
}
