package io.hypaware.journal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.hypaware.journal.TelemetryRequest.Signal;
import io.hypaware.testing.TestGateway;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.sqlite.SQLiteConfig.SynchronousMode;

/// An exporter's request is told of once it is on disk, and not before; calls and telemetry do not take each other
/// along.
class TelemetryCommitTest {

    @TempDir
    private Path folder;

    @Test
    void whatIsToldOfIsThere() throws Exception {
        Path file = folder.resolve("journal.db");
        try (JournalWriter writer = JournalWriter.open(file, 1 << 20, 1 << 20)) {
            TestGateway.await(() -> writer.stats().open());
            List<CompletableFuture<Void>> written = new ArrayList<>();
            for (int i = 0; i < 100; i++) {
                written.add(writer.record(request(1_000)));
            }
            for (CompletableFuture<Void> one : written) {
                one.get(10, TimeUnit.SECONDS);
            }
            assertThat(number(file, "SELECT count(*) FROM telemetry_request WHERE state = 1 AND length(body) = 1000"))
                    .isEqualTo(100);
        }
    }

    @Test
    void whatCannotBeWrittenIsToldAndTheCallBesideItIsRecorded() throws Exception {
        Path file = folder.resolve("journal.db");
        try (JournalWriter writer = JournalWriter.open(file, 1 << 20, 1 << 20)) {
            TestGateway.await(() -> writer.stats().open());
            execute(
                    file,
                    "CREATE TRIGGER full BEFORE INSERT ON telemetry_request BEGIN SELECT raise(ABORT, 'full'); END");
            Recording call = writer.begin(
                    new ExchangeStart("01A", Instant.EPOCH, "a", "a", "POST", "/", List.of(), Optional.empty()));
            CompletableFuture<Void> telemetry = writer.record(request(10));
            call.end(new ExchangeEnd(
                    Clock.systemUTC().instant(), Outcome.COMPLETED, "upstream", 0, 0, Optional.empty()));
            assertThatThrownBy(() -> telemetry.get(10, TimeUnit.SECONDS)).hasMessageContaining("full");
            TestGateway.await(() -> writer.stats().recorded() == 1);
            assertThat(writer.stats().dropped()).isZero();
            execute(file, "DROP TRIGGER full");
            writer.record(request(10)).get(10, TimeUnit.SECONDS);
            assertThat(number(file, "SELECT count(*) FROM telemetry_request")).isEqualTo(1);
        }
    }

    @Test
    void afterItsEndNothingIsTaken() throws Exception {
        JournalWriter writer = JournalWriter.open(folder.resolve("journal.db"), 1 << 20, 1 << 20);
        TestGateway.await(() -> writer.stats().open());
        writer.close();
        assertThat(writer.record(request(1))).isCompletedExceptionally();
    }

    @Test
    void whenWorkersAreFarBehindMoreIsRefusedUntilTheyAreNot() throws Exception {
        Path file = folder.resolve("journal.db");
        try (Connection connection = Sqlite.open(file, SynchronousMode.NORMAL, 16)) {
            JournalSchema.ensure(connection);
            TelemetryCommit commit = new TelemetryCommit(connection, 2_500);
            assertThat(commit(commit, 1_000)).isCompleted();
            assertThat(commit(commit, 1_000)).isCompleted();
            CompletableFuture<Void> refused = commit(commit, 1_000);
            assertThatThrownBy(() -> refused.get(1, TimeUnit.SECONDS))
                    .hasCauseInstanceOf(TelemetryBacklogException.class);
            assertThat(number(file, "SELECT count(*) FROM telemetry_request")).isEqualTo(2);
            execute(file, "DELETE FROM telemetry_request");
            TestGateway.await(
                    () -> commit(commit, 1_000).isDone() && !commit(commit, 100).isCompletedExceptionally());
        }
    }

    private static CompletableFuture<Void> commit(TelemetryCommit commit, int bytes) {
        CompletableFuture<Void> written = new CompletableFuture<>();
        commit.commit(List.of(new QueueEntry.Telemetry(request(bytes), written)));
        return written;
    }

    private static TelemetryRequest request(int bytes) {
        return new TelemetryRequest(Signal.LOGS, TelemetryRequest.PROTOBUF, "", Instant.EPOCH, new byte[bytes]);
    }

    private static void execute(Path file, String sql) throws SQLException {
        try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + file);
                Statement statement = connection.createStatement()) {
            statement.execute("PRAGMA busy_timeout = 5000");
            statement.execute(sql);
        }
    }

    private static long number(Path file, String sql) throws SQLException {
        try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + file);
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(sql)) {
            return row.getLong(1);
        }
    }
}
