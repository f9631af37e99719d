package io.hypaware.query;

import io.hypaware.home.Progress;

/// How files of buckets come to this machine for a query.
///
/// @param mostBytes that one query fetches
/// @param mostFiles that one query reads
/// @param keptBytes of copies of a team's files that are kept for later queries
/// @param progress told of what takes long
public record Fetching(long mostBytes, int mostFiles, long keptBytes, Progress progress) {

    static final long MOST_BYTES = 4L << 30;

    static final int MOST_FILES = 10_000;

    /// The usual bounds.
    public static Fetching showing(Progress progress) {
        return new Fetching(MOST_BYTES, MOST_FILES, MOST_BYTES, progress);
    }
}
