package io.hypaware.lake.stored;

import io.hypaware.store.Content;
import io.hypaware.store.Destination;
import io.hypaware.store.ObjectKey;
import io.hypaware.store.StoreException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Consumer;
import java.util.logging.Level;
import java.util.logging.Logger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.iceberg.LocationProviders;
import org.apache.iceberg.TableMetadata;
import org.apache.iceberg.TableMetadataParser;
import org.apache.iceberg.TableOperations;
import org.apache.iceberg.exceptions.CommitFailedException;
import org.apache.iceberg.exceptions.CommitStateUnknownException;
import org.apache.iceberg.io.FileIO;
import org.apache.iceberg.io.LocationProvider;
import org.jspecify.annotations.Nullable;

/// The versions of a table's metadata, `v<N>.metadata.json`. Who puts the next one where none is has committed. The
/// file
/// `version-hint.text` names a version near the last; it may be behind, or missing.
public final class TableCommits implements TableOperations {

    private static final Logger LOG = Logger.getLogger(TableCommits.class.getName());

    private static final Pattern VERSION = Pattern.compile("v(\\d{1,9})\\.metadata\\.json");

    private static final int MOST_HINT_BYTES = 100;

    /// So far behind no hint is.
    private static final int MOST_STEPS = 1_000;

    private final Destination destination;
    private final ObjectKey folder;
    private final ObjectKey metadataFolder;
    private final TableFiles files;
    private final Consumer<TableMetadata> read;

    private int version;
    private int committed;
    private @Nullable TableMetadata current;

    /// @param read told what is read before it is built upon; what it throws ends the commit
    public TableCommits(Destination destination, ObjectKey table, Consumer<TableMetadata> read) {
        this.destination = destination;
        this.folder = table;
        this.metadataFolder = table.child("metadata");
        this.files = new TableFiles(destination, table);
        this.read = read;
    }

    public ObjectKey folder() {
        return folder;
    }

    public String location() {
        return files.location();
    }

    /// The key of what a location names; empty for what is not in the table's folder.
    public Optional<ObjectKey> key(String location) {
        return files.key(location);
    }

    @Override
    public @Nullable TableMetadata current() {
        return current == null ? refresh() : current;
    }

    @Override
    public @Nullable TableMetadata refresh() {
        try {
            int latest = latest();
            if (latest != version || current == null) {
                current = latest == 0
                        ? null
                        : TableMetadataParser.read(files.newInputFile(metadataFileLocation(name(latest))));
                version = latest;
            }
        } catch (StoreException e) {
            throw new UncheckedIOException(e);
        }
        if (current != null && version != committed) {
            read.accept(current);
        }
        return current;
    }

    private int latest() throws StoreException {
        int latest = hint().orElse(0);
        if (latest == 0 || !isThere(latest)) {
            latest = versions().stream().mapToInt(Integer::intValue).max().orElse(0);
        }
        for (int step = 0; latest > 0 && step < MOST_STEPS && isThere(latest + 1); step++) {
            latest++;
        }
        return latest;
    }

    private OptionalInt hint() throws StoreException {
        return destination
                .read(hintKey(), MOST_HINT_BYTES)
                .map(bytes -> new String(bytes, StandardCharsets.UTF_8).strip())
                .filter(text -> text.matches("\\d{1,9}"))
                .map(text -> OptionalInt.of(Integer.parseInt(text)))
                .orElse(OptionalInt.empty());
    }

    private boolean isThere(int some) throws StoreException {
        return destination.stat(metadataFolder.child(name(some))).isPresent();
    }

    /// All that are kept.
    List<Integer> versions() throws StoreException {
        return destination.list(metadataFolder).stream()
                .map(file -> VERSION.matcher(file.key().name()))
                .filter(Matcher::matches)
                .map(name -> Integer.parseInt(name.group(1)))
                .toList();
    }

    /// Whether somebody keeps metadata here under other names, of which nobody can say which is the last.
    public boolean isSomebodyElses() throws StoreException {
        return version == 0
                && destination.list(metadataFolder).stream()
                        .anyMatch(file -> file.key().name().endsWith(".metadata.json"));
    }

    /// Deletes versions that the table's own log has forgotten.
    public void forgetVersions() throws StoreException {
        TableMetadata kept = current;
        if (kept == null) {
            return;
        }
        for (int old : versions()) {
            String location = metadataFileLocation(name(old));
            if (old < version && kept.previousFiles().stream().noneMatch(entry -> location.equals(entry.file()))) {
                destination.delete(metadataFolder.child(name(old)));
            }
        }
    }

    /// Iceberg builds upon what it was handed, and upon nothing that is equal to it.
    @Override
    @SuppressWarnings("ReferenceEquality")
    public void commit(@Nullable TableMetadata base, TableMetadata metadata) {
        if (base != current) {
            throw new CommitFailedException("the table changed");
        }
        int next = version + 1;
        ObjectKey key = metadataFolder.child(name(next));
        String json = TableMetadataParser.toJson(metadata);
        try {
            if (!destination.putIfAbsent(key, Content.of(json))) {
                throw new CommitFailedException("somebody else committed version %s", next);
            }
            int hinted = hint().orElse(0);
            if (hinted > next && isThere(hinted)) {
                // The version was there and is forgotten: this one is built upon the past, and nobody reads it.
                destination.delete(key);
                throw new CommitFailedException("somebody else committed more than version %s", next);
            }
        } catch (StoreException e) {
            throw new CommitStateUnknownException(e);
        }
        current = TableMetadataParser.fromJson(metadataFileLocation(name(next)), json);
        version = next;
        committed = next;
        try {
            destination.put(hintKey(), Content.of(Integer.toString(next)));
        } catch (StoreException e) {
            LOG.log(Level.WARNING, "the version hint of " + files.location() + " is behind", e);
        }
    }

    private ObjectKey hintKey() {
        return metadataFolder.child("version-hint.text");
    }

    private static String name(int version) {
        return "v" + version + ".metadata.json";
    }

    @Override
    public FileIO io() {
        return files;
    }

    @Override
    public String metadataFileLocation(String fileName) {
        return files.location() + "/metadata/" + fileName;
    }

    @Override
    public LocationProvider locationProvider() {
        return LocationProviders.locationsFor(files.location(), current == null ? Map.of() : current.properties());
    }
}
