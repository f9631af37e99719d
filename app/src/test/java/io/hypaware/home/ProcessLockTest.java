package io.hypaware.home;

import static org.assertj.core.api.Assertions.assertThat;

import io.hypaware.testing.Processes;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// One holder at a time, and looking does not hold.
class ProcessLockTest {

    @TempDir
    private Path folder;

    @Test
    void takenOnceUntilGivenBack() throws Exception {
        Path file = folder.resolve("a.lock");
        assertThat(ProcessLock.isTaken(file)).isFalse();
        try (ProcessLock _ = ProcessLock.tryTake(file, "test").orElseThrow()) {
            assertThat(ProcessLock.isTaken(file)).isTrue();
            assertThat(ProcessLock.tryTake(file, "other")).isEmpty();
            assertThat(ProcessLock.owner(file))
                    .isEqualTo("test, pid " + ProcessHandle.current().pid());
        }
        assertThat(ProcessLock.isTaken(file)).isFalse();
    }

    /// A status that polls while a gateway starts must not make the start fail.
    @Test
    void lookingDoesNotKeepOthersFromTaking() throws Exception {
        Path file = folder.resolve("b.lock");
        ProcessLock.tryTake(file, "make").orElseThrow().close();
        Process looking = Processes.java(Looking.class, folder, file.toString());
        try {
            long end = System.nanoTime() + 1_500_000_000L;
            for (int i = 0; System.nanoTime() < end; i++) {
                Optional<ProcessLock> lock = ProcessLock.tryTake(file, "test");
                assertThat(lock).as("attempt " + i).isPresent();
                lock.get().close();
            }
        } finally {
            looking.destroyForcibly().waitFor();
        }
    }

    /// Looking at one's own lock must not give it back, which closing a second descriptor of the file would.
    @Test
    void lookingAtOnesOwnLockKeepsIt() throws Exception {
        Path file = folder.resolve("c.lock");
        try (ProcessLock _ = ProcessLock.tryTake(file, "test").orElseThrow()) {
            assertThat(ProcessLock.isTaken(file)).isTrue();
            assertThat(ProcessLock.tryTake(file, "other")).isEmpty();
            Process other = Processes.java(Taking.class, folder, file.toString());
            assertThat(other.waitFor()).isEqualTo(1);
        }
    }

    /// Looks for ever.
    static final class Looking {
        public static void main(String[] arguments) {
            while (true) {
                ProcessLock.isTaken(Path.of(arguments[0]));
            }
        }
    }

    /// Ends with 0 if it could take the lock.
    static final class Taking {
        public static void main(String[] arguments) throws InterruptedException {
            System.exit(ProcessLock.tryTake(Path.of(arguments[0]), "taking").isPresent() ? 0 : 1);
        }
    }
}
