package io.hypaware.backfill;

import io.hypaware.project.transcript.TranscriptFormat;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// A transcript on disk.
///
/// @param place the folder in which its agent keeps transcripts
/// @param size in bytes, when it was found
/// @param modifiedMicros when it was last written
public record TranscriptFile(TranscriptFormat format, Path place, Path path, long size, long modifiedMicros) {

    /// The folders below the place, then the file.
    List<String> names() {
        List<String> names = new ArrayList<>();
        place.relativize(path).forEach(name -> names.add(name.toString()));
        return names;
    }
}
