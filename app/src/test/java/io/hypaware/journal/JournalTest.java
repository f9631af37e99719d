package io.hypaware.journal;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What opening a journal does to it.
class JournalTest {

    @TempDir
    private Path folder;

    /// Each query opens it. A write would make it wait for the recorder, and the recorder for it.
    @Test
    void openingOneThatIsThereWritesNothing() throws Exception {
        Path file = folder.resolve("journal.db");
        try (Journal first = Journal.open(file)) {
            Path log = folder.resolve("journal.db-wal");
            long before = Files.size(log);
            try (Journal second = Journal.open(file)) {
                assertThat(second.stats()).isEqualTo(first.stats());
            }
            assertThat(Files.size(log)).isEqualTo(before);
        }
    }
}
