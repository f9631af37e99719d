package io.hypaware.testing;

import io.hypaware.config.ConfigFile;
import io.hypaware.config.ReceiverConfig;
import io.hypaware.journal.JournalWriter;
import io.hypaware.journal.TelemetryRecorder;
import io.hypaware.receiver.Receiver;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;

/// A receiver on free ports with a journal in a folder of the test.
public final class TestReceiver implements AutoCloseable {

    private final Path journalFile;
    private final JournalWriter journal;
    private final Receiver receiver;

    public TestReceiver(Path folder) {
        this(folder, "");
    }

    /// @param more further keys of the config, each beginning with a comma, or empty
    public TestReceiver(Path folder, String more) {
        this.journalFile = folder.resolve("journal.db");
        this.journal = JournalWriter.open(journalFile, 1 << 20, 1 << 20);
        TestGateway.await(() -> journal.stats().open());
        this.receiver = started(more, journal);
    }

    /// @param recorder of the test's own making
    public TestReceiver(TelemetryRecorder recorder, Path folder, String more) {
        this.journalFile = folder.resolve("journal.db");
        this.journal = JournalWriter.open(journalFile, 1 << 20, 1 << 20);
        this.receiver = started(more, recorder);
    }

    private static Receiver started(String more, TelemetryRecorder recorder) {
        Receiver receiver = new Receiver(config(more), recorder, Clock.systemUTC());
        receiver.listen();
        TestGateway.await(() ->
                receiver.stats().http().listening() && receiver.stats().grpc().listening());
        return receiver;
    }

    public static ReceiverConfig config(String more) {
        try {
            Path file = Files.createTempFile("config", ".json");
            Files.writeString(file, """
                    {"plugins": [{"name": "@hypaware/otel", "config": {"listen_port": 0, "grpc_port": 0%s}}]}""".formatted(more));
            ReceiverConfig config = ConfigFile.read(file).config().receiver();
            Files.delete(file);
            return config;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public int port() {
        return receiver.stats().http().port();
    }

    public int grpcPort() {
        return receiver.stats().grpc().port();
    }

    public Receiver receiver() {
        return receiver;
    }

    /// What the journal has of a request.
    public record Kept(String signal, String contentType, String contentEncoding, byte[] body) {}

    public List<Kept> kept() {
        return kept(journalFile);
    }

    /// What a journal has of requests, in their order.
    public static List<Kept> kept(Path journalFile) {
        List<Kept> kept = new ArrayList<>();
        try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + journalFile);
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(
                        "SELECT signal, content_type, content_encoding, body FROM telemetry_request ORDER BY seq")) {
            while (row.next()) {
                kept.add(new Kept(row.getString(1), row.getString(2), row.getString(3), row.getBytes(4)));
            }
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
        return kept;
    }

    @Override
    public void close() {
        receiver.close();
        journal.close();
    }
}
