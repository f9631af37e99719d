package io.hypaware.client;

import java.io.IOException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;

/// How an agent's folder of skills is to change. Nothing is written before [#apply()].
///
/// @param emptied folders that go away where nothing else is in them, the innermost first
/// @param notes what the user should know, a sentence each
public record SkillChange(Path folder, List<Attachment> files, List<Path> emptied, List<String> notes) {

    public SkillChange {
        files = List.copyOf(files);
        emptied = List.copyOf(emptied);
        notes = List.copyOf(notes);
    }

    public boolean changed() {
        return files.stream().anyMatch(Attachment::changed);
    }

    /// @throws ClientException if a file was changed meanwhile, or cannot be written
    public void apply() {
        files.forEach(Attachment::apply);
        for (Path path : emptied) {
            try {
                Files.delete(path);
            } catch (DirectoryNotEmptyException | NoSuchFileException e) {
                // The user keeps something there, or the agent has no such folder.
            } catch (IOException e) {
                throw new ClientException(ClientException.Kind.NOT_WRITABLE, path + " cannot be removed: " + e);
            }
        }
    }
}
