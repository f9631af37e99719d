package io.hypaware.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import io.hypaware.config.S3Config;
import io.hypaware.testing.FaultyProxy;
import io.hypaware.testing.FaultyProxy.Fate;
import io.hypaware.testing.S3Server;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.MultipartUpload;

/// Against a server that speaks S3, and a network in trouble before it.
class S3BucketTest {

    private static final ObjectKey KEY = ObjectKey.of("logs", "date=2026-03-01", "a.parquet");

    private static final S3Clients.Patience LONG =
            new S3Clients.Patience(Duration.ofSeconds(10), Duration.ofSeconds(30), Duration.ofSeconds(60), 3);

    private static final S3Clients.Patience SHORT =
            new S3Clients.Patience(Duration.ofSeconds(1), Duration.ofSeconds(1), Duration.ofSeconds(2), 2);

    /// The least that S3 takes as a part that is not the last.
    private static final int PART = 5 << 20;

    private static final Fate PASSED = new Fate.Passed();

    @TempDir
    private Path temp;

    private S3Server server;
    private String name;

    @BeforeAll
    static void credentials() {
        S3Server.useCredentials();
    }

    @BeforeEach
    void bucket() throws Exception {
        server = S3Server.get();
        name = server.bucket();
    }

    private S3Bucket direct() throws StoreException {
        return S3Bucket.open(S3Server.config(name, "team/hyp", server.port()), LONG, PART);
    }

    private S3Bucket by(FaultyProxy proxy) throws StoreException {
        return S3Bucket.open(S3Server.config(name, "team/hyp", proxy.port()), LONG, PART);
    }

    private FaultyProxy proxy(Function<String, Fate> fates) throws Exception {
        return new FaultyProxy(server.port(), fates);
    }

    private static Function<String, Fate> once(String method, Fate fate) {
        AtomicInteger came = new AtomicInteger();
        return line -> line.startsWith(method + " ") && came.getAndIncrement() == 0 ? fate : PASSED;
    }

    @Test
    void filesArePutListedReadAndDeletedByTheirKeys() throws Exception {
        try (S3Bucket bucket = direct()) {
            bucket.put(KEY, Content.of("one"));
            bucket.put(KEY, Content.of("another"));
            bucket.put(ObjectKey.of("logs", "b"), Content.of("b"));
            bucket.put(ObjectKey.of("logs2"), Content.of("no"));

            assertThat(bucket.read(KEY, 100))
                    .hasValueSatisfying(bytes -> assertThat(bytes).asString().isEqualTo("another"));
            Destination.StoredFile stored = bucket.stat(KEY).orElseThrow();
            assertThat(stored.size()).isEqualTo(7);
            assertThat(stored.modified())
                    .isBetween(Instant.now().minusSeconds(600), Instant.now().plusSeconds(600));
            assertThat(bucket.list(new ObjectKey("logs")))
                    .extracting(Destination.StoredFile::key, Destination.StoredFile::size)
                    .containsExactly(tuple(ObjectKey.of("logs", "b"), 1L), tuple(KEY, 7L));
            assertThat(bucket.list(new ObjectKey("logs")))
                    .last()
                    .extracting(file -> file.modified().getEpochSecond())
                    .isEqualTo(stored.modified().getEpochSecond());
            assertThat(bucket.location(KEY)).isEqualTo("s3://" + name + "/team/hyp/logs/date=2026-03-01/a.parquet");
            bucket.delete(KEY);
            bucket.delete(KEY);
            assertThat(bucket.get(KEY)).isEmpty();
            assertThat(bucket.stat(KEY)).isEmpty();
            assertThat(bucket.list(new ObjectKey("missing"))).isEmpty();
        }
    }

