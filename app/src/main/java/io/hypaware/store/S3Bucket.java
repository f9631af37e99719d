package io.hypaware.store;

import io.hypaware.config.S3Config;
import io.hypaware.store.StoreException.Kind;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.core.ResponseInputStream;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.GetObjectResponse;
import software.amazon.awssdk.services.s3.model.HeadObjectResponse;
import software.amazon.awssdk.services.s3.model.ListObjectsV2Response;
import software.amazon.awssdk.services.s3.model.NoSuchBucketException;
import software.amazon.awssdk.services.s3.model.S3Exception;
import software.amazon.awssdk.services.s3.model.S3Object;

/// A bucket, or what lies in one below a prefix. The server shows a file when it has the whole of it; that of several
/// who put one does is asked of it with `If-None-Match: *`.
public final class S3Bucket implements Destination {

    private static final long PART_BYTES = 16 << 20;

    /// A server that lists more pages than its files can fill goes round in circles.
    private static final int MOST_PAGES = 10 * MOST_LISTED / 1_000;

    /// Two who put one file at the same moment may both be told to try again.
    private static final int MOST_CONFLICTS = 5;

    private static final long CONFLICT_PAUSE_MILLIS = 100;

    private final S3Config config;
    private final S3Client client;
    private final S3Errors errors;
    private final S3Upload.Way way;

    private S3Bucket(S3Config config, S3Client client, S3Upload.Way way) {
        this.config = config;
        this.client = client;
        this.errors = new S3Errors(config.bucket());
        this.way = way;
    }

    /// @throws StoreException if there are no credentials, or no region; the bucket itself is not asked
    public static S3Bucket open(S3Config config) throws StoreException {
        return open(config, S3Clients.Patience.USUAL, PART_BYTES);
    }

    /// A bucket that is opened by keys which somebody lends.
    ///
    /// @throws StoreException if there is no region; the bucket itself is not asked
    public static S3Bucket open(S3Config config, S3Keys keys) throws StoreException {
        S3Clients.Patience patience = S3Clients.Patience.USUAL;
        return of(config, S3Clients.open(config, keys, patience), patience, PART_BYTES);
    }

    static S3Bucket open(S3Config config, S3Clients.Patience patience, long partBytes) throws StoreException {
        return of(config, S3Clients.open(config, patience), patience, partBytes);
    }

    private static S3Bucket of(S3Config config, S3Client client, S3Clients.Patience patience, long partBytes) {
        S3Upload.Storage storage = new S3Upload.Storage(
                config.storageClass().orElse(""), config.serverSideEncryption().orElse(""));
        return new S3Bucket(
                config, client, new S3Upload.Way(client, config.bucket(), storage, patience.attempt(), partBytes));
    }

    @Override
    public void put(ObjectKey key, Content content) throws StoreException {
        upload(key, content, false);
    }

    @Override
    public boolean putIfAbsent(ObjectKey key, Content content) throws StoreException {
        return upload(key, content, true);
    }

    private boolean upload(ObjectKey key, Content content, boolean ifAbsent) throws StoreException {
        String what = location(key) + " cannot be put";
        for (int conflicts = 1; ; conflicts++) {
            try {
                return new S3Upload(way, full(key), ifAbsent).put(content);
            } catch (S3Exception e) {
                if (e.statusCode() != 409 || conflicts == MOST_CONFLICTS) {
                    throw errors.of(e, what, Kind.S3_PUT_FAILED);
                }
                pause(conflicts);
            } catch (SdkException e) {
                throw errors.of(e, what, Kind.S3_PUT_FAILED);
            } catch (IOException | UncheckedIOException e) {
                throw new StoreException(Kind.S3_PUT_FAILED, what + ": " + e.getMessage(), e);
            }
        }
    }

    private static void pause(int conflicts) throws StoreException {
        try {
            Thread.sleep(CONFLICT_PAUSE_MILLIS * conflicts
                    + ThreadLocalRandom.current().nextLong(CONFLICT_PAUSE_MILLIS));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new StoreException(Kind.S3_PUT_FAILED, "interrupted", e);
        }
    }

