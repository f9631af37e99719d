package io.hypaware.lake;

import io.hypaware.home.Folders;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.iceberg.io.FileIO;
import org.apache.iceberg.io.InputFile;
import org.apache.iceberg.io.OutputFile;
import org.apache.iceberg.io.PositionOutputStream;
import org.apache.iceberg.io.SeekableInputStream;

/// Iceberg's files on local disk. What is written is synced, file and folder, when it is closed, so that no commit
/// names a file that a power cut can take away.
public final class LocalFiles implements FileIO {

    private static final long serialVersionUID = 1;

    @Override
    public InputFile newInputFile(String location) {
        return new LocatedInputFile(
                location, org.apache.iceberg.Files.localInput(path(location).toFile()));
    }

    @Override
    public OutputFile newOutputFile(String location) {
        return new SyncedOutputFile(
                location, org.apache.iceberg.Files.localOutput(path(location).toFile()));
    }

    @Override
    public void deleteFile(String location) {
        try {
            Files.deleteIfExists(path(location));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// The path of a location: an absolute path, or a `file:` URI with one, two or three slashes.
    public static Path path(String location) {
        if (!location.startsWith("file:")) {
            return Path.of(location);
        }
        URI uri = URI.create(location);
        return Path.of(uri.getPath());
    }

    /// Forces a file, or a folder's list of files, to disk.
    static void sync(Path path) {
        try {
            Folders.sync(path);
        } catch (IOException e) {
            throw new UncheckedIOException(path + " cannot be synced", e);
        }
    }

    private record SyncedOutputFile(String location, OutputFile file) implements OutputFile {

        @Override
        public PositionOutputStream create() {
            return new SyncedStream(location, file.create());
        }

        @Override
        public PositionOutputStream createOrOverwrite() {
            return new SyncedStream(location, file.createOrOverwrite());
        }

        @Override
        public InputFile toInputFile() {
            return new LocatedInputFile(location, file.toInputFile());
        }
    }

    /// Iceberg's local files forget the location they were asked for and know a path only; the catalog compares
    /// locations.
    private record LocatedInputFile(String location, InputFile file) implements InputFile {

        @Override
        public long getLength() {
            return file.getLength();
        }

        @Override
        public SeekableInputStream newStream() {
            return file.newStream();
        }

        @Override
        public boolean exists() {
            return file.exists();
        }
    }

    private static final class SyncedStream extends PositionOutputStream {

        private final Path path;
        private final PositionOutputStream out;
        private boolean closed;

        private SyncedStream(String location, PositionOutputStream out) {
            this.path = path(location);
            this.out = out;
        }

        @Override
        public long getPos() throws IOException {
            return out.getPos();
        }

        @Override
        public void write(int b) throws IOException {
            out.write(b);
        }

        @Override
        public void write(byte[] bytes, int offset, int length) throws IOException {
            out.write(bytes, offset, length);
        }

        @Override
        public void flush() throws IOException {
            out.flush();
        }

        @Override
        public void close() throws IOException {
            if (!closed) {
                closed = true;
                out.close();
                sync(path);
                sync(path.resolveSibling("").toAbsolutePath());
            }
        }
    }
}
