package io.hypaware.project.transcript;

import com.fasterxml.jackson.databind.JsonNode;
import io.hypaware.project.message.WireFormat;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/// How one agent writes its transcripts down. The implementations are found by `META-INF/services`, see
/// docs/contributing.md.
public interface TranscriptFormat {

    /// The agent as users know it, such as `claude`; also what `conversation_source` says of its rows.
    String client();

    /// The provider that rows name.
    String provider();

    /// The wire format in which lines say messages.
    WireFormat wire();

    /// Where the files are.
    Places places();

    /// Whether a file below these folders is a transcript.
    ///
    /// @param names of the folders below the place, then of the file
    boolean isTranscript(List<String> names);

    /// A reader of one file.
    LineReader reader(Source source);

    /// The command with which the agent goes on with a session.
    String resumeCommand(String session);

    /// Names databases, if these hold the sessions instead of a file each. Each line is then an object of
    /// rows: the `session`, the `message`, and unless the line is of the whole message, the `part`. `ordinal` is
    /// the part's place in its message. `again` says that a part comes a second time: calls of tools do, after
    /// all parts.
    default Optional<Database> database() {
        return Optional.empty();
    }

    /// The agent's setting that says after how many days it deletes transcripts, if it does that.
    default Optional<Deletion> deletion() {
        return Optional.empty();
    }

    /// @param variable of the environment that names the agent's folder
    /// @param folder of the agent in the user's home, without that
    /// @param below the folders in it that hold transcripts
    record Places(String variable, String folder, List<String> below) {}

    /// @param variable of the environment that names a database in another place
    record Database(String variable) {}

    /// @param settings file in the agent's folder
    /// @param key of a number of days in it
    /// @param defaultDays without that
    record Deletion(String settings, String key, int defaultDays) {}

    /// A file, by what its name says.
    ///
    /// @param names of the folders below the place, then of the file
    /// @param modified when it was last written: lines that say no time are of then
    /// @param beside what stands in a file of the same name that ends in `.meta.json`
    record Source(List<String> names, Instant modified, Optional<JsonNode> beside) {

        public String name() {
            return names.getLast();
        }
    }

    /// Reads the lines of a file, in their order.
    @FunctionalInterface
    interface LineReader {

        /// What a line says; nothing, if others say it, too.
        ///
        /// @param number of the line, from 1
        List<Line> read(JsonNode line, long number);
    }
}
