package io.hypaware.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.hypaware.testing.Processes;
import io.hypaware.testing.Trees;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LocalFolderTest {

    private static final Instant NOW = Instant.parse("2026-03-02T10:00:00Z");

    @TempDir
    private Path temp;

    private LocalFolder folder;

    @BeforeEach
    void open() {
        folder = new LocalFolder(temp.resolve("exports"), Clock.fixed(NOW, ZoneOffset.UTC));
    }

    @Test
    void aFileIsTheOwnersAloneAndReplacedAsAWhole() throws Exception {
        ObjectKey key = ObjectKey.of("logs", "date=2026-03-01", "a.parquet");
        folder.put(key, Content.of("one"));
        Path source = Files.writeString(temp.resolve("source"), "another");
        folder.put(key, Content.of(source));

        assertThat(text(key)).isEqualTo("another");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(folder.path(key))))
                .isEqualTo("rw-------");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(temp.resolve("exports/logs"))))
                .isEqualTo("rwx------");
        assertThat(Trees.files(temp.resolve("exports"))).hasSize(1);
        assertThat(folder.location(key)).startsWith("file:///").endsWith("/exports/logs/date=2026-03-01/a.parquet");
    }

    @Test
    void aFolderThatWasThereKeepsItsRights() throws Exception {
        Path shared = Files.createDirectory(temp.resolve("shared"));
        Files.setPosixFilePermissions(shared, PosixFilePermissions.fromString("rwxr-xr-x"));
        new LocalFolder(shared, Clock.systemUTC()).put(new ObjectKey("a"), Content.of("x"));
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(shared)))
                .isEqualTo("rwxr-xr-x");
    }

    @Test
    void ofSeveralWhoTryOnePuts() throws Exception {
        ObjectKey key = ObjectKey.of("t", "metadata", "v1.metadata.json");
        try (ExecutorService several = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Callable<Boolean>> tries = new ArrayList<>();
            for (int i = 0; i < 16; i++) {
                Content content = Content.of("by " + i);
                tries.add(() -> new LocalFolder(temp.resolve("exports"), Clock.systemUTC()).putIfAbsent(key, content));
            }
            List<Boolean> made = new ArrayList<>();
            for (Future<Boolean> one : several.invokeAll(tries)) {
                made.add(one.get());
            }
            assertThat(made.stream().filter(Boolean::booleanValue)).hasSize(1);
            assertThat(text(key)).isEqualTo("by " + made.indexOf(true));
        }
        assertThat(Trees.files(temp.resolve("exports"))).hasSize(1);
    }

    @Test
    void aListingHasWhatIsBelowInTheOrderOfKeysAndNothingThatIsBeingWritten() throws Exception {
        folder.put(ObjectKey.of("a", "c", "1"), Content.of("1"));
        folder.put(ObjectKey.of("a", "b"), Content.of("22"));
        folder.put(ObjectKey.of("ab"), Content.of("no"));
        Files.writeString(temp.resolve("exports/a/.hyp-x.part"), "half");
        Files.writeString(temp.resolve("exports/a/odd\nname"), "theirs");
        Files.createSymbolicLink(temp.resolve("exports/a/link"), Path.of("/etc/hostname"));

        assertThat(folder.list(new ObjectKey("a")))
                .extracting(Destination.StoredFile::key, Destination.StoredFile::size)
                .containsExactly(tuple(ObjectKey.of("a", "b"), 2L), tuple(ObjectKey.of("a", "c", "1"), 1L));
        assertThat(folder.list(new ObjectKey("missing"))).isEmpty();
    }

    @Test
    void whatIsNotThereIsEmptyAndDeletedTwiceIsNoError() throws Exception {
        ObjectKey key = new ObjectKey("a");
        assertThat(folder.get(key)).isEmpty();
        assertThat(folder.stat(key)).isEmpty();
        folder.put(key, Content.of("12345"));
        Instant modified = Files.getLastModifiedTime(folder.path(key)).toInstant();
        assertThat(folder.stat(key)).contains(new Destination.StoredFile(key, 5, modified));
        assertThat(folder.read(key, 5))
                .hasValueSatisfying(bytes -> assertThat(bytes).hasSize(5));
        assertThatThrownBy(() -> folder.read(key, 4)).hasMessageStartingWith("too_large: ");
        folder.delete(key);
        folder.delete(key);
        assertThat(folder.get(key)).isEmpty();
    }

    @Test
    void whatWasLeftOverIsTakenAwayOnceItIsOld() throws Exception {
        Path below = Files.createDirectories(temp.resolve("exports/t"));
        Path old = Files.writeString(below.resolve(".hyp-1.part"), "half");
        Path written = Files.writeString(below.resolve(".hyp-2.part"), "half");
        Path theirs = Files.writeString(below.resolve(".theirs"), "x");
        Files.setLastModifiedTime(old, FileTime.from(NOW.minusSeconds(3_700)));
        Files.setLastModifiedTime(theirs, FileTime.from(NOW.minusSeconds(3_700)));
        Files.setLastModifiedTime(written, FileTime.from(NOW.minusSeconds(3_500)));

        folder.put(ObjectKey.of("t", "a"), Content.of("a"));

        assertThat(old).doesNotExist();
        assertThat(written).exists();
        assertThat(theirs).exists();
    }

    @Test
    void aFileInTheWayIsAnErrorThatNamesIt() throws Exception {
        folder.put(new ObjectKey("a"), Content.of("a"));
        assertThatThrownBy(() -> folder.put(ObjectKey.of("a", "b"), Content.of("b")))
                .isInstanceOf(StoreException.class)
                .hasMessageStartingWith("local_folder_unusable: ")
                .hasMessageContaining("/exports/a");
    }

    @Test
    void aFullDiskIsAnErrorThatLeavesNoPart() throws Exception {
        Path disk = Files.createDirectory(temp.resolve("disk"));
        // A file system of a megabyte that only the child sees.
        List<String> command = new ArrayList<>(List.of(
                "unshare",
                "-rm",
                "sh",
                "-c",
                "mount -t tmpfs -o size=1m tmpfs \"$0\" || exit 77; exec \"$@\"",
                disk.toString()));
        command.addAll(Processes.command(Filling.class, temp));
        command.add(disk.toString());
        assumeThat(Processes.has("unshare")).isTrue();
        Process child = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
        assertThat(child.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assumeThat(child.exitValue()).as("may not mount here").isNotIn(1, 77);
        assertThat(child.exitValue()).isZero();
    }

    /// Its own process, on a disk of a megabyte.
    public static final class Filling {

        public static void main(String[] args) throws Exception {
            Path disk = Path.of(args[0]);
            LocalFolder folder = new LocalFolder(disk, Clock.systemUTC());
            ObjectKey key = ObjectKey.of("t", "a");
            folder.put(key, Content.of("before"));
            try {
                folder.put(key, Content.of(new byte[2 << 20]));
                System.exit(2);
            } catch (StoreException e) {
                boolean isRight = e.kind() == StoreException.Kind.LOCAL_DISK_FULL
                        && Trees.files(disk).size() == 1
                        && new String(folder.read(key, 100).orElseThrow()).equals("before");
                System.exit(isRight ? 0 : 3);
            }
        }
    }

    private String text(ObjectKey key) throws Exception {
        try (InputStream in = folder.get(key).orElseThrow()) {
            return new String(in.readAllBytes());
        }
    }
}
