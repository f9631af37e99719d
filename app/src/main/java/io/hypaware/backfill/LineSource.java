package io.hypaware.backfill;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;

/// The lines of one transcript, in their order: of a file, or rows of an agent's database.
interface LineSource {

    /// A longer line is left out, and counted: read, it takes several times as much memory.
    int MOST_LINE = 24 << 20;

    /// Takes one line.
    @FunctionalInterface
    interface Reader {
        /// @return whether to go on
        boolean read(JsonNode line, long number) throws IOException;
    }

    static LineSource of(TranscriptFile transcript) {
        return transcript.row().isPresent() ? new SessionRows(transcript) : new TranscriptLines(transcript.path());
    }

    void read(Reader reader) throws IOException;

    /// How many lines could not be read; one that is torn at the end is none of them.
    long unread();
}
