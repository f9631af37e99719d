package io.hypaware.client;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/// What an agent's settings are to become. Nothing is written before [#apply()].
///
/// @param changed whether the file is another one than before
/// @param text the file as it is to be; nothing, if it is to go away
/// @param otherUrl where the settings sent the agent's calls before attaching, or do after detaching, if they say so
/// @param notes what the user should know beside that, a sentence each
public record Attachment(
        UserFile file, boolean changed, Optional<String> text, Optional<String> otherUrl, List<String> notes) {

    public Attachment {
        notes = List.copyOf(notes);
    }

    public Path settings() {
        return file.path();
    }

    Attachment withNotes(List<String> others) {
        return new Attachment(file, changed, text, otherUrl, others);
    }

    /// Writes it.
    ///
    /// @throws ClientException if the file was changed meanwhile, or cannot be written; it is as it was then
    public void apply() {
        if (!changed) {
            return;
        }
        text.ifPresentOrElse(file::write, file::delete);
    }
}
