package io.hypaware.journal;

import static org.assertj.core.api.Assertions.assertThat;

import io.hypaware.dataset.Dataset;
import io.hypaware.dataset.Datasets;
import io.hypaware.dataset.Row;
import io.hypaware.project.ExchangeRow;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.sqlite.SQLiteConfig;

/// What is gathered is written whole or not at all, and seen by the next exchange as if it were written.
class ProjectionBatchTest {

    private static final Instant AT = Instant.parse("2026-03-01T10:00:00Z");

    @TempDir
    private Path folder;

    @BeforeEach
    void exchanges() {
        try (JournalWriter writer = JournalWriter.open(folder.resolve("journal.db"), 1 << 20, 1 << 20)) {
            for (int i = 1; i <= 3; i++) {
                writer.begin(new ExchangeStart("x" + i, AT, "u", "p", "POST", "/", List.of(), Optional.empty()))
                        .end(new ExchangeEnd(AT.plusSeconds(1), Outcome.COMPLETED, "client", 0, 0, Optional.empty()));
            }
        }
    }

    @Test
    void nothingIsWrittenOfAnExchangeThatIsDiscarded() {
        try (Journal journal = open();
                ProjectionBatch batch = journal.projectionBatch(() -> {})) {
            batch.add(row("x1", 10), AT);
            batch.put(branch(0, "first"));
            batch.projected(1);
            batch.add(row("x2", 10), AT);
            batch.put(branch(0, "second"));
            assertThat(batch.isSeen(ExchangeRow.DATASET, "x2")).isTrue();
            batch.discard();
            assertThat(batch.isSeen(ExchangeRow.DATASET, "x2")).isFalse();
            assertThat(journal.lastHotSeq()).isZero();
            batch.write();
            assertThat(rows(journal)).containsExactly("x1");
            assertThat(journal.pending(10)).containsExactly(2L, 3L);
            assertThat(batch.branches().of("s", "", 10))
                    .extracting(Branch::conversation)
                    .containsExactly("first");
        }
    }

    @Test
    void theNextExchangeSeesWhatIsGathered() {
        try (Journal journal = open();
                ProjectionBatch batch = journal.projectionBatch(() -> {})) {
            batch.put(branch(0, "a"));
            batch.put(branch(0, "b"));
            batch.projected(1);
            assertThat(batch.branches().nextConversation("s", AT)).isEqualTo(2);
            long a = batch.branches().of("s", "", 10).getLast().id();
            batch.put(branch(a, "a2"));
            assertThat(batch.branches().of("s", "", 10))
                    .extracting(Branch::conversation)
                    .containsExactly("a2", "b");
            assertThat(batch.branches().of("s", "", 1))
                    .extracting(Branch::conversation)
                    .containsExactly("a2");
            assertThat(batch.branches().hasConversation("s", "b")).isTrue();
            batch.projected(2);
            batch.write();
        }
        try (Journal journal = open();
                ProjectionBatch batch = journal.projectionBatch(() -> {})) {
            assertThat(batch.branches().of("s", "", 10))
                    .extracting(Branch::conversation)
                    .containsExactly("a2", "b");
            assertThat(batch.branches().nextConversation("s", AT)).isEqualTo(3);
            batch.put(branch(0, "c"));
            batch.put(branch(batch.branches().of("s", "", 10).getLast().id(), "b2"));
            assertThat(batch.branches().of("s", "", 10))
                    .extracting(Branch::conversation)
                    .containsExactly("b2", "c", "a2");
        }
    }

    /// More rows than are held go to an open transaction, which one that fails takes with it.
    @Test
    void anExchangeOfManyRowsIsWrittenWholeOrNotAtAll() {
        try (Journal journal = open();
                ProjectionBatch batch = journal.projectionBatch(() -> {})) {
            batch.add(row("x1", 10), AT);
            batch.projected(1);
            for (int i = 0; i < 30; i++) {
                batch.add(row("many" + i, 500_000), AT);
                batch.addPayload(("payload " + i + "p".repeat(300_000)).getBytes(StandardCharsets.UTF_8), AT);
            }
            batch.discard();
            assertThat(rows(journal)).containsExactly("x1");
            assertThat(batch.isSeen(ExchangeRow.DATASET, "many0")).isFalse();
            for (int i = 0; i < 30; i++) {
                batch.add(row("many" + i, 500_000), AT);
            }
            batch.projected(2);
            assertThat(rows(journal)).hasSize(31);
            batch.add(row("x3", 10), AT);
            batch.projected(3);
            batch.write();
            assertThat(rows(journal)).hasSize(32);
            assertThat(journal.pending(10)).isEmpty();
        }
    }

