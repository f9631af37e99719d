package io.hypaware.store;

import io.hypaware.store.StoreException.Kind;
import java.time.Duration;
import java.util.Optional;
import software.amazon.awssdk.awscore.exception.AwsErrorDetails;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.s3.model.S3Exception;

/// What an answer of S3 means, and the way out.
final class S3Errors {

    private static final int MOST_TOLD = 300;

    /// Longer than that nobody is believed to want to be left alone.
    private static final long MOST_SECONDS = 86_400;

    private final String bucket;

    S3Errors(String bucket) {
        this.bucket = bucket;
    }

    /// @param otherwise what it is called where nothing better is known
    StoreException of(SdkException e, String what, Kind otherwise) {
        if (!(e instanceof S3Exception answer)) {
            return new StoreException(otherwise, what + ": " + told(e), e);
        }
        String code = code(answer);
        Kind kind = kind(answer, code).orElse(otherwise);
        return new StoreException(
                kind, what + ": " + answer.statusCode() + " " + code + wayOut(kind), notBefore(answer), e);
    }

    private Optional<Kind> kind(S3Exception answer, String code) {
        if (answer.isThrottlingException() || code.equals("SlowDown") || answer.statusCode() == 429) {
            return Optional.of(Kind.S3_THROTTLED);
        }
        return switch (code) {
            case "NoSuchBucket" -> Optional.of(Kind.S3_BUCKET_MISSING);
            case "InvalidBucketName", "InvalidStorageClass", "InvalidEncryptionAlgorithmError" ->
                Optional.of(Kind.S3_CONFIG_INVALID);
            case "PermanentRedirect",
                    "TemporaryRedirect",
                    "AuthorizationHeaderMalformed",
                    "IllegalLocationConstraintException" -> Optional.of(Kind.S3_REGION_MISMATCH);
            default ->
                switch (answer.statusCode()) {
                    case 301, 307 -> Optional.of(Kind.S3_REGION_MISMATCH);
                    case 401, 403 -> Optional.of(Kind.S3_ACCESS_DENIED);
                    default -> Optional.empty();
                };
        };
    }

    private String wayOut(Kind kind) {
        return switch (kind) {
            case S3_BUCKET_MISSING -> "; there is no bucket " + bucket + " there: make it, or name another";
            case S3_REGION_MISMATCH ->
                "; the bucket " + bucket + " is in another region: set region in the config to that of the bucket";
            case S3_ACCESS_DENIED ->
                "; the credentials may not do this in the bucket " + bucket
                        + ": they need s3:GetObject, s3:PutObject, s3:DeleteObject, s3:ListBucket, s3:ListBucketMultipartUploads, s3:AbortMultipartUpload";
            case S3_THROTTLED -> "; it wants to be asked less often, and is tried again later";
            case S3_CONFIG_INVALID -> "; mend the settings of the bucket " + bucket;
            default -> "";
        };
    }

    /// What the answer itself calls it, as far as that is a name.
    static String code(S3Exception answer) {
        AwsErrorDetails details = answer.awsErrorDetails();
        String code = details == null || details.errorCode() == null ? "" : details.errorCode();
        return code.matches("[A-Za-z0-9_.]{1,80}") ? code : "";
    }

    private static Optional<Duration> notBefore(S3Exception answer) {
        AwsErrorDetails details = answer.awsErrorDetails();
        if (details == null || details.sdkHttpResponse() == null) {
            return Optional.empty();
        }
        return details.sdkHttpResponse()
                .firstMatchingHeader("Retry-After")
                .filter(value -> value.matches("[0-9]{1,6}"))
                .map(Long::parseLong)
                .map(seconds -> Duration.ofSeconds(Math.min(seconds, MOST_SECONDS)));
    }

    private static String told(Throwable e) {
        Throwable deepest = e;
        for (int depth = 0; deepest.getCause() != null && depth < 20; depth++) {
            deepest = deepest.getCause();
        }
        String text = deepest.getMessage() == null
                ? deepest.getClass().getSimpleName()
                : deepest.getClass().getSimpleName() + " " + deepest.getMessage();
        return text.length() > MOST_TOLD ? text.substring(0, MOST_TOLD) + "…" : text;
    }
}
