package io.hypaware.sink.otlp;

import io.hypaware.config.OtlpSinkConfig;
import io.hypaware.home.Cache;
import io.hypaware.journal.SinkLedger;
import io.hypaware.journal.SinkState.Refused;
import io.hypaware.query.QueryException;
import io.hypaware.read.Prices;
import io.hypaware.read.Recorded;
import io.hypaware.read.SessionSteps;
import io.hypaware.secret.Redactor;
import io.hypaware.sink.Sink;
import io.hypaware.sink.SinkStep;
import io.opentelemetry.proto.common.v1.AnyValue;
import io.opentelemetry.proto.common.v1.InstrumentationScope;
import io.opentelemetry.proto.common.v1.KeyValue;
import io.opentelemetry.proto.resource.v1.Resource;
import io.opentelemetry.proto.trace.v1.ScopeSpans;
import java.io.IOException;
import java.io.Writer;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.Optional;
import java.util.function.Consumer;

/// Sessions as traces, to an endpoint or a file.
public final class OtlpSink {

    /// With what it works.
    ///
    /// @param memoryBytes most memory of a query
    /// @param redactor of what was said
    /// @param version of this program
    /// @param steps told where a process may die
    public record Environment(
            Cache cache,
            long memoryBytes,
            Prices prices,
            Redactor redactor,
            String version,
            Clock clock,
            Consumer<SinkStep> steps) {}

    /// How much is told.
    ///
    /// @param content whether what was said is, too
    /// @param quiet after which a session that says nothing is over
    public record Telling(boolean content, Duration quiet) {}

    /// Which sessions are wanted.
    public sealed interface Wanted {

        /// All of which something is new.
        record Changed() implements Wanted {}

        /// Those in which something was said since.
        record Since(Optional<Instant> time) implements Wanted {}

        /// These.
        record Named(Collection<String> sessions) implements Wanted {}
    }

    /// What became of a run.
    ///
    /// @param open sessions that are not over, so that more of them is to come
    /// @param withheld sessions that stay on this machine
    /// @param isWhole whether there was time for all
    public record Outcome(long sent, long refused, long open, long withheld, boolean isWhole) implements Sink.Outcome {

        @Override
        public String text() {
            return "%,d spans%s%s%s%s"
                    .formatted(
                            sent,
                            refused > 0 ? "; %,d were refused".formatted(refused) : "",
                            open > 0 ? "; %,d sessions are not over, more of them is to come".formatted(open) : "",
                            withheld > 0 ? "; %,d sessions stay on this machine".formatted(withheld) : "",
                            isWhole ? "" : "; there is more");
        }
    }

    /// Most memory of a query without texts: a session of any length is read with that, and more makes it no faster.
    private static final long MOST_WITHOUT_TEXTS = 112L << 20;

    /// Of spans between their reading and their delivery, on disk.
    private static final long MOST_KEPT = 64L << 20;

    private static final TraceExport.Limits NO_END = new TraceExport.Limits(Optional.empty(), MOST_KEPT);

    private final Environment environment;
    private final Telling telling;

    public OtlpSink(Environment environment, Telling telling) {
        this.environment = environment;
        this.telling = telling;
    }

    /// Sends what was not sent yet.
    ///
    /// @param name under which what was sent is written down
    /// @param time after which no more is begun; nothing for no end
    public Outcome send(OtlpSinkConfig config, Wanted wanted, String name, SinkLedger ledger, Optional<Duration> time)
            throws QueryException, SQLException, IOException {
        OtlpEndpoint.Settings settings = new OtlpEndpoint.Settings(
                OtlpSinkConfig.traces(config.endpoint()),
                config.headers(),
                config.compression().equals("gzip"),
                Duration.ofMillis(config.timeoutMs()));
        try (OtlpEndpoint endpoint = new OtlpEndpoint(settings, environment.clock())) {
            return run(
                    endpoint,
                    wanted,
                    Optional.of(new SpanBatch.Book(ledger, name)),
                    new TraceExport.Limits(time, MOST_KEPT));
        }
    }

    /// Writes a file of all that is complete.
    public Outcome write(Writer out, Wanted wanted) throws QueryException, SQLException, IOException {
        return run(new OtlpFile(out), wanted, Optional.empty(), NO_END);
    }

    /// Counts all that is complete.
    public Outcome count(Wanted wanted) throws QueryException, SQLException, IOException {
        return run(_ -> Refused.NONE, wanted, Optional.empty(), NO_END);
    }

    Outcome run(SpanDelivery delivery, Wanted wanted, Optional<SpanBatch.Book> book, TraceExport.Limits limits)
            throws QueryException, SQLException, IOException {
        SpanBatch batch = new SpanBatch(delivery, resource(), scope(), book, environment.steps());
        TraceExport export = new TraceExport(
                new TraceExport.Source(
                        environment.cache(),
                        new SessionSteps(new Recorded(environment.cache(), queryBytes())),
                        environment.clock(),
                        new SessionTrace.Rules(
                                environment.prices(),
                                telling.quiet(),
                                telling.content() ? Optional.of(new Texts(environment.redactor())) : Optional.empty()),
                        environment.steps()),
                batch,
                book,
                limits);
        TraceExport.Result result = switch (wanted) {
            case Wanted.Changed _ when book.isPresent() -> export.changed(book.get());
            case Wanted.Changed _ -> export.since(Optional.empty());
            case Wanted.Since(Optional<Instant> time) -> export.since(time);
            case Wanted.Named(Collection<String> sessions) -> export.of(sessions);
        };
        return new Outcome(result.sent(), result.refused(), result.open(), result.withheld(), result.isWhole());
    }

    private long queryBytes() {
        return telling.content() ? environment.memoryBytes() : Math.min(environment.memoryBytes(), MOST_WITHOUT_TEXTS);
    }

    private Resource resource() {
        Resource.Builder resource = Resource.newBuilder();
        attribute(resource, "service.name", OtlpEndpoint.AGENT);
        attribute(resource, "service.version", environment.version());
        return resource.build();
    }

    private static void attribute(Resource.Builder resource, String name, String value) {
        resource.addAttributes(KeyValue.newBuilder()
                .setKey(name)
                .setValue(AnyValue.newBuilder().setStringValue(value)));
    }

    private ScopeSpans scope() {
        return ScopeSpans.newBuilder()
                .setScope(
                        InstrumentationScope.newBuilder().setName("io.hypaware").setVersion(environment.version()))
                .setSchemaUrl(GenAi.SCHEMA)
                .build();
    }
}
