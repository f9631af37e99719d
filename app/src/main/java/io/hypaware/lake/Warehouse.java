package io.hypaware.lake;

import io.hypaware.config.ConfigException;
import io.hypaware.config.S3Config;
import io.hypaware.config.TeamLakeConfig;
import io.hypaware.store.Destination;
import io.hypaware.store.ObjectKey;
import io.hypaware.store.S3Bucket;
import io.hypaware.store.StoreException;
import java.io.Closeable;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.apache.iceberg.io.FileIO;

/// Where the files of a team's lake are: in a folder, or in a bucket. A catalog may name any place; what is not in here
/// is neither read nor written.
final class Warehouse implements Closeable {

    /// Clients that are kept: a catalog may lend other keys with each table.
    private static final int MOST_CLIENTS = 16;

    private final TeamLakeConfig config;

    /// By what was lent, the one that was used last at the end.
    private final Map<Optional<S3Loan>, S3Bucket> buckets = new LinkedHashMap<>(16, 0.75f, true);

    Warehouse(TeamLakeConfig config) {
        this.config = config;
    }

    /// A folder that nobody has made is likely one that is not mounted: what went there would be on this machine alone.
    ///
    /// @throws LakeException if the folder is not there
    void requireThere() {
        if (!isBucket() && !Files.isDirectory(path(location()))) {
            throw new LakeException("lake.warehouse names " + path(location())
                    + ", which is no folder here: is the share mounted? Where the lake is new, make it there once");
        }
    }

    /// Access to the files, with what the catalog says of it.
    FileIO files(Map<String, String> settings) {
        return new AppendOnlyFiles(this, settings);
    }

    boolean isBucket() {
        return config.isBucket();
    }

    String location() {
        return config.warehouseLocation();
    }

    /// The key of a file in the bucket.
    ///
    /// @throws LakeException if it is elsewhere
    ObjectKey key(String location) {
        String here = location() + "/";
        String plain = location.replaceFirst("^s3[an]://", "s3://");
        if (!plain.startsWith(here)) {
            throw elsewhere(location);
        }
        try {
            return new ObjectKey(plain.substring(here.length()));
        } catch (IllegalArgumentException e) {
            throw new LakeException(location + " cannot be the name of a file: " + e.getMessage(), e);
        }
    }

    /// The location itself, of a file in the folder.
    ///
    /// @throws LakeException if it is elsewhere
    String within(String location) {
        boolean isLocal = location.startsWith("/") || location.startsWith("file:");
        if (!isLocal || !path(location).startsWith(path(location()))) {
            throw elsewhere(location);
        }
        return location;
    }

    private static Path path(String location) {
        return LocalFiles.path(location).normalize();
    }

    private LakeException elsewhere(String location) {
        return new LakeException("the team's catalog names " + location + ", which is not in the warehouse "
                + location() + "; it was left alone. Does lake.warehouse name the place that the catalog uses?");
    }

    /// The bucket, opened by what the catalog lends, or else by the user's own keys.
    synchronized Destination bucket(Optional<S3Loan> loan) {
        S3Bucket known = buckets.get(loan);
        if (known != null) {
            return known;
        }
        S3Bucket opened = opened(loan);
        buckets.put(loan, opened);
        if (buckets.size() > MOST_CLIENTS) {
            Optional<S3Loan> oldest = buckets.keySet().iterator().next();
            Optional.ofNullable(buckets.remove(oldest)).ifPresent(S3Bucket::close);
        }
        return opened;
    }

    private S3Bucket opened(Optional<S3Loan> loan) {
        S3Config bucket = config.bucket();
        try {
            return loan.isPresent()
                    ? S3Bucket.open(loan.get().in(bucket), loan.get().keys())
                    : S3Bucket.open(bucket);
        } catch (ConfigException e) {
            throw new LakeException(
                    "the team's catalog says how to reach " + bucket.shown() + " in a way that cannot be used: "
                            + e.reason(),
                    e);
        } catch (StoreException e) {
            throw new LakeException(bucket.shown() + " cannot be opened: " + e.getMessage(), e);
        }
    }

    @Override
    public synchronized void close() {
        buckets.values().forEach(S3Bucket::close);
        buckets.clear();
    }
}