    @Test
    void manyPayloadsAreWrittenBeforeTheirExchange() {
        int[] transactions = new int[1];
        try (Journal journal = open();
                ProjectionBatch batch = journal.projectionBatch(() -> transactions[0]++)) {
            for (int i = 0; i < 10; i++) {
                batch.addPayload((i + "p".repeat(400_000)).getBytes(StandardCharsets.UTF_8), AT);
            }
            assertThat(transactions[0]).isGreaterThan(1);
            assertThat(journal.pending(10)).hasSize(3);
            batch.projected(1);
            batch.write();
            assertThat(payloads(journal)).hasSize(10).doesNotHaveDuplicates();
        }
    }

    /// Adoption keeps payloads while another process may project.
    @Test
    void aPayloadThatTwoKeepAtATimeIsStoredOnce() {
        byte[] payload = "p".repeat(5_000).getBytes(StandardCharsets.UTF_8);
        try (Journal one = open();
                Journal other = open();
                ProjectionBatch first = one.projectionBatch(() -> {});
                ProjectionBatch second = other.projectionBatch(() -> {})) {
            first.addPayload(payload, AT);
            second.addPayload(payload, AT.plus(Duration.ofMinutes(1)));
            first.writeAll();
            second.writeAll();
            assertThat(payloads(one)).hasSize(1);
            one.sync();
        }
    }

    /// Whatever it fails at, and be it memory: what is whole is written by the next one.
    @Test
    void anErrorWithinAWriteLosesNothing() throws Exception {
        for (int fault = 1; fault <= 25; fault++) {
            Path file = folder.resolve("faulty-" + fault + ".db");
            Files.copy(folder.resolve("journal.db"), file);
            int[] left = {Integer.MAX_VALUE};
            Connection real = Sqlite.open(file, SQLiteConfig.SynchronousMode.NORMAL, 100);
            try (Statements statements = new Statements(failing(real, left));
                    ProjectionBatch batch = new ProjectionBatch(statements, () -> {})) {
                exchange(batch, 1);
                exchange(batch, 2);
                left[0] = fault;
                try {
                    batch.write();
                } catch (OutOfMemoryError e) {
                    batch.discard();
                }
                left[0] = Integer.MAX_VALUE;
                exchange(batch, 3);
                batch.write();
            }
            try (Journal journal = Journal.open(file)) {
                assertThat(rows(journal)).as("fault at " + fault).containsExactly("x1", "x2", "x3");
                assertThat(payloads(journal)).hasSize(3);
                assertThat(journal.pending(10)).isEmpty();
            }
        }
    }

    private static void exchange(ProjectionBatch batch, int number) {
        batch.addPayload(("payload " + number).getBytes(StandardCharsets.UTF_8), AT);
        batch.add(row("x" + number, 10), AT);
        batch.put(branch(0, "c" + number));
        batch.projected(number);
    }

    /// A connection of which the n-th statement that writes runs out of memory.
    private static Connection failing(Connection real, int[] left) {
        return (Connection) Proxy.newProxyInstance(
                ProjectionBatchTest.class.getClassLoader(),
                new Class<?>[] {Connection.class},
                (_, method, arguments) -> {
                    Object result = invoke(real, method, arguments);
                    return result instanceof PreparedStatement statement ? failing(statement, left) : result;
                });
    }

    private static PreparedStatement failing(PreparedStatement real, int[] left) {
        return (PreparedStatement) Proxy.newProxyInstance(
                ProjectionBatchTest.class.getClassLoader(),
                new Class<?>[] {PreparedStatement.class},
                (_, method, arguments) -> {
                    if (method.getName().equals("executeUpdate") && --left[0] == 0) {
                        throw new OutOfMemoryError("as if");
                    }
                    return invoke(real, method, arguments);
                });
    }

    private static Object invoke(Object target, Method method, Object[] arguments) throws Throwable {
        try {
            return method.invoke(target, arguments);
        } catch (InvocationTargetException e) {
            throw e.getCause();
        }
    }

    private Journal open() {
        return Journal.open(folder.resolve("journal.db"));
    }

    private static List<String> rows(Journal journal) {
        return ids(journal, ExchangeRow.DATASET);
    }

    private static List<String> payloads(Journal journal) {
        return ids(journal, Datasets.PAYLOADS);
    }

    private static List<String> ids(Journal journal, Dataset dataset) {
        List<String> ids = new ArrayList<>();
        try (Journal.HotRows hot = journal.hotRows()) {
            hot.read(dataset, 0, row -> ids.add(row.row().rowId()));
        }
        return ids;
    }

    private static Branch branch(long id, String conversation) {
        return new Branch(id, "s", "", conversation, false, "first", "tip", new byte[] {1, 2});
    }

    private static Row row(String id, int size) {
        return Row.of(ExchangeRow.DATASET)
                .set("exchange_id", id)
                .set("started_at", Micros.of(AT))
                .set("upstream", "u")
                .set("method", "POST")
                .set("path", "/" + "x".repeat(size))
                .set("outcome", "completed")
                .build(id);
    }
}
