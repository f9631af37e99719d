package io.hypaware.lake.stored;

import io.hypaware.store.Destination;
import io.hypaware.store.ObjectKey;
import io.hypaware.store.StoreException;
import java.io.UncheckedIOException;
import java.util.Optional;
import org.apache.iceberg.exceptions.NotFoundException;
import org.apache.iceberg.io.FileIO;
import org.apache.iceberg.io.InputFile;
import org.apache.iceberg.io.OutputFile;

/// The files of one table in a destination, as Iceberg wants them: metadata, which is held while it is read or written.
/// Data files are put by another way. What lies elsewhere is neither read nor deleted.
final class TableFiles implements FileIO {

    private static final long serialVersionUID = 1L;

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
        return new HeldInput(destination, required(location), location);
    }

    @Override
    public OutputFile newOutputFile(String location) {
        ObjectKey key = required(location);
        return new HeldOutput(new HeldInput(destination, key, location), content -> destination.put(key, content));
    }

    private ObjectKey required(String location) {
        return key(location).orElseThrow(() -> new NotFoundException("%s is not in the table's folder", location));
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
}
