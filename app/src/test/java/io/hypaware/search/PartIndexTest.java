package io.hypaware.search;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.apache.lucene.util.BytesRef;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A text that is said again stands in the index once, however it is known that it does.
class PartIndexTest {

    private static final int TEXTS = 300;

    @TempDir
    private Path folder;

    @Test
    void eachTextIsThereOnceAndFoundInEachSession() throws Exception {
        try (PartIndex index = PartIndex.open(folder).orElseThrow()) {
            for (String session : List.of("one", "two")) {
                for (int i = 0; i < TEXTS; i++) {
                    index.add(part(session, i));
                }
                index.commit(Position.NONE.to(TEXTS));
            }
            // More were looked up by now than it takes to know all.
            for (int i = 0; i < TEXTS; i++) {
                index.add(part("three", i));
            }
            index.add(part("three", TEXTS));
            index.commit(Position.NONE.to(TEXTS));
        }
        try (PartSearch search = PartSearch.open(folder).orElseThrow()) {
            for (int i : new int[] {0, 150, TEXTS - 1}) {
                assertThat(search.find(Search.of("number" + i, 10))).hasSize(1);
                for (String session : List.of("one", "two", "three")) {
                    assertThat(search.find(new Search(
                                    "number" + i,
                                    Optional.of(session),
                                    Optional.empty(),
                                    Optional.empty(),
                                    Optional.empty(),
                                    Optional.empty(),
                                    10)))
                            .hasSize(1);
                }
            }
            assertThat(search.find(Search.of("number" + TEXTS, 10))).hasSize(1);
        }
    }

    @Test
    void whatWasPutInMayBeThereAndAlmostNothingElse() {
        long seed = new Random().nextLong();
        Random random = new Random(seed);
        KnownHashes known = new KnownHashes();
        int wrong = 0;
        for (int i = 0; i < 100_000; i++) {
            byte[] in = new byte[16];
            random.nextBytes(in);
            known.put(new BytesRef(in));
            assertThat(known.mayHave(new BytesRef(in))).as("seed %d", seed).isTrue();
            random.nextBytes(in);
            wrong += known.mayHave(new BytesRef(in)) ? 1 : 0;
        }
        assertThat(wrong).as("seed %d", seed).isLessThan(1_000);
    }

    private static IndexedPart part(String session, int number) {
        return new IndexedPart(
                session + "-" + number,
                session,
                session,
                "claude",
                "user",
                "",
                Instant.parse("2026-03-01T10:00:00Z").plusSeconds(number),
                "a long text that is said again, number%d ".formatted(number).repeat(8),
                0);
    }
}