    @Test
    void aListingOfSeveralPagesHasThemAll() throws Exception {
        Path folder = Files.createDirectories(server.files(name).resolve("team/hyp/many"));
        for (int i = 0; i < 2_345; i++) {
            Files.writeString(folder.resolve("f" + i), "x");
        }
        try (S3Bucket bucket = direct()) {
            assertThat(bucket.list(new ObjectKey("many")))
                    .hasSize(2_345)
                    .isSortedAccordingTo(Comparator.comparing(Destination.StoredFile::key));
        }
    }

    @Test
    void ofSeveralWhoTryOnePuts() throws Exception {
        try (S3Bucket bucket = direct();
                ExecutorService several = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Callable<Boolean>> tries = new ArrayList<>();
            for (int i = 0; i < 8; i++) {
                Content content = Content.of("by " + i);
                tries.add(() -> bucket.putIfAbsent(KEY, content));
            }
            List<Boolean> made = new ArrayList<>();
            for (Future<Boolean> one : several.invokeAll(tries)) {
                made.add(one.get());
            }
            assertThat(made.stream().filter(Boolean::booleanValue)).hasSize(1);
            assertThat(bucket.read(KEY, 100).orElseThrow()).asString().isEqualTo("by " + made.indexOf(true));
        }
    }

    @Test
    void aConflictIsTriedAgain() throws Exception {
        Fate conflict = new Fate.Answered(409, "", "<Error><Code>ConditionalRequestConflict</Code></Error>");
        try (FaultyProxy proxy = proxy(once("PUT", conflict));
                S3Bucket bucket = by(proxy)) {
            assertThat(bucket.putIfAbsent(KEY, Content.of("a"))).isTrue();
            assertThat(bucket.putIfAbsent(KEY, Content.of("b"))).isFalse();
        }
    }

    /// Without a look at what is there, the one who put it would be told that somebody else did.
    @Test
    void anAnswerThatIsLostIsNoConflictWithOneself() throws Exception {
        try (FaultyProxy proxy = proxy(once("PUT", new Fate.AnswerLost()));
                S3Bucket bucket = by(proxy)) {
            assertThat(bucket.putIfAbsent(KEY, Content.of("a"))).isTrue();
            assertThat(proxy.seen()).filteredOn(line -> line.startsWith("PUT")).hasSizeGreaterThan(1);
        }
    }

    @Test
    void aThrottledRequestIsTriedAgainAndGivenUpInTheEnd() throws Exception {
        Fate slowDown = new Fate.Answered(503, "Retry-After: 7\r\n", "<Error><Code>SlowDown</Code></Error>");
        try (FaultyProxy proxy = proxy(once("PUT", slowDown));
                S3Bucket bucket = by(proxy)) {
            bucket.put(KEY, Content.of("a"));
        }
        try (FaultyProxy proxy = proxy(_ -> slowDown);
                S3Bucket bucket = by(proxy)) {
            assertThatThrownBy(() -> bucket.put(KEY, Content.of("a"))).satisfies(thrown -> {
                StoreException e = (StoreException) thrown;
                assertThat(e.kind()).isEqualTo(StoreException.Kind.S3_THROTTLED);
                assertThat(e.isTerminal()).isFalse();
                assertThat(e.notBefore()).contains(Duration.ofSeconds(7));
            });
            assertThat(proxy.seen()).hasSize(LONG.attempts());
        }
    }

    @Test
    void aCutInTheMiddleOfAnUploadShowsNothingAndIsTriedAgain() throws Exception {
        Path file = random(2 << 20);
        try (FaultyProxy cut = proxy(_ -> new Fate.CutAfter(1 << 20));
                S3Bucket bucket = by(cut)) {
            assertThatThrownBy(() -> bucket.put(KEY, Content.of(file))).hasMessageStartingWith("s3_put_failed: ");
            assertThat(direct().stat(KEY)).isEmpty();
        }
        try (FaultyProxy cut = proxy(once("PUT", new Fate.CutAfter(1 << 20)));
                S3Bucket bucket = by(cut)) {
            bucket.put(KEY, Content.of(file));
            assertSame(bucket, file);
        }
    }

