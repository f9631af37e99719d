package io.hypaware.sink.rows;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.hypaware.dataset.Dataset;
import io.hypaware.home.Cache;
import io.hypaware.journal.Journal;
import io.hypaware.journal.RowBatch;
import io.hypaware.journal.RowBatch.RowRange;
import io.hypaware.journal.RowBatch.Withheld;
import io.hypaware.journal.RowLedger;
import io.hypaware.project.Messages;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Which rows go next: each once, whatever is adopted, marked, released or dies in between.
class RowCursorTest {

    private static final Dataset MESSAGES = Messages.DATASET;
    private static final String NAME = MESSAGES.name();

    @TempDir
    private Path folder;

    private RowLedger ledger;
    private Recording recorded;
    private RowCursor cursor;

    /// A thousand positions, each a row; and adopted ones by number and day.
    private final class Recording implements RowCursor.Recorded {

        private final TreeMap<Integer, TreeSet<Integer>> adopted = new TreeMap<>();
        private final Set<String> staying = new HashSet<>();
        private boolean isEmpty;

        @Override
        public OptionalLong end(Dataset dataset, long after, long last, RowCursor.Bounds bounds) {
            return isEmpty ? OptionalLong.empty() : OptionalLong.of(Math.min(last, after + bounds.rows()));
        }

        @Override
        public List<Integer> adopted(Dataset dataset) {
            return List.copyOf(adopted.keySet());
        }

        @Override
        public OptionalInt nextDay(Dataset dataset, int number, int after) {
            Integer next = adopted.getOrDefault(number, new TreeSet<>()).higher(after);
            return next == null ? OptionalInt.empty() : OptionalInt.of(next);
        }

        @Override
        public Set<String> staying(Collection<String> sessions) {
            Set<String> stay = new HashSet<>(sessions);
            stay.retainAll(staying);
            return stay;
        }
    }

    @BeforeEach
    void open() {
        Cache cache = new Cache(folder);
        recordUpTo(cache, 25);
        ledger = RowLedger.openExisting(cache.journal(), "files").orElseThrow();
        recorded = new Recording();
        cursor = new RowCursor(ledger, recorded, new RowCursor.Bounds(10, 1_000));
    }

    private static void recordUpTo(Cache cache, long position) {
        try (Journal journal = Journal.open(cache.journal())) {
            journal.continueAfter(position);
        }
    }

    @AfterEach
    void close() {
        ledger.close();
    }

    private RowBatch next() throws Exception {
        return cursor.next(MESSAGES).orElseThrow();
    }

    private RowRange goes(String... leftOut) throws Exception {
        RowBatch batch = next();
        cursor.done(batch, List.of(leftOut));
        return batch.range();
    }

    @Test
    void positionsGoInOrderAndOnce() throws Exception {
        assertThat(goes()).isEqualTo(RowRange.positions(0, 10));
        assertThat(goes()).isEqualTo(RowRange.positions(10, 20));
        assertThat(goes()).isEqualTo(RowRange.positions(20, 25));
        assertThat(cursor.next(MESSAGES)).isEmpty();
        recordUpTo(new Cache(folder), 26);
        assertThat(goes()).isEqualTo(RowRange.positions(25, 26));
        assertThat(ledger.batches(NAME)).isEqualTo(4);
    }

    @Test
    void whereThereAreNoRowsThereIsNoBatch() throws Exception {
        recorded.isEmpty = true;
        assertThat(cursor.next(MESSAGES)).isEmpty();
        assertThat(ledger.position(NAME)).isEqualTo(25);
        recorded.isEmpty = false;
        recordUpTo(new Cache(folder), 26);
        assertThat(goes()).isEqualTo(RowRange.positions(25, 26));
    }

    @Test
    void aBatchIsTheSameUntilItIsDone() throws Exception {
        RowBatch first = next();
        cursor.names(first, List.of("a", "b"));
        recordUpTo(new Cache(folder), 1_000);
        recorded.adopted.put(1, new TreeSet<>(List.of(7)));
        RowBatch again = next();
        assertThat(again.range()).isEqualTo(first.range());
        assertThat(again.name()).isEqualTo(first.name()).isEqualTo("000000000001-000000000010");
        assertThat(again.keys()).containsExactly("a", "b");
        cursor.names(again, List.of("a"));
        assertThat(next().keys()).as("what stands there is to be taken away").containsExactly("a", "b");
        cursor.done(again, List.of());
        assertThat(next().keys()).isEmpty();
        assertThatThrownBy(() -> cursor.done(again, List.of())).hasMessageContaining("done with already");
    }

    @Test
    void adoptedRowsGoDayByDayUnderTheirNumber() throws Exception {
        recorded.adopted.put(3, new TreeSet<>(List.of(100, 102)));
        assertThat(goes()).isEqualTo(new RowRange(-4, -3, Optional.of(100)));
        RowBatch second = next();
        assertThat(second.range()).isEqualTo(new RowRange(-4, -3, Optional.of(102)));
        assertThat(second.name()).isEqualTo("adopted-000003");
        cursor.done(second, List.of());
        assertThat(goes()).isEqualTo(RowRange.positions(0, 10));
        recorded.adopted.put(2, new TreeSet<>(List.of(5)));
        assertThat(goes()).as("one of an earlier number that is complete later").isEqualTo(RowRange.adopted(2, 5));
        assertThat(goes()).isEqualTo(RowRange.positions(10, 20));
    }

