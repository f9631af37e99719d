package io.hypaware.legacy;

import io.hypaware.lake.LiveFile;
import io.hypaware.lake.LocalFiles;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.DeleteFile;
import org.apache.iceberg.FileContent;
import org.apache.iceberg.ManifestFile;
import org.apache.iceberg.ManifestFiles;
import org.apache.iceberg.ManifestReader;
import org.apache.iceberg.Snapshot;
import org.apache.iceberg.TableMetadata;
import org.apache.iceberg.TableMetadataParser;
import org.apache.iceberg.io.FileIO;
import org.apache.iceberg.util.ContentFileUtil;

/// A table of an older cache as its newest metadata describes it, wherever its folder is now.
public final class OlderTable {

    private static final Pattern METADATA = Pattern.compile("v?(\\d+)(-[^.]*)?\\.metadata\\.json");
    private static final List<String> FILE_COLUMNS =
            List.of("file_path", "file_format", "record_count", "file_size_in_bytes", "partition", "content");

    private final Path folder;
    private final Path metadataFile;
    private final TableMetadata metadata;
    private final FileIO io;

    private OlderTable(Path folder, Path metadataFile, TableMetadata metadata, FileIO io) {
        this.folder = folder;
        this.metadataFile = metadataFile;
        this.metadata = metadata;
        this.io = io;
    }

    /// Loads the newest metadata.
    ///
    /// @throws UnreadableCacheException if there is none, or if the newest cannot be read: an older one would
    /// forget rows
    public static OlderTable load(Path folder) throws UnreadableCacheException {
        Path file = newestMetadata(folder);
        try {
            FileIO plain = new LocalFiles();
            TableMetadata metadata = TableMetadataParser.read(plain.newInputFile(file.toString()));
            return new OlderTable(folder, file, metadata, new MovedFiles(metadata.location(), folder));
        } catch (RuntimeException e) {
            throw new UnreadableCacheException(
                    file + " cannot be read (" + e.getMessage()
                            + "); the table was left alone. If the program that writes it has ended, move this file away",
                    e);
        }
    }

    /// What this state of the table is called: its metadata file and snapshot.
    public String state() {
        return folder.getFileName() + "/" + metadataFile.getFileName() + "#"
                + Optional.ofNullable(metadata.currentSnapshot())
                        .map(Snapshot::snapshotId)
                        .orElse(-1L);
    }

    /// Whether the table's columns never changed.
    public boolean hasOneSchema() {
        return metadata.schemas().size() == 1;
    }

    public FileIO io() {
        return io;
    }

    /// Every live data file, in the order of the manifests, which is the same for the same state.
    ///
    /// @throws UnreadableCacheException if a manifest cannot be read
    public List<LiveFile> files() throws UnreadableCacheException {
        Snapshot snapshot = metadata.currentSnapshot();
        if (snapshot == null) {
            return List.of();
        }
        try {
            Map<String, List<DeleteFile>> vectors = new HashMap<>();
            List<DeleteFile> anywhere = new ArrayList<>();
            for (ManifestFile manifest : snapshot.deleteManifests(io)) {
                readDeletes(manifest, vectors, anywhere);
            }
            // In parallel, because an older cache has a manifest for each of its thousands of files; in their order.
            List<List<LiveFile>> files = snapshot.dataManifests(io).parallelStream()
                    .map(manifest -> read(manifest, vectors, anywhere))
                    .toList();
            return files.stream().flatMap(List::stream).toList();
        } catch (IOException | RuntimeException e) {
            throw new UnreadableCacheException(
                    "a manifest of " + folder + " cannot be read (" + e.getMessage() + "); the table was left alone",
                    e);
        }
    }

    private List<LiveFile> read(
            ManifestFile manifest, Map<String, List<DeleteFile>> vectors, List<DeleteFile> anywhere) {
        List<LiveFile> found = new ArrayList<>();
        try (ManifestReader<DataFile> files =
                ManifestFiles.read(manifest, io, metadata.specsById()).select(FILE_COLUMNS)) {
            for (DataFile file : files) {
                List<DeleteFile> deletes = new ArrayList<>(anywhere);
                deletes.addAll(vectors.getOrDefault(file.location(), List.of()));
                found.add(LiveFile.older(MovedFiles.path(io, file.location()), file.copy(), deletes));
            }
            return found;
        } catch (IOException e) {
            throw new UncheckedIOException(manifest.path(), e);
        }
    }

    private void readDeletes(ManifestFile manifest, Map<String, List<DeleteFile>> vectors, List<DeleteFile> anywhere)
            throws IOException {
        try (ManifestReader<DeleteFile> deletes =
                ManifestFiles.readDeleteManifest(manifest, io, metadata.specsById())) {
            for (DeleteFile delete : deletes) {
                String target = delete.content() == FileContent.POSITION_DELETES
                        ? ContentFileUtil.referencedDataFileLocation(delete)
                        : null;
                if (target == null) {
                    anywhere.add(delete.copy());
                } else {
                    vectors.computeIfAbsent(target, _ -> new ArrayList<>()).add(delete.copy());
                }
            }
        }
    }

    private static Path newestMetadata(Path folder) throws UnreadableCacheException {
        TreeMap<Long, Path> versions = new TreeMap<>();
        try (Stream<Path> files = Files.list(folder.resolve("metadata"))) {
            files.forEach(file -> {
                Matcher name = METADATA.matcher(file.getFileName().toString());
                if (name.matches()) {
                    versions.put(Long.parseLong(name.group(1)), file);
                }
            });
        } catch (IOException | UncheckedIOException e) {
            throw new UnreadableCacheException(
                    folder.resolve("metadata") + " cannot be listed; the table was left alone", e);
        }
        if (versions.isEmpty()) {
            throw new UnreadableCacheException(
                    folder + " has no metadata file; the table was left alone. Repair: hyp cache check --repair");
        }
        return versions.lastEntry().getValue();
    }
}