    @Test
    void aLargeFileGoesInPartsAndIsThereAsAWhole() throws Exception {
        Path file = random(2 * PART + 12_345);
        try (FaultyProxy proxy = proxy(_ -> PASSED);
                S3Bucket bucket = by(proxy)) {
            assertThat(bucket.putIfAbsent(KEY, Content.of(file))).isTrue();
            assertSame(bucket, file);
            assertThat(proxy.seen())
                    .filteredOn(line -> line.contains("partNumber="))
                    .hasSize(3);
            assertThat(bucket.putIfAbsent(KEY, Content.of(file))).isFalse();
        }
        assertThat(uploads()).isEmpty();
    }

    @Test
    void partsOfAnUploadThatFailsAreAborted() throws Exception {
        Path file = random(2 * PART + 12_345);
        try (FaultyProxy proxy = proxy(line -> line.contains("partNumber=2") ? new Fate.CutAfter(1 << 20) : PASSED);
                S3Bucket bucket = by(proxy)) {
            assertThatThrownBy(() -> bucket.put(KEY, Content.of(file))).hasMessageStartingWith("s3_put_failed: ");
            assertThat(proxy.seen()).last().asString().startsWith("DELETE ");
        }
        try (S3Bucket bucket = direct()) {
            assertThat(bucket.stat(KEY)).isEmpty();
        }
        assertThat(uploads()).isEmpty();
    }

    @Test
    void theLostAnswerOfTheLastStepIsNoFailure() throws Exception {
        Path file = random(PART + 1);
        AtomicInteger completed = new AtomicInteger();
        try (FaultyProxy proxy = proxy(line ->
                        line.startsWith("POST ") && line.contains("uploadId=") && completed.getAndIncrement() == 0
                                ? new Fate.AnswerLost()
                                : PASSED);
                S3Bucket bucket = by(proxy)) {
            assertThat(bucket.putIfAbsent(KEY, Content.of(file))).isTrue();
            assertSame(bucket, file);
        }
    }

    @Test
    void partsOfOneThatWasKilledAreAbortedWhenTheFileComesAgain() throws Exception {
        Path file = random(PART + 1);
        try (FaultyProxy proxy = proxy(
                        line -> line.startsWith("POST ") && line.contains("uploadId=") || line.startsWith("DELETE ")
                                ? new Fate.Answered(400, "", "<Error><Code>Odd</Code></Error>")
                                : PASSED);
                S3Bucket bucket = by(proxy)) {
            assertThatThrownBy(() -> bucket.put(KEY, Content.of(file))).hasMessageContaining("400 Odd");
        }
        assertThat(uploads()).hasSize(1);
        try (S3Bucket bucket = direct()) {
            bucket.put(KEY, Content.of(file));
            assertSame(bucket, file);
        }
        assertThat(uploads()).isEmpty();
    }

    @Test
    void aServerThatDoesNotAnswerIsGivenUp() throws Exception {
        try (FaultyProxy proxy = proxy(_ -> new Fate.Stalled());
                S3Bucket bucket = S3Bucket.open(S3Server.config(name, "", proxy.port()), SHORT, PART)) {
            long begun = System.nanoTime();
            assertThatThrownBy(() -> bucket.put(KEY, Content.of("a"))).hasMessageStartingWith("s3_put_failed: ");
            assertThatThrownBy(() -> bucket.list(new ObjectKey("a"))).hasMessageStartingWith("list_failed: ");
            assertThat(Duration.ofNanos(System.nanoTime() - begun)).isLessThan(Duration.ofSeconds(30));
        }
    }

    /// The JDK's client lets nobody see it.
    @Test
    void anAnswerThatIsCutIsAnError() throws Exception {
        Path file = random(1 << 20);
        try (S3Bucket bucket = direct()) {
            bucket.put(KEY, Content.of(file));
        }
        try (FaultyProxy proxy = proxy(_ -> new Fate.AnswerCutAfter(1 << 19));
                S3Bucket bucket = by(proxy)) {
            assertThatThrownBy(() -> bucket.read(KEY, 2 << 20)).hasMessageStartingWith("get_failed: ");
        }
    }

