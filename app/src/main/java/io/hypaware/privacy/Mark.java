package io.hypaware.privacy;

import java.nio.file.Path;
import java.util.Optional;

/// What the user has said of a folder and all below it, of an agent, or of an agent there.
///
/// @param folder absolute and normalized; of all folders if there is none
/// @param client as rows name it, such as `codex`; of all agents if there is none
public record Mark(Optional<Path> folder, Optional<String> client, PrivacyClass is) {

    public Mark {
        folder = folder.map(path -> path.toAbsolutePath().normalize());
        if (folder.isEmpty() && client.isEmpty()) {
            throw new IllegalArgumentException("a mark is of a folder, an agent, or both");
        }
    }

    /// Whether another one is of the same, whatever it says of it.
    boolean isOfTheSame(Mark other) {
        return folder.equals(other.folder) && client.equals(other.client);
    }

    boolean isOfClient(Optional<String> name) {
        return client.isEmpty() || client.equals(name);
    }

    /// What it is of, in words.
    public String subject() {
        String where = folder.map(Path::toString).orElse("all folders");
        return client.map(name -> where + ", " + name).orElse(where);
    }
}
