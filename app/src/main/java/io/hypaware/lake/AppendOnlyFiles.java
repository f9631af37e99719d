package io.hypaware.lake;

import io.hypaware.lake.stored.HeldInput;
import io.hypaware.lake.stored.HeldOutput;
import io.hypaware.store.Content;
import io.hypaware.store.Destination;
import io.hypaware.store.ObjectKey;
import io.hypaware.store.StoreException;
import io.hypaware.store.StoreException.Kind;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.commons.io.input.BoundedInputStream;
import org.apache.iceberg.exceptions.NotFoundException;
import org.apache.iceberg.io.FileIO;
import org.apache.iceberg.io.InputFile;
import org.apache.iceberg.io.OutputFile;
import org.apache.iceberg.io.StorageCredential;
import org.apache.iceberg.io.SupportsStorageCredentials;

/// The files of a warehouse that others use, too, of which none is deleted. Iceberg would delete what a commit wrote
/// that failed; but where the catalog did not answer, such a commit may have been made. What is left over goes with the
/// maintenance of the warehouse.
final class AppendOnlyFiles implements FileIO, SupportsStorageCredentials {

    private static final long serialVersionUID = 1;

    private final transient Warehouse warehouse;
    private final transient Map<String, String> properties;
    private transient List<StorageCredential> credentials = List.of();

    AppendOnlyFiles(Warehouse warehouse, Map<String, String> properties) {
        this.warehouse = warehouse;
        this.properties = Map.copyOf(properties);
    }

    @Override
    public Map<String, String> properties() {
        return properties;
    }

    @Override
    public void setCredentials(List<StorageCredential> lent) {
        credentials = List.copyOf(lent);
    }

    @Override
    public List<StorageCredential> credentials() {
        return credentials;
    }

    @Override
    public InputFile newInputFile(String location) {
        try {
            return input(location);
        } catch (LakeException e) {
            // Of what is not found alone Iceberg does not ask again and again for minutes.
            throw new NotFoundException(e, "%s", e.getMessage());
        }
    }

    private InputFile input(String location) {
        if (!warehouse.isBucket()) {
            return new LocalFiles().newInputFile(warehouse.within(location));
        }
        ObjectKey key = warehouse.key(location);
        return new HeldInput(bucket(), key, location);
    }

    /// A file of any size in the bucket, once from its beginning to its end. Several threads may ask.
    ///
    /// @throws NotFoundException if it is not there
    InputStream open(String location) throws StoreException {
        return bucket().get(warehouse.key(location))
                .orElseThrow(() -> new NotFoundException("there is no %s", location));
    }

    @Override
    public OutputFile newOutputFile(String location) {
        if (!warehouse.isBucket()) {
            return SharedFolder.output(new LocalFiles().newOutputFile(warehouse.within(location)));
        }
        ObjectKey key = warehouse.key(location);
        Destination bucket = bucket();
        return new HeldOutput(new HeldInput(bucket, key, location), content -> put(bucket, key, content));
    }

    /// Brings a file of any size.
    void put(Path file, String location) throws IOException {
        if (warehouse.isBucket()) {
            put(bucket(), warehouse.key(location), Content.of(file));
            return;
        }
        try (OutputStream out = newOutputFile(location).create()) {
            Files.copy(file, out);
        }
    }

    /// Where a file can be read on this machine's disk: itself, or a copy of one in a bucket.
    ///
    /// @param folder for the copy
    /// @param most bytes that are copied
    Path onDisk(String location, Path folder, long most) throws IOException {
        if (!warehouse.isBucket()) {
            return LocalFiles.path(warehouse.within(location));
        }
        Path copy = Files.createTempFile(folder, "copy", ".parquet");
        try (InputStream in = bucket().get(warehouse.key(location))
                        .orElseThrow(() -> new IOException("there is no " + location));
                InputStream bounded = BoundedInputStream.builder()
                        .setInputStream(in)
                        .setMaxCount(most + 1)
                        .get()) {
            if (Files.copy(bounded, copy, StandardCopyOption.REPLACE_EXISTING) > most) {
                throw new StoreException(Kind.TOO_LARGE, location + " is longer than " + most + " bytes");
            }
        }
        return copy;
    }

    private static void put(Destination bucket, ObjectKey key, Content content) throws StoreException {
        if (!bucket.putIfAbsent(key, content)) {
            throw new StoreException(
                    Kind.S3_PUT_FAILED, bucket.location(key) + " is there already, and nothing there is replaced");
        }
    }

    private Destination bucket() {
        Map<String, String> settings = new HashMap<>(properties);
        credentials.stream()
                .filter(lent -> warehouse.location().startsWith(lent.prefix())
                        || lent.prefix().startsWith(warehouse.location()))
                .max(Comparator.comparingInt(lent -> lent.prefix().length()))
                .ifPresent(lent -> settings.putAll(lent.config()));
        return warehouse.bucket(S3Loan.of(settings));
    }

    @Override
    public void deleteFile(String location) {
        // See the class.
    }
}