    @Test
    void whatIsWrongHasANameAndAWayOut() throws Exception {
        assertKind(answered(403, "AccessDenied"), "s3_access_denied", true);
        assertKind(answered(403, "SignatureDoesNotMatch"), "s3_access_denied", true);
        assertKind(answered(404, "NoSuchBucket"), "s3_bucket_missing", true);
        assertKind(answered(301, "PermanentRedirect"), "s3_region_mismatch", true);
        assertKind(answered(400, "AuthorizationHeaderMalformed"), "s3_region_mismatch", true);
        assertKind(answered(500, "InternalError"), "s3_put_failed", false);
        assertKind(answered(400, "<b>\u001b[31m"), "s3_put_failed", false);
    }

    private static Fate answered(int status, String code) {
        return new Fate.Answered(status, "", "<Error><Code>" + code + "</Code><Message>no</Message></Error>");
    }

    private void assertKind(Fate fate, String label, boolean isTerminal) throws Exception {
        try (FaultyProxy proxy = proxy(_ -> fate);
                S3Bucket bucket = by(proxy)) {
            assertThatThrownBy(() -> bucket.put(KEY, Content.of("a"))).satisfies(thrown -> {
                assertThat(thrown).hasMessageStartingWith(label + ": ").hasMessageNotContaining("\u001b");
                assertThat(thrown).hasMessageNotContaining(S3Server.SECRET_KEY);
                assertThat(((StoreException) thrown).isTerminal()).isEqualTo(isTerminal);
            });
        }
    }

    @Test
    void aMissingBucketIsNotAnAbsentFile() throws Exception {
        try (S3Bucket bucket = S3Bucket.open(S3Server.config("no-such-bucket", "", server.port()), LONG, PART)) {
            assertThatThrownBy(() -> bucket.get(KEY)).hasMessageStartingWith("s3_bucket_missing: ");
            assertThatThrownBy(() -> bucket.list(new ObjectKey("a"))).hasMessageStartingWith("s3_bucket_missing: ");
            assertThatThrownBy(() -> bucket.put(KEY, Content.of("a"))).hasMessageStartingWith("s3_bucket_missing: ");
        }
    }

    @Test
    void withoutCredentialsNothingIsAskedAndNothingWaitedFor() {
        long begun = System.nanoTime();
        S3Config config = new S3Config(
                name,
                "",
                Optional.of("eu-central-1"),
                Optional.of("no-such-profile"),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                false);
        assertThatThrownBy(() -> S3Bucket.open(config))
                .hasMessageStartingWith("s3_credentials_missing: the profile no-such-profile");
        assertThat(Duration.ofNanos(System.nanoTime() - begun)).isLessThan(Duration.ofSeconds(10));
    }

    @Test
    void aBucketOfAmazonNeedsARegion() {
        S3Config config = new S3Config(
                name,
                "",
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                false);
        assertThatThrownBy(() -> S3Bucket.open(config)).hasMessageStartingWith("s3_config_invalid: the region");
    }

    private Path random(int size) throws Exception {
        byte[] bytes = new byte[size];
        new Random(size).nextBytes(bytes);
        return Files.write(temp.resolve("file"), bytes);
    }

    private static void assertSame(S3Bucket bucket, Path file) throws Exception {
        try (InputStream in = bucket.get(KEY).orElseThrow()) {
            assertThat(Arrays.equals(in.readAllBytes(), Files.readAllBytes(file)))
                    .isTrue();
        }
    }

    /// What the server keeps of uploads that are open.
    private List<MultipartUpload> uploads() throws Exception {
        try (S3Client client = S3Clients.open(S3Server.config(name, "", server.port()), LONG)) {
            return client.listMultipartUploads(list -> list.bucket(name)).uploads();
        }
    }
}
