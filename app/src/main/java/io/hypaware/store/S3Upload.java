package io.hypaware.store;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.apache.commons.io.input.BoundedInputStream;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.awscore.AwsRequestOverrideConfiguration;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.CompletedPart;
import software.amazon.awssdk.services.s3.model.MultipartUpload;
import software.amazon.awssdk.services.s3.model.S3Exception;

/// One file on its way into a bucket: in one request, or in parts that become a file in one. Parts of an upload of the
/// same file that died are taken away first.
final class S3Upload {

    /// A line that is slower than that is given up.
    private static final long LEAST_BYTES_A_SECOND = 32 << 10;

    private static final int MOST_PARTS = 9_000;

    private static final String OCTETS = "application/octet-stream";

    /// By which a file is known as what this upload put, where the answer that said so was lost.
    private static final String MARK = "hyp-upload";

    private static final String ABSENT = "*";

    /// How a bucket wants files to be put.
    ///
    /// @param partBytes larger files go in parts of that size, or of more where they would be too many
    record Way(S3Client client, String bucket, Storage storage, Duration attempt, long partBytes) {}

    /// @param storageClass empty for the bucket's own
    /// @param encryption empty for the bucket's own
    record Storage(String storageClass, String encryption) {}

    private final Way way;
    private final String key;
    private final boolean ifAbsent;
    private final String mark = UUID.randomUUID().toString();

    S3Upload(Way way, String key, boolean ifAbsent) {
        this.way = way;
        this.key = key;
        this.ifAbsent = ifAbsent;
    }

    /// @return false if there is a file already, and only an absent one was to be put
    boolean put(Content content) throws IOException {
        return switch (content) {
            case Content.InMemory(byte[] bytes) -> whole(RequestBody.fromBytes(bytes), bytes.length);
            case Content.InFile(Path file) -> {
                long size = Files.size(file);
                yield size > way.partBytes() ? inParts(file, size) : whole(slice(file, 0, size), size);
            }
        };
    }

    private boolean whole(RequestBody body, long size) {
        try {
            way.client()
                    .putObject(
                            put -> {
                                put.bucket(way.bucket())
                                        .key(key)
                                        .metadata(Map.of(MARK, mark))
                                        .storageClass(orNull(way.storage().storageClass()))
                                        .serverSideEncryption(
                                                orNull(way.storage().encryption()))
                                        .overrideConfiguration(within(size));
                                if (ifAbsent) {
                                    put.ifNoneMatch(ABSENT);
                                }
                            },
                            body);
            return true;
        } catch (S3Exception e) {
            return isThere(e);
        }
    }

    /// Whether what an answer refuses is there because an attempt before this one put it, whose answer was lost.
    private boolean isThere(S3Exception e) {
        boolean isTaken = ifAbsent && e.statusCode() == 412;
        boolean isDone = S3Errors.code(e).equals("NoSuchUpload");
        if (!isTaken && !isDone) {
            throw e;
        }
        boolean isOurs = isOurs();
        if (isDone && !isOurs) {
            throw e;
        }
        return isOurs;
    }

    private boolean isOurs() {
        try {
            return mark.equals(way.client()
                    .headObject(head -> head.bucket(way.bucket()).key(key))
                    .metadata()
                    .get(MARK));
        } catch (S3Exception e) {
            if (e.statusCode() == 404) {
                return false;
            }
            throw e;
        }
    }

    private boolean inParts(Path file, long size) throws IOException {
        abortEarlier();
        String upload = way.client()
                .createMultipartUpload(create -> create.bucket(way.bucket())
                        .key(key)
                        .metadata(Map.of(MARK, mark))
                        .storageClass(orNull(way.storage().storageClass()))
                        .serverSideEncryption(orNull(way.storage().encryption())))
                .uploadId();
        try {
            List<CompletedPart> parts = parts(file, size, upload);
            way.client().completeMultipartUpload(complete -> {
                complete.bucket(way.bucket()).key(key).uploadId(upload).multipartUpload(all -> all.parts(parts));
                if (ifAbsent) {
                    complete.ifNoneMatch(ABSENT);
                }
            });
            return true;
        } catch (S3Exception e) {
            boolean isThere;
            try {
                isThere = isThere(e);
            } catch (SdkException failed) {
                abort(upload, failed);
                throw failed;
            }
            if (!isThere) {
                abort(upload, e);
            }
            return isThere;
        } catch (SdkException | IOException e) {
            abort(upload, e);
            throw e;
        }
    }

    private List<CompletedPart> parts(Path file, long size, String upload) throws IOException {
        long partBytes = Math.max(way.partBytes(), size / MOST_PARTS + 1);
        List<CompletedPart> parts = new ArrayList<>();
        for (long from = 0; from < size; from += partBytes) {
            long length = Math.min(partBytes, size - from);
            int number = parts.size() + 1;
            String tag = way.client()
                    .uploadPart(
                            part -> part.bucket(way.bucket())
                                    .key(key)
                                    .uploadId(upload)
                                    .partNumber(number)
                                    .overrideConfiguration(within(length)),
                            slice(file, from, length))
                    .eTag();
            parts.add(CompletedPart.builder().partNumber(number).eTag(tag).build());
        }
        return parts;
    }

    /// The place where files go is known only when they are whole; what cannot be aborted now is when the file comes
    /// again, or by the bucket's own rule.
    private void abort(String upload, Exception why) {
        try {
            way.client()
                    .abortMultipartUpload(
                            abort -> abort.bucket(way.bucket()).key(key).uploadId(upload));
        } catch (SdkException e) {
            why.addSuppressed(e);
        }
    }

    /// Who puts this file is one process at a time: an upload of it that is open is one that died.
    private void abortEarlier() {
        for (MultipartUpload earlier : way.client()
                .listMultipartUploads(list -> list.bucket(way.bucket()).prefix(key))
                .uploads()) {
            if (key.equals(earlier.key())) {
                way.client()
                        .abortMultipartUpload(
                                abort -> abort.bucket(way.bucket()).key(key).uploadId(earlier.uploadId()));
            }
        }
    }

    /// Bytes of a file, read as often as the request is tried.
    private static RequestBody slice(Path file, long from, long length) {
        return RequestBody.fromContentProvider(() -> opened(file, from, length), length, OCTETS);
    }

    private static InputStream opened(Path file, long from, long length) {
        try {
            FileChannel channel = FileChannel.open(file, StandardOpenOption.READ);
            channel.position(from);
            return BoundedInputStream.builder()
                    .setInputStream(Channels.newInputStream(channel))
                    .setMaxCount(length)
                    .get();
        } catch (IOException e) {
            throw new UncheckedIOException(file + " cannot be read", e);
        }
    }

    private AwsRequestOverrideConfiguration within(long bytes) {
        return AwsRequestOverrideConfiguration.builder()
                .apiCallAttemptTimeout(way.attempt().plusSeconds(bytes / LEAST_BYTES_A_SECOND))
                .build();
    }

    private static @Nullable String orNull(String text) {
        return text.isEmpty() ? null : text;
    }
}
