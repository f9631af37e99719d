package io.hypaware.lake.stored;

import io.hypaware.store.Content;
import io.hypaware.store.Destination;
import io.hypaware.store.ObjectKey;
import io.hypaware.store.StoreException;
import java.io.ByteArrayOutputStream;
import java.io.UncheckedIOException;
import java.util.Optional;
import org.apache.iceberg.exceptions.NotFoundException;
import org.apache.iceberg.inmemory.InMemoryInputFile;
import org.apache.iceberg.io.FileIO;
import org.apache.iceberg.io.InputFile;
import org.apache.iceberg.io.OutputFile;
import org.apache.iceberg.io.PositionOutputStream;
import org.apache.iceberg.io.SeekableInputStream;

/// The files of one table in a destination, as Iceberg wants them: metadata, which is held while it is read or written.
/// Data files are put by another way. What lies elsewhere is neither read nor deleted.
final class TableFiles implements FileIO {

    private static final long serialVersionUID = 1L;

    /// A larger piece of metadata is none that anybody made on purpose.
    static final int MOST_BYTES = 64 << 20;

    private final transient Destination destination;
    private final transient ObjectKey folder;

    TableFiles(Destination destination, ObjectKey folder) {
        this.destination = destination;
        this.folder = folder;
    }

    /// Where the table is, without a slash at the end.
    String location() {
        return location(destination, folder);
    }

    private static String location(Destination destination, ObjectKey key) {
        return destination.location(key).replaceAll("/$", "");
    }

    /// The key of what a location names, empty for what is not in the table's folder.
    Optional<ObjectKey> key(String location) {
        String here = location() + "/";
        // Others write such an address with one slash, or with none.
        String plain = here.startsWith("file:///") && !location.startsWith("file:///")
                ? "file://" + location.replaceFirst("^file:/*", "/")
                : location;
        if (!plain.startsWith(here)) {
            return Optional.empty();
        }
        try {
            return Optional.of(folder.child(plain.substring(here.length())));
        } catch (IllegalArgumentException _) {
            return Optional.empty();
        }
    }

    @Override
    public InputFile newInputFile(String location) {
        return new Held(location);
    }

    @Override
    public OutputFile newOutputFile(String location) {
        return new Put(location);
    }

    @Override
    public void deleteFile(String location) {
        key(location).ifPresent(key -> {
            try {
                destination.delete(key);
            } catch (StoreException e) {
                throw new UncheckedIOException(e);
            }
        });
    }

    private final class Held implements InputFile {

        private final String location;

        private Held(String location) {
            this.location = location;
        }

        private Optional<byte[]> bytes() {
            Optional<ObjectKey> key = key(location);
            try {
                return key.isEmpty() ? Optional.empty() : destination.read(key.get(), MOST_BYTES);
            } catch (StoreException e) {
                throw new UncheckedIOException(e);
            }
        }

        @Override
        public long getLength() {
            return bytes().map(bytes -> bytes.length)
                    .orElseThrow(() -> new NotFoundException("%s is not in the table's folder", location));
        }

        @Override
        public SeekableInputStream newStream() {
            return bytes().map(bytes -> new InMemoryInputFile(location, bytes).newStream())
                    .orElseThrow(() -> new NotFoundException("%s is not in the table's folder", location));
        }

        @Override
        public String location() {
            return location;
        }

        @Override
        public boolean exists() {
            return bytes().isPresent();
        }
    }

    private final class Put implements OutputFile {

        private final String location;

        private Put(String location) {
            this.location = location;
        }

        /// Names of such files are never given twice.
        @Override
        public PositionOutputStream create() {
            return createOrOverwrite();
        }

        @Override
        public PositionOutputStream createOrOverwrite() {
            return new Gathered(key(location)
                    .orElseThrow(() -> new IllegalArgumentException(location + " is not in the table's folder")));
        }

        @Override
        public String location() {
            return location;
        }

        @Override
        public InputFile toInputFile() {
            return new Held(location);
        }
    }

    private final class Gathered extends PositionOutputStream {

        private final ObjectKey key;
        private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        private boolean isClosed;

        private Gathered(ObjectKey key) {
            this.key = key;
        }

        @Override
        public long getPos() {
            return bytes.size();
        }

        @Override
        public void write(int b) {
            bytes.write(b);
        }

        @Override
        public void write(byte[] some, int offset, int length) {
            bytes.write(some, offset, length);
        }

        @Override
        public void close() throws StoreException {
            if (!isClosed) {
                isClosed = true;
                destination.put(key, Content.of(bytes.toByteArray()));
            }
        }
    }
}
