package io.hypaware.home;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What is recorded is its owner's alone.
class OwnershipTest {

    @TempDir
    private Path root;

    @Test
    void aHomeThatOthersMayWriteToIsRepairedAndSaid() throws Exception {
        Path own = Files.createDirectories(root.resolve("hypaware/cache"));
        Files.setPosixFilePermissions(own, PosixFilePermissions.fromString("rwxrwxrwx"));
        assertThat(Ownership.check(new HypHome(root)))
                .singleElement()
                .asString()
                .contains(own.toString());
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(own)))
                .isEqualTo("rwx------");
        assertThat(Ownership.check(new HypHome(root))).isEmpty();
    }

    @Test
    void aFileInPlaceOfTheHomeIsNamed() throws Exception {
        Path file = Files.writeString(root.resolve("home"), "a file");
        assertThatThrownBy(() -> Ownership.check(new HypHome(file)))
                .hasMessageContaining(file + " is a file where a folder is needed");
    }

    @Test
    void aDatabaseThatIsALinkIsNamed() throws Exception {
        Path cache = Files.createDirectories(root.resolve("hypaware/cache"));
        Files.createSymbolicLink(cache.resolve("journal.db"), root.resolve("elsewhere"));
        assertThatThrownBy(() -> Ownership.check(new HypHome(root))).hasMessageContaining("journal.db is a link");
        assertThat(root.resolve("elsewhere")).doesNotExist();
    }

    @Test
    void aLinkIsNeverWrittenThrough() throws Exception {
        Path victim = Files.writeString(root.resolve("victim"), "mine");
        Files.createSymbolicLink(root.resolve("file.new"), victim);
        AsideFile.write(root.resolve("file"), "ours");
        assertThat(victim).hasContent("mine");
        assertThat(root.resolve("file")).hasContent("ours");

        Files.createSymbolicLink(root.resolve("a.lock"), victim);
        assertThatThrownBy(() -> ProcessLock.tryTake(root.resolve("a.lock"), "test"))
                .isInstanceOf(java.io.UncheckedIOException.class);
        assertThat(victim).hasContent("mine");
    }
}
