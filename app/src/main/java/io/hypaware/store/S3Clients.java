package io.hypaware.store;

import io.hypaware.config.S3Config;
import io.hypaware.store.StoreException.Kind;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.AwsCredentials;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProviderChain;
import software.amazon.awssdk.auth.credentials.AwsSessionCredentials;
import software.amazon.awssdk.auth.credentials.ContainerCredentialsProvider;
import software.amazon.awssdk.auth.credentials.EnvironmentVariableCredentialsProvider;
import software.amazon.awssdk.auth.credentials.InstanceProfileCredentialsProvider;
import software.amazon.awssdk.auth.credentials.ProfileCredentialsProvider;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.auth.credentials.SystemPropertyCredentialsProvider;
import software.amazon.awssdk.auth.credentials.WebIdentityTokenFileCredentialsProvider;
import software.amazon.awssdk.awscore.defaultsmode.DefaultsMode;
import software.amazon.awssdk.core.checksums.RequestChecksumCalculation;
import software.amazon.awssdk.core.checksums.ResponseChecksumValidation;
import software.amazon.awssdk.core.exception.SdkClientException;
import software.amazon.awssdk.core.retry.RetryMode;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.regions.providers.AwsProfileRegionProvider;
import software.amazon.awssdk.regions.providers.AwsRegionProviderChain;
import software.amazon.awssdk.regions.providers.SystemSettingsRegionProvider;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.S3ClientBuilder;

/// Makes the client of a bucket: whose keys open it, in which region it is, and how long it may keep anybody waiting.
final class S3Clients {

    /// What a server that asks for no region takes as one.
    private static final Region ANY = Region.US_EAST_1;

    /// What a machine says of itself that Amazon runs.
    private static final Path VENDOR = Path.of("/sys/devices/virtual/dmi/id/sys_vendor");

    private static final String AMAZON = "Amazon EC2";

    /// How long is waited.
    ///
    /// @param connect until a server answers at all
    /// @param silence until the next byte of an answer
    /// @param attempt until one attempt is given up, besides what its bytes take
    /// @param attempts how often one request is made, with longer and longer pauses
    record Patience(Duration connect, Duration silence, Duration attempt, int attempts) {

        static final Patience USUAL =
                new Patience(Duration.ofSeconds(10), Duration.ofSeconds(30), Duration.ofSeconds(60), 4);
    }

    /// @throws StoreException if there are no keys, or no region
    static S3Client open(S3Config config, Patience patience) throws StoreException {
        AwsCredentialsProvider credentials = credentials(config);
        try {
            credentials.resolveCredentials();
        } catch (SdkClientException e) {
            throw new StoreException(
                    Kind.S3_CREDENTIALS_MISSING,
                    config.profile()
                                    .map(profile -> "the profile " + profile + " of ~/.aws gives no credentials")
                                    .orElse("there are no credentials for S3")
                            + "; set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or use aws configure or aws sso login, for the user who runs HypAware",
                    e);
        }
        return open(config, credentials, patience);
    }

    /// @throws StoreException if there is no region
    static S3Client open(S3Config config, S3Keys keys, Patience patience) throws StoreException {
        AwsCredentials lent = keys.sessionToken()
                .<AwsCredentials>map(token -> AwsSessionCredentials.create(keys.accessKey(), keys.secretKey(), token))
                .orElseGet(() -> AwsBasicCredentials.create(keys.accessKey(), keys.secretKey()));
        return open(config, StaticCredentialsProvider.create(lent), patience);
    }

    private static S3Client open(S3Config config, AwsCredentialsProvider credentials, Patience patience)
            throws StoreException {
        S3ClientBuilder client = S3Client.builder()
                .region(region(config))
                .credentialsProvider(credentials)
                .defaultsMode(DefaultsMode.STANDARD)
                .forcePathStyle(config.forcePathStyle())
                .httpClientBuilder(UrlConnectionHttpClient.builder()
                        .connectionTimeout(patience.connect())
                        .socketTimeout(patience.silence()))
                .overrideConfiguration(override -> override.apiCallAttemptTimeout(patience.attempt())
                        .retryStrategy(RetryMode.STANDARD)
                        .retryStrategy(retry -> retry.maxAttempts(patience.attempts())));
        config.endpointUrl().map(URI::create).ifPresent(endpoint -> {
            client.endpointOverride(endpoint);
            // Servers other than Amazon's do not all know checksums at the end of a body.
            client.requestChecksumCalculation(RequestChecksumCalculation.WHEN_REQUIRED);
            client.responseChecksumValidation(ResponseChecksumValidation.WHEN_REQUIRED);
        });
        return client.build();
    }

    /// What opens a bucket; nothing if there is nothing that does.
    static Optional<S3Keys> keys(S3Config config) {
        try {
            AwsCredentials found = credentials(config).resolveCredentials();
            return Optional.of(new S3Keys(
                    found.accessKeyId(),
                    found.secretAccessKey(),
                    found instanceof AwsSessionCredentials session
                            ? Optional.of(session.sessionToken())
                            : Optional.empty()));
        } catch (SdkClientException e) {
            return Optional.empty();
        }
    }

    /// The SDK's own order, but that a profile that the config names is asked alone, and a service that only Amazon's
    /// machines have is not waited for on others.
    private static AwsCredentialsProvider credentials(S3Config config) {
        if (config.profile().isPresent()) {
            return ProfileCredentialsProvider.create(config.profile().get());
        }
        List<AwsCredentialsProvider> chain = new ArrayList<>(List.of(
                SystemPropertyCredentialsProvider.create(),
                EnvironmentVariableCredentialsProvider.create(),
                WebIdentityTokenFileCredentialsProvider.create(),
                ProfileCredentialsProvider.create(),
                ContainerCredentialsProvider.create()));
        if (isAmazons()) {
            chain.add(InstanceProfileCredentialsProvider.create());
        }
        return AwsCredentialsProviderChain.of(chain.toArray(AwsCredentialsProvider[]::new));
    }

    private static boolean isAmazons() {
        try {
            return Files.isReadable(VENDOR) && Files.readString(VENDOR).strip().equals(AMAZON);
        } catch (IOException _) {
            return false;
        }
    }

    private static Region region(S3Config config) throws StoreException {
        Optional<Region> named = config.region().map(Region::of);
        if (named.isPresent()) {
            return named.get();
        }
        try {
            return new AwsRegionProviderChain(
                            new SystemSettingsRegionProvider(),
                            new AwsProfileRegionProvider(null, config.profile().orElse(null)))
                    .getRegion();
        } catch (SdkClientException e) {
            if (config.endpointUrl().isPresent()) {
                return ANY;
            }
            throw new StoreException(
                    Kind.S3_CONFIG_INVALID,
                    "the region of the bucket " + config.bucket()
                            + " is not known; set region in the config, or AWS_REGION, or one in the profile",
                    e);
        }
    }

    private S3Clients() {}
}
