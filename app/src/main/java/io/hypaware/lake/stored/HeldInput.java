package io.hypaware.lake.stored;

import io.hypaware.store.Destination;
import io.hypaware.store.ObjectKey;
import io.hypaware.store.StoreException;
import java.io.UncheckedIOException;
import java.util.Optional;
import org.apache.iceberg.exceptions.NotFoundException;
import org.apache.iceberg.inmemory.InMemoryInputFile;
import org.apache.iceberg.io.InputFile;
import org.apache.iceberg.io.SeekableInputStream;

/// A file of a table's metadata in a destination, held as a whole once it is read: what a table names is not written
/// again.
public final class HeldInput implements InputFile {

    /// A larger piece of metadata is none that anybody made on purpose.
    public static final int MOST_BYTES = 64 << 20;

    private final Destination destination;
    private final ObjectKey key;
    private final String location;
    private Optional<byte[]> held = Optional.empty();

    /// @param location what Iceberg calls the file
    public HeldInput(Destination destination, ObjectKey key, String location) {
        this.destination = destination;
        this.key = key;
        this.location = location;
    }

    private synchronized Optional<byte[]> read() {
        try {
            if (held.isEmpty()) {
                held = destination.read(key, MOST_BYTES);
            }
            return held;
        } catch (StoreException e) {
            // Of what is not found alone Iceberg does not ask again and again for minutes.
            throw e.isTerminal() ? new NotFoundException(e, "%s", e.getMessage()) : new UncheckedIOException(e);
        }
    }

    private byte[] bytes() {
        return read().orElseThrow(() -> new NotFoundException("there is no %s", location));
    }

    @Override
    public long getLength() {
        return bytes().length;
    }

    @Override
    public SeekableInputStream newStream() {
        return new InMemoryInputFile(location, bytes()).newStream();
    }

    @Override
    public String location() {
        return location;
    }

    @Override
    public boolean exists() {
        return read().isPresent();
    }
}
