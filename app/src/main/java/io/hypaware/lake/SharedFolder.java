package io.hypaware.lake;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.iceberg.io.InputFile;
import org.apache.iceberg.io.OutputFile;
import org.apache.iceberg.io.PositionOutputStream;

/// Files in a folder that other users write to, too. What this program makes is for its user alone; here it is for
/// whom the folder around it is for.
final class SharedFolder {

    private static final String MODE = "unix:mode";
    private static final int PERMISSIONS = 07777;
    private static final int READ_AND_WRITE = 0666;

    static OutputFile output(OutputFile file) {
        return new SharedFile(file);
    }

    /// Makes a folder, and those above it, with the permissions of the one that each is made in.
    private static void make(Path folder) throws IOException {
        if (Files.isDirectory(folder)) {
            return;
        }
        Path parent = folder.getParent();
        if (parent == null) {
            throw new IOException(folder + " has no folder above it");
        }
        make(parent);
        try {
            Files.createDirectory(folder);
        } catch (FileAlreadyExistsException e) {
            // Another machine has made it meanwhile, and gives it its permissions.
            return;
        }
        Files.setAttribute(folder, MODE, mode(parent));
    }

    private static int mode(Path folder) throws IOException {
        return (int) Files.getAttribute(folder, MODE) & PERMISSIONS;
    }

    private record SharedFile(OutputFile file) implements OutputFile {

        @Override
        public PositionOutputStream create() {
            return shared(false);
        }

        @Override
        public PositionOutputStream createOrOverwrite() {
            return shared(true);
        }

        private PositionOutputStream shared(boolean isOverwritten) {
            Path path = LocalFiles.path(file.location());
            Path folder = path.toAbsolutePath().resolveSibling("");
            try {
                make(folder);
                PositionOutputStream out = isOverwritten ? file.createOrOverwrite() : file.create();
                Files.setAttribute(path, MODE, mode(folder) & READ_AND_WRITE);
                return out;
            } catch (IOException e) {
                throw new UncheckedIOException(path + " cannot be made in the shared folder", e);
            }
        }

        @Override
        public String location() {
            return file.location();
        }

        @Override
        public InputFile toInputFile() {
            return file.toInputFile();
        }
    }

    private SharedFolder() {}
}