    @Test
    void whatWasLeftOutGoesInABatchOfItsOwn() throws Exception {
        recorded.staying.add("mine");
        recorded.adopted.put(1, new TreeSet<>(List.of(9)));
        goes("mine");
        goes("mine");
        goes("mine");
        goes();
        assertThat(cursor.next(MESSAGES)).isEmpty();
        assertThat(ledger.withheld(NAME)).containsExactly("mine");

        recorded.staying.clear();
        RowBatch released = next();
        assertThat(released.released())
                .containsExactlyInAnyOrder(
                        new Withheld("mine", RowRange.adopted(1, 9)), new Withheld("mine", RowRange.positions(0, 20)));
        assertThat(released.name()).isEqualTo("released-0000000005");
        recordUpTo(new Cache(folder), 1_000);
        assertThat(next()).isEqualTo(released);
        cursor.done(released, List.of());
        assertThat(ledger.withheld(NAME)).isEmpty();
        assertThat(goes()).isEqualTo(RowRange.positions(25, 35));
    }

    @Test
    void whatIsMarkedAgainStaysLeftOut() throws Exception {
        recorded.staying.addAll(List.of("one", "two"));
        goes("one", "two");
        recorded.staying.clear();
        RowBatch released = next();
        cursor.done(released, List.of("two"));
        assertThat(ledger.withheld(NAME)).containsExactly("two");
        assertThat(next().released()).containsExactly(new Withheld("two", RowRange.positions(0, 10)));
    }

    /// Between two batches that leave it out, a session may leave with one.
    @Test
    void onlyWhatWasLeftOutGoesLater() throws Exception {
        recorded.staying.add("s");
        goes("s");
        goes();
        goes("s");
        recorded.staying.clear();
        assertThat(next().released())
                .containsExactly(
                        new Withheld("s", RowRange.positions(0, 10)), new Withheld("s", RowRange.positions(20, 25)));
    }

    @Test
    void whatWasPurgedIsNotWithheldAnyMore() throws Exception {
        recorded.staying.add("s");
        goes("s");
        recorded.staying.clear();
        RowBatch released = next();
        try (Journal journal = Journal.open(new Cache(folder).journal())) {
            journal.purges().forgetAllConversations();
        }
        assertThat(next().name()).isEqualTo(released.name());
        assertThat(next().released()).isEmpty();
        assertThat(RowSelection.sql(MESSAGES, next())).isEqualTo("(false)");
        cursor.done(next(), List.of());
        assertThat(ledger.position(NAME)).isEqualTo(10);
        assertThat(goes()).isEqualTo(RowRange.positions(10, 20));
    }

    @Test
    void eachReceiverAndDatasetHasItsOwn() throws Exception {
        goes();
        try (RowLedger other =
                RowLedger.openExisting(new Cache(folder).journal(), "other").orElseThrow()) {
            assertThat(other.position(NAME)).isZero();
            assertThat(other.origin()).isEqualTo(ledger.origin()).matches("[0-9a-f]{10}");
        }
        assertThat(ledger.position("exchanges")).isZero();
    }

    /// Positions 1 to 25 in some order of dying, marking and releasing.
    @Test
    void everyPositionOfEverySessionGoesOnce() throws Exception {
        List<String> sessions = List.of("a", "b", "");
        List<String> sent = new ArrayList<>();
        for (int round = 0; round < 12; round++) {
            recorded.staying.clear();
            if (round < 9) {
                recorded.staying.add(sessions.get(round % 3));
            }
            recordUpTo(new Cache(folder), 25 + 7L * Math.min(round, 5));
            Optional<RowBatch> batch = cursor.next(MESSAGES);
            if (batch.isEmpty()) {
                continue;
            }
            if (round % 4 == 1) {
                assertThat(cursor.next(MESSAGES)).as("again, as this one died").isEqualTo(batch);
            }
            Set<String> stay = recorded.staying(sessions);
            List<Withheld> parts = batch.get().isRelease()
                    ? batch.get().released()
                    : sessions.stream()
                            .map(s -> new Withheld(s, batch.get().range()))
                            .toList();
            parts.stream()
                    .filter(part -> !stay.contains(part.session()))
                    .forEach(part -> LongStream.rangeClosed(
                                    part.range().after() + 1, part.range().last())
                            .forEach(position -> sent.add(part.session() + position)));
            cursor.done(batch.get(), stay);
        }
        assertThat(sent).doesNotHaveDuplicates();
        assertThat(ledger.withheld(NAME)).isEmpty();
        assertThat(sent).hasSize(3 * (int) ledger.position(NAME));
    }
}
