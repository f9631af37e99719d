package io.hypaware.read;

import io.hypaware.project.transcript.TranscriptFormat;
import io.hypaware.project.transcript.TranscriptFormats;
import java.util.Optional;

/// The agents' own commands that go on with a session, as a shell takes them. They are only shown.
public final class ResumeText {

    /// @param client the agent
    /// @param folder where the session works; empty if that is not known
    /// @return nothing, if no command of that agent is known, or the id would be taken for something else
    public static Optional<String> of(String client, String session, String folder) {
        if (session.startsWith("-")) {
            return Optional.empty();
        }
        return TranscriptFormats.all().stream()
                .filter((TranscriptFormat format) -> format.client().equals(client))
                .findFirst()
                .map(format -> format.resumeCommand(quoted(session)))
                .map(command -> folder.startsWith("/") ? "cd " + quoted(folder) + " && " + command : command);
    }

    /// As a shell takes it for one word, whatever is in it.
    private static String quoted(String text) {
        return text.matches("[\\w./:@%+=][\\w./:@%+=-]*") ? text : "'" + text.replace("'", "'\\''") + "'";
    }

    private ResumeText() {}
}
