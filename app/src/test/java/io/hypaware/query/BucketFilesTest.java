package io.hypaware.query;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.hypaware.dataset.Datasets;
import io.hypaware.home.Cache;
import io.hypaware.home.Progress;
import io.hypaware.lake.FileCopies;
import io.hypaware.lake.LakeException;
import io.hypaware.testing.FaultyProxy;
import io.hypaware.testing.FaultyProxy.Fate;
import io.hypaware.testing.ForwardedHome;
import io.hypaware.testing.S3Server;
import io.hypaware.testing.TeamWarehouse;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/// Queries over a team's bucket, on a network in trouble, and what they leave on the disk.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class BucketFilesTest {

    private static final long MEMORY_BYTES = 256L << 20;
    private static final Fate PASSED = new Fate.Passed();
    private static final Predicate<String> DATA = line -> line.startsWith("GET ") && line.contains(".parquet");
    private static final String QUERY =
            "select concat_ws(' ', part_id, content_text, length(system_text)) from ai_gateway_messages order by all";

    private Path folder;
    private TeamWarehouse warehouse;
    private List<String> answer;

    @BeforeAll
    void begin(@TempDir Path temporary) throws Exception {
        folder = temporary;
        warehouse = new TeamWarehouse(folder.resolve("warehouse"), TeamWarehouse.Kind.POSTGRES_AND_BUCKET);
        for (String user : List.of("ada", "grace")) {
            new ForwardedHome(folder.resolve(user), warehouse).record(user).forward(user);
        }
        answer = ask(cache("first"), Fetching.showing(Progress.NONE), QUERY);
        assertThat(answer).isNotEmpty();
    }

    @AfterAll
    void end() throws Exception {
        warehouse.close();
    }

    private Cache cache(String name) {
        return new Cache(folder.resolve(name));
    }

    private static Fetching keeping(long keptBytes) {
        return new Fetching(1L << 30, 1_000, keptBytes, Progress.NONE);
    }

    private List<String> ask(Cache cache, Fetching fetching, String sql) throws Exception {
        List<String> values = new ArrayList<>();
        try (QuerySession session = QuerySession.open(warehouse.lake("reader"), cache, MEMORY_BYTES, sql, fetching)) {
            session.run(result -> {
                while (result.next()) {
                    values.add(result.getString(1));
                }
            });
        }
        return values;
    }

    /// Asks through a proxy.
    ///
    /// @return the data files that the bucket was asked for
    private List<String> asked(Function<String, Fate> fates, Callable<?> asking) throws Exception {
        try (FaultyProxy proxy = new FaultyProxy(S3Server.get().port(), fates)) {
            warehouse.reachBucketBy(proxy.port());
            asking.call();
            return proxy.seen().stream().filter(DATA).toList();
        } finally {
            warehouse.reachBucketBy(S3Server.get().port());
        }
    }

    /// The first of some requests have another fate.
    private static Function<String, Fate> first(int number, Fate fate) {
        AtomicInteger came = new AtomicInteger();
        return line -> DATA.test(line) && came.getAndIncrement() < number ? fate : PASSED;
    }

    private static List<Path> copies(Cache cache) throws IOException {
        try (Stream<Path> files = Files.list(cache.copies())) {
            return files.toList();
        }
    }

    private static long bytes(Cache cache) throws IOException {
        long bytes = 0;
        for (Path copy : copies(cache)) {
            bytes += Files.size(copy);
        }
        return bytes;
    }

    @Test
    void aFileIsFetchedOnce() throws Exception {
        Cache cache = cache("once");
        List<String> fetched = asked(_ -> PASSED, () -> {
            assertThat(ask(cache, keeping(1 << 30), QUERY)).isEqualTo(answer);
            return assertThat(ask(cache, keeping(1 << 30), QUERY)).isEqualTo(answer);
        });
        assertThat(fetched).isNotEmpty().doesNotHaveDuplicates().hasSameSizeAs(copies(cache));
        assertThat(Files.getPosixFilePermissions(cache.copies()))
                .isEqualTo(PosixFilePermissions.fromString("rwx------"));
        assertThat(copies(cache))
                .allSatisfy(copy -> assertThat(Files.getPosixFilePermissions(copy))
                        .isEqualTo(PosixFilePermissions.fromString("rw-------")));
        assertThat(cache.spillFolder()).isEmptyDirectory();
    }

    @Test
    void aCutDownloadIsMadeAgain() throws Exception {
        assertThat(asked(
                        first(2, new Fate.AnswerCutAfter(600)),
                        () -> assertThat(ask(cache("cut"), keeping(1 << 30), QUERY))
                                .isEqualTo(answer)))
                .hasSizeGreaterThan(2);
        assertThat(copies(cache("cut"))).isNotEmpty().allSatisfy(BucketFilesTest::isWhole);
    }

    private static void isWhole(Path copy) throws IOException {
        String name = copy.getFileName().toString();
        assertThat(Files.size(copy)).isEqualTo(Long.parseLong(name.substring(name.indexOf('-') + 1)));
        byte[] bytes = Files.readAllBytes(copy);
        assertThat(new String(bytes, bytes.length - 4, 4, java.nio.charset.StandardCharsets.US_ASCII))
                .isEqualTo("PAR1");
    }

    @Test
    void oneThatIsCutEachTimeFailsAndLeavesNoPart() throws Exception {
        asked(
                line -> DATA.test(line) ? new Fate.AnswerCutAfter(600) : PASSED,
                () -> assertThatThrownBy(() -> ask(cache("torn"), keeping(1 << 30), QUERY))
                        .isInstanceOf(LakeException.class)
                        .hasMessageContaining("cannot be fetched: s3://"));
        assertThat(cache("torn").copies())
                .satisfiesAnyOf(
                        copies -> assertThat(copies).doesNotExist(),
                        copies -> assertThat(copies).isEmptyDirectory());
        assertThat(cache("torn").spillFolder()).isEmptyDirectory();
    }

    @Test
    void aServerThatIsBusyIsAskedAgain() throws Exception {
        asked(
                first(3, new Fate.Answered(503, "", "")),
                () -> assertThat(ask(cache("busy"), keeping(1 << 30), QUERY)).isEqualTo(answer));
    }

    /// As after a maintenance that has put another file in its place meanwhile.
    @Test
    void aQueryBeginsAgainWhereAFileHasGone() throws Exception {
        asked(
                first(1, new Fate.Answered(404, "", "")),
                () -> assertThat(ask(cache("gone"), keeping(1 << 30), QUERY)).isEqualTo(answer));
        List<String> tried = asked(
                line -> DATA.test(line) ? new Fate.Answered(404, "", "") : PASSED,
                () -> assertThatThrownBy(() -> ask(cache("lost"), keeping(1 << 30), QUERY))
                        .isInstanceOf(LakeException.class)
                        .hasMessageContaining("went each time before they were read"));
        assertThat(tried).hasSizeLessThan(50);
    }

    /// Of the table that it is looked for in, when rows are here already.
    @Test
    void aPayloadIsFoundAgainWhereItsFileHasGone() throws Exception {
        AtomicInteger came = new AtomicInteger();
        asked(
                line -> DATA.test(line) && line.contains("payloads") && came.getAndIncrement() == 0
                        ? new Fate.Answered(404, "", "")
                        : PASSED,
                () -> assertThat(ask(
                                cache("payload"),
                                keeping(1 << 30),
                                "select system_text from ai_gateway_messages where system_text is not null limit 1"))
                        .singleElement()
                        .asString()
                        .startsWith("the same for all of them"));
        assertThat(came.get()).isGreaterThan(1);
    }

    @Test
    void payloadsAreLookedForWithTheMachinesThatAreRead() throws Exception {
        String machine = ask(
                        cache("machine"),
                        keeping(1 << 30),
                        "select distinct _machine from exchanges where _user = 'ada'")
                .getFirst();
        long all = warehouse.counts(Datasets.PAYLOADS).files().size();
        List<String> fetched = asked(
                _ -> PASSED,
                () -> ask(
                        cache("machine"),
                        keeping(1 << 30),
                        "select system_text from ai_gateway_messages where _machine = '" + machine + "'"));
        assertThat(fetched.stream().filter(line -> line.contains("payloads")).count())
                .isPositive()
                .isLessThan(all);
        // The files of the rows say it, where the query does not.
        List<String> ofUser = asked(
                _ -> PASSED,
                () -> ask(
                        cache("user"),
                        keeping(1 << 30),
                        "select system_text from ai_gateway_messages where _user = 'ada'"));
        assertThat(ofUser.stream().filter(line -> line.contains("payloads")).count())
                .isPositive()
                .isLessThan(all);
    }

    @Test
    void whatIsBeyondTheBoundIsRefusedBeforeAByteComes() throws Exception {
        List<String> fetched = asked(
                _ -> PASSED,
                () -> assertThatThrownBy(
                                () -> ask(cache("bound"), new Fetching(1_000, 1_000, 1 << 30, Progress.NONE), QUERY))
                        .isInstanceOf(LakeException.class)
                        .hasMessageContaining("that one fetches to this machine. Narrow it by day")
                        .hasMessageContaining("--engine spark"));
        assertThat(fetched).isEmpty();
        assertThatThrownBy(() -> ask(cache("files"), new Fetching(1 << 30, 1, 1 << 30, Progress.NONE), QUERY))
                .hasMessageContaining("than the 1 files");
    }

    @Test
    void copiesStayWithinTheirBound() throws Exception {
        Cache cache = cache("small");
        ask(cache, keeping(1 << 30), QUERY);
        long all = bytes(cache);
        Path oldest = copies(cache).getFirst();
        Files.setLastModifiedTime(oldest, FileTime.from(Instant.now().minus(Duration.ofHours(1))));
        new FileCopies(cache, all - 1).makeRoom(0, Instant.now());
        assertThat(oldest).doesNotExist();
        assertThat(bytes(cache)).isLessThan(all).isPositive();
        assertThat(ask(cache, keeping(all / 2), QUERY)).isEqualTo(answer);
        assertThat(bytes(cache)).isLessThanOrEqualTo(all / 2);
        assertThat(ask(cache, keeping(0), QUERY)).isEqualTo(answer);
        assertThat(copies(cache)).isEmpty();
    }

    @Test
    void whatNobodyAsksForGoesAfterDays() throws Exception {
        Cache cache = cache("unused");
        ask(cache, keeping(1 << 30), QUERY);
        FileCopies.dropUnused(cache, Instant.now().plus(Duration.ofDays(6)));
        assertThat(copies(cache)).isNotEmpty();
        FileCopies.dropUnused(cache, Instant.now().plus(Duration.ofDays(8)));
        assertThat(copies(cache)).isEmpty();
    }

    @Test
    void aCopyOfAnotherLengthIsNotUsed() throws Exception {
        Cache cache = cache("damaged");
        ask(cache, keeping(1 << 30), QUERY);
        for (Path copy : copies(cache)) {
            Files.writeString(copy, "torn");
        }
        assertThat(ask(cache, keeping(1 << 30), QUERY)).isEqualTo(answer);
        assertThat(copies(cache)).allSatisfy(BucketFilesTest::isWhole);
    }

    @Test
    void severalAskAtOnceWhileCopiesGo() throws Exception {
        Cache cache = cache("together");
        ask(cache, keeping(1 << 30), QUERY);
        long all = bytes(cache);
        try (ExecutorService threads = Executors.newFixedThreadPool(3)) {
            List<Future<List<String>>> answers = new ArrayList<>();
            for (int i = 0; i < 6; i++) {
                long kept = all * i / 6;
                answers.add(threads.submit(() -> ask(cache, keeping(kept), QUERY)));
            }
            for (Future<List<String>> one : answers) {
                assertThat(one.get()).isEqualTo(answer);
            }
        }
        assertThat(cache.spillFolder()).isEmptyDirectory();
    }
}
