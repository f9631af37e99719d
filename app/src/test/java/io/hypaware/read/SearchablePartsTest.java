package io.hypaware.read;

import static io.hypaware.testing.RecordedCalls.message;
import static io.hypaware.testing.RecordedCalls.toolResult;
import static io.hypaware.testing.RecordedCalls.toolUse;
import static org.assertj.core.api.Assertions.assertThat;

import io.hypaware.home.Cache;
import io.hypaware.search.IndexedPart;
import io.hypaware.testing.RecordedCalls;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A result has its call's tool, wherever the pieces of what is read begin and end.
class SearchablePartsTest {

    @TempDir
    private Path folder;

    @BeforeEach
    void recorded() {
        RecordedCalls calls = new RecordedCalls(folder);
        calls.call()
                .session("s")
                .messages(
                        message("user", "look"),
                        message("assistant", toolUse("t1", "Bash"), toolUse("t2", "Read")),
                        message("user", toolResult("t1", "12: found"), toolResult("t2", "text")),
                        message("user", toolResult("t-unknown", "of nobody")))
                .answer("done")
                .record();
        calls.settle();
    }

    @Test
    void piecesOfAnyLengthAreTheSame() throws Exception {
        List<String> whole = read(0, 1_000, 1);
        assertThat(whole).contains("12: found|Bash", "text|Read", "of nobody|", "done|");
        for (long positions = 1; positions < 8; positions++) {
            assertThat(read(0, positions, 3)).as("%d at a time", positions).containsExactlyElementsOf(whole);
        }
    }

    @Test
    void aCallThatWasReadByAnotherProcessIsLookedFor() throws Exception {
        List<String> whole = read(0, 1_000, 1);
        List<String> found = new ArrayList<>();
        for (long after = 0; after < 40; after++) {
            found.addAll(read(after, 1, 1, after + 1));
        }
        assertThat(found).containsExactlyInAnyOrderElementsOf(whole);
    }

    private List<String> read(long after, long positions, int most) throws Exception {
        return read(after, positions, most, 40);
    }

    private List<String> read(long after, long positions, int most, long last) throws Exception {
        SearchableParts parts = new SearchableParts(new Recorded(new Cache(folder), 100L << 20));
        List<String> all = new ArrayList<>();
        for (long at = after; at < last; ) {
            try (SearchableParts.Pieces pieces = parts.pieces(at, last, positions, most)) {
                while (pieces.hasNext()) {
                    List<IndexedPart> piece = new ArrayList<>();
                    at = pieces.next(piece::add);
                    piece.stream()
                            .map(part -> part.text() + "|" + part.tool())
                            .sorted()
                            .forEach(all::add);
                }
            }
        }
        return all.stream().sorted().toList();
    }
}
