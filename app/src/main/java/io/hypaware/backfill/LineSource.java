package io.hypaware.backfill;

import com.fasterxml.jackson.databind.JsonNode;
import io.hypaware.project.Json;
import io.hypaware.secret.BodyRedaction;
import io.hypaware.secret.Redactor;
import java.io.IOException;
import java.nio.charset.StandardCharsets;

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

    /// As they stand.
    static LineSource of(TranscriptFile transcript) {
        return of(transcript, Redactor.NONE);
    }

    /// As they are stored.
    static LineSource of(TranscriptFile transcript, Redactor redactor) {
        return transcript.row().isPresent()
                ? new SessionRows(transcript, redactor)
                : new TranscriptLines(transcript.path(), redactor);
    }

    /// A line's JSON without its secrets.
    static JsonNode parsed(byte[] json, int length, Redactor redactor) throws IOException {
        return redactor.isOn()
                ? Json.MAPPER.readTree(BodyRedaction.of(redactor, new String(json, 0, length, StandardCharsets.UTF_8)))
                : Json.MAPPER.readTree(json, 0, length);
    }

    void read(Reader reader) throws IOException;

    /// How many lines could not be read; one that is torn at the end is none of them.
    long unread();
}
