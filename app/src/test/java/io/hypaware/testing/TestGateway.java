package io.hypaware.testing;

import io.hypaware.config.ConfigFile;
import io.hypaware.config.GatewayConfig;
import io.hypaware.dataset.Dataset;
import io.hypaware.dataset.Row;
import io.hypaware.gateway.Gateway;
import io.hypaware.gateway.SessionSwitch;
import io.hypaware.journal.CapturedExchange;
import io.hypaware.journal.Direction;
import io.hypaware.journal.Journal;
import io.hypaware.journal.JournalStats;
import io.hypaware.journal.JournalWriter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;

/// A gateway on a free port with a journal in a folder of the test.
public final class TestGateway implements AutoCloseable {

    private final RecordedCalls calls;
    private final JournalWriter journal;
    private final Gateway gateway;

    public TestGateway(Path folder, String upstreamUrl) {
        this(folder, config("anthropic", upstreamUrl, ""));
    }

    public TestGateway(Path folder, GatewayConfig config) {
        this(folder, config, (JournalWriter) null);
    }

    public TestGateway(Path folder, GatewayConfig config, SessionSwitch sessions) {
        this(folder, config, null, sessions);
    }

    /// @param writer a journal of the test's own making
    public TestGateway(Path folder, GatewayConfig config, JournalWriter writer) {
        this(folder, config, writer, SessionSwitch.NONE);
    }

    private TestGateway(Path folder, GatewayConfig config, JournalWriter writer, SessionSwitch sessions) {
        this.calls = new RecordedCalls(folder);
        this.journal = writer != null
                ? writer
                : JournalWriter.open(calls.journal(), config.queueBytes(), config.maxBodyBytes());
        this.gateway = started(config, sessions);
    }

    /// A gateway that does not start leaves no journal that is written on.
    private Gateway started(GatewayConfig config, SessionSwitch sessions) {
        try {
            return Gateway.start(
                    config, new Gateway.Parts(new byte[32], journal, () -> "{}", sessions, Clock.systemUTC()));
        } catch (RuntimeException e) {
            journal.close();
            throw e;
        }
    }

    /// @param more further keys of the upstream or the gateway, each beginning with a comma, or empty
    public static GatewayConfig config(String provider, String url, String more) {
        // The other built-in provider is out of reach: tests never leave this machine.
        String other = provider.equals("anthropic") ? "openai" : "anthropic";
        try {
            Path file = Files.createTempFile("config", ".json");
            Files.writeString(file, """
                    {"plugins": [{"name": "@hypaware/ai-gateway", "config": {"port": 0, "upstreams": [
                      {"name": "%s", "base_url": "%s", "provider": "%s"},
                      {"name": "%s", "base_url": "http://127.0.0.1:1", "provider": "%s"}]%s}}]}""".formatted(provider, url, provider, other, other, more));
            GatewayConfig config = ConfigFile.read(file).config().gateway();
            Files.delete(file);
            return config;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public int port() {
        return gateway.port();
    }

    public String url() {
        return "http://127.0.0.1:" + gateway.port();
    }

    public Gateway gateway() {
        return gateway;
    }

    public JournalWriter journal() {
        return journal;
    }

    /// Rows of a dataset, of what is recorded by now.
    public List<Row> rowsNow(Dataset dataset) {
        return calls.rows(dataset);
    }

    /// Rows of a dataset, once that many exchanges are closed in the journal.
    public List<Row> rows(Dataset dataset, int exchanges) {
        try (Journal reader = Journal.open(calls.journal())) {
            await(() -> {
                JournalStats stats = reader.stats();
                return stats.open() == 0 && closed(reader) >= exchanges;
            });
        }
        return calls.rows(dataset);
    }

    /// The exchanges that are closed in the journal, once there is one.
    public List<CapturedExchange> closed() {
        return closed(1);
    }

    public List<CapturedExchange> closed(int least) {
        try (Journal reader = Journal.open(calls.journal())) {
            await(() -> closedExchanges(reader).size() >= least);
            return closedExchanges(reader);
        }
    }

    private static List<CapturedExchange> closedExchanges(Journal reader) {
        return Stream.concat(reader.pending(100).stream(), reader.connections().stream())
                .map(reader::exchange)
                .filter(exchange -> !exchange.closedBy().isEmpty())
                .toList();
    }

    /// What was recorded of one side.
    public byte[] body(CapturedExchange exchange, Direction direction) throws IOException {
        try (Journal reader = Journal.open(calls.journal())) {
            return reader.body(exchange.seq(), direction).readAllBytes();
        }
    }

    private static long closed(Journal reader) {
        return reader.stats().pending()
                + reader.stats()
                        .hot()
                        .getOrDefault("exchanges", new JournalStats.Hot(0, 0, 0))
                        .rows();
    }

    /// Waits for a condition, at most ten seconds.
    public static void await(BooleanSupplier condition) {
        long deadline = System.nanoTime() + Duration.ofSeconds(30).toNanos();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() > deadline) {
                throw new AssertionError("the condition did not come true within 30 s");
            }
            LockSupport.parkNanos(2_000_000);
        }
    }

    @Override
    public void close() {
        gateway.close();
        journal.close();
    }
}