    @Override
    public Optional<InputStream> get(ObjectKey key) throws StoreException {
        try {
            ResponseInputStream<GetObjectResponse> in =
                    client.getObject(get -> get.bucket(config.bucket()).key(full(key)));
            return Optional.of(new Counted(in, in.response().contentLength()));
        } catch (S3Exception e) {
            if (isAbsent(e)) {
                return Optional.empty();
            }
            throw errors.of(e, location(key) + " cannot be read", Kind.GET_FAILED);
        } catch (SdkException e) {
            throw errors.of(e, location(key) + " cannot be read", Kind.GET_FAILED);
        }
    }

    @Override
    public Optional<StoredFile> stat(ObjectKey key) throws StoreException {
        try {
            HeadObjectResponse head =
                    client.headObject(request -> request.bucket(config.bucket()).key(full(key)));
            return Optional.of(new StoredFile(key, head.contentLength(), head.lastModified()));
        } catch (S3Exception e) {
            if (isAbsent(e)) {
                return Optional.empty();
            }
            throw errors.of(e, location(key) + " cannot be read", Kind.GET_FAILED);
        } catch (SdkException e) {
            throw errors.of(e, location(key) + " cannot be read", Kind.GET_FAILED);
        }
    }

    private static boolean isAbsent(S3Exception e) {
        return e.statusCode() == 404
                && !(e instanceof NoSuchBucketException)
                && !S3Errors.code(e).equals("NoSuchBucket");
    }

    @Override
    public List<StoredFile> list(ObjectKey folder) throws StoreException {
        List<StoredFile> found = new ArrayList<>();
        String token = null;
        for (int page = 0; page < MOST_PAGES; page++) {
            ListObjectsV2Response listed = page(folder, token);
            for (S3Object object : listed.contents()) {
                named(object.key())
                        .ifPresent(key -> found.add(new StoredFile(key, object.size(), object.lastModified())));
                if (found.size() > MOST_LISTED) {
                    throw new StoreException(
                            Kind.TOO_LARGE, location(folder) + " holds more than " + MOST_LISTED + " files");
                }
            }
            token = listed.nextContinuationToken();
            if (token == null || !listed.isTruncated()) {
                found.sort(Comparator.comparing(StoredFile::key));
                return found;
            }
        }
        throw new StoreException(Kind.TOO_LARGE, location(folder) + " is listed without an end");
    }

    private ListObjectsV2Response page(ObjectKey folder, @Nullable String token) throws StoreException {
        try {
            return client.listObjectsV2(list ->
                    list.bucket(config.bucket()).prefix(full(folder) + "/").continuationToken(token));
        } catch (SdkException e) {
            throw errors.of(e, location(folder) + " cannot be listed", Kind.LIST_FAILED);
        }
    }

    /// The key of what the bucket names, which need not be one.
    private Optional<ObjectKey> named(String name) {
        String prefix = config.prefix().isEmpty() ? "" : config.prefix() + "/";
        return name.startsWith(prefix) ? ObjectKey.ifAny(name.substring(prefix.length())) : Optional.empty();
    }

    @Override
    public void delete(ObjectKey key) throws StoreException {
        try {
            client.deleteObject(delete -> delete.bucket(config.bucket()).key(full(key)));
        } catch (SdkException e) {
            throw errors.of(e, location(key) + " cannot be deleted", Kind.DELETE_FAILED);
        }
    }

    @Override
    public String location(ObjectKey key) {
        return "s3://" + config.bucket() + "/" + full(key);
    }

    private String full(ObjectKey key) {
        return config.prefix().isEmpty() ? key.path() : config.prefix() + "/" + key.path();
    }

    @Override
    public void close() {
        client.close();
    }

    /// An answer that ends before its length has been cut, which the JDK's client does not tell.
    private static final class Counted extends FilterInputStream {

        private final ResponseInputStream<GetObjectResponse> answer;
        private long left;

        private Counted(ResponseInputStream<GetObjectResponse> answer, long length) {
            super(answer);
            this.answer = answer;
            this.left = length;
        }

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
        }

        @Override
        public int read(byte[] bytes, int offset, int length) throws IOException {
            int read = super.read(bytes, offset, length);
            if (read < 0 && left > 0) {
                throw new IOException("the answer ended " + left + " bytes before its end");
            }
            left -= Math.max(read, 0);
            return read;
        }

        /// What is not wanted is not read first.
        @Override
        public void close() throws IOException {
            if (left > 0) {
                answer.abort();
            } else {
                super.close();
            }
        }
    }
}
