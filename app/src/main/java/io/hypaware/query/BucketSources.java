package io.hypaware.query;

import io.hypaware.config.HypConfig.QuerySource;
import io.hypaware.config.S3Config;
import io.hypaware.lake.stored.StoredTable;
import io.hypaware.store.Destination;
import io.hypaware.store.ObjectKey;
import io.hypaware.store.S3Bucket;
import io.hypaware.store.StoreException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// Tables in buckets, as the config names them. A query gets copies of their files, as the engine asks no network.
public final class BucketSources implements Sources {

    private static final int PIECE = 64 * 1024;

    private final Map<String, QuerySource> sources;

    public BucketSources(Map<String, QuerySource> sources) {
        this.sources = Map.copyOf(sources);
    }

    @Override
    public Set<String> names() {
        return sources.keySet();
    }

    @Override
    public List<Path> fetch(String name, Path folder) throws QueryException {
        QuerySource source = sources.get(name);
        if (source == null) {
            throw new QueryException("there is no table " + name);
        }
        String prefix = source.bucket().prefix();
        int last = prefix.lastIndexOf('/');
        try (Destination from = S3Bucket.open(within(source.bucket(), prefix.substring(0, Math.max(last, 0))))) {
            List<ObjectKey> keys = keys(source, from, new ObjectKey(prefix.substring(last + 1)));
            if (keys.isEmpty()) {
                throw new QueryException(
                        "there is nothing of " + name + " in " + source.bucket().shown());
            }
            return copied(keys, from, folder);
        } catch (IOException e) {
            throw new QueryException(name + " cannot be read: " + e.getMessage(), e);
        }
    }

    private static S3Config within(S3Config bucket, String prefix) {
        return new S3Config(
                bucket.bucket(),
                prefix,
                bucket.region(),
                bucket.profile(),
                bucket.storageClass(),
                bucket.serverSideEncryption(),
                bucket.endpointUrl(),
                bucket.forcePathStyle());
    }

    private static List<ObjectKey> keys(QuerySource source, Destination from, ObjectKey folder) throws StoreException {
        if (source.config().format().equals("iceberg")) {
            return StoredTable.read(from, folder).map(StoredTable::files).orElse(List.of()).stream()
                    .map(StoredTable.DataFile::key)
                    .toList();
        }
        return from.list(folder).stream()
                .map(Destination.StoredFile::key)
                .filter(key -> key.path().endsWith(".parquet"))
                .toList();
    }

    private static List<Path> copied(List<ObjectKey> keys, Destination from, Path folder)
            throws IOException, QueryException {
        if (keys.size() > Fetching.MOST_FILES) {
            throw new QueryException(
                    "more than " + Fetching.MOST_FILES + " files are not fetched; name a folder with fewer");
        }
        List<Path> copies = new ArrayList<>();
        long left = Fetching.MOST_BYTES;
        for (ObjectKey key : keys) {
            Path copy = folder.resolve(copies.size() + ".parquet");
            try (InputStream in = from.get(key)
                            .orElseThrow(() -> new IOException(from.location(key) + " is not there any more"));
                    OutputStream out = Files.newOutputStream(copy)) {
                byte[] piece = new byte[PIECE];
                for (int read = in.read(piece); read >= 0; read = in.read(piece)) {
                    left -= read;
                    if (left < 0) {
                        throw new QueryException("more than " + Fetching.MOST_BYTES
                                + " bytes are not fetched; name a folder with fewer");
                    }
                    out.write(piece, 0, read);
                }
            }
            copies.add(copy);
        }
        return copies;
    }
}
