package io.hypaware.receiver;

import io.hypaware.config.ReceiverConfig;
import io.hypaware.gateway.AcceptingTransport;
import io.hypaware.gateway.LocalCallers;
import io.hypaware.gateway.Uncaught;
import io.hypaware.journal.TelemetryRecorder;
import io.hypaware.journal.ThreadNice;
import io.vertx.core.AbstractVerticle;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.file.FileSystemOptions;
import io.vertx.core.http.Http2Settings;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import java.util.logging.Level;
import java.util.logging.Logger;

/// Receives OTLP over HTTP and over gRPC, each at a port of its own, and has it recorded. Life: made, listening,
/// handing
/// over (takes no new connections, answers those that are here), closed.
///
/// It has one event loop, apart from those of calls, which gets the processor after them.
public final class Receiver implements AutoCloseable {

    private static final int REQUEST_LINE_BYTES = 4 * 1024;
    private static final int HEAD_BYTES = 16 * 1024;
    private static final int STREAMS = 100;
    private static final int NICE = 10;
    private static final int ROUND_MILLIS = 500;
    private static final Duration POLL = Duration.ofMillis(20);

    private static final Logger LOG = Logger.getLogger(Receiver.class.getName());

    private final ReceiverConfig config;
    private final TelemetryRecorder recorder;
    private final Clock clock;
    private final LocalCallers callers;
    private final Tally tally = new Tally();
    private final Budget budget;
    private final ExporterConnections connections;
    private final AcceptingTransport transport;
    private final Vertx vertx;
    private final Port http;
    private final Port grpc;
    private final Set<Export> exports = new LinkedHashSet<>();
    private final CompletableFuture<Context> loop = new CompletableFuture<>();

    /// Makes ready; [#listen] begins.
    public Receiver(ReceiverConfig config, TelemetryRecorder recorder, Clock clock) {
        this.config = config;
        this.recorder = recorder;
        this.clock = clock;
        this.callers = new LocalCallers(config.allowedHosts(), config.allowRemote());
        this.budget = new Budget(config.queueBytes());
        this.connections = new ExporterConnections(config.maxConnections(), tally);
        this.transport = new AcceptingTransport(() -> new ExporterServerChannel(connections));
        this.vertx = Vertx.builder()
                .withTransport(transport)
                .with(new VertxOptions()
                        .setEventLoopPoolSize(1)
                        .setWorkerPoolSize(1)
                        .setInternalBlockingPoolSize(1)
                        .setFileSystemOptions(new FileSystemOptions()
                                .setFileCachingEnabled(false)
                                .setClassPathResolvingEnabled(false)))
                .build();
        this.http = new Port(vertx, config.listenHost(), config.listenPort(), () -> server(false));
        this.grpc = new Port(vertx, config.listenHost(), config.grpcPort(), () -> server(true));
        vertx.deployVerticle(new Loop())
                .toCompletionStage()
                .toCompletableFuture()
                .join();
    }

    /// Listens, or tries to until it can; returns at once.
    public void listen() {
        Optional<String> refused = refusedAddress();
        if (refused.isPresent()) {
            LOG.warning(refused.get());
            http.refuse(refused.get());
            grpc.refuse(refused.get());
            return;
        }
        context().runOnContext(_ -> {
            http.listen();
            grpc.listen();
        });
    }

    public ReceiverStats stats() {
        return tally.stats(http.endpoint(), grpc.endpoint());
    }

    /// Lets go of the ports, so that another gateway can have them; what is here is answered.
    public void stopListening() {
        http.stop();
        grpc.stop();
        transport.stopAccepting();
        onLoop(() -> {
            connections.end();
            return true;
        });
    }

    /// Waits for what was begun to be answered, and for exporters to leave; false if some were here still after
    /// `patience`.
    ///
    /// @param all for connections on which nothing is asked, too
    public boolean await(boolean all, Duration patience) throws InterruptedException {
        long deadline = System.nanoTime() + patience.toNanos();
        while (!onLoop(() -> exports.isEmpty() && (!all || connections.count() == 0))) {
            if (System.nanoTime() > deadline) {
                return false;
            }
            Thread.sleep(POLL);
        }
        return true;
    }

    /// Ends at once.
    @Override
    public void close() {
        vertx.close().toCompletionStage().toCompletableFuture().join();
    }

    Context context() {
        return loop.join();
    }

    TelemetryRecorder recorder() {
        return recorder;
    }

    Budget budget() {
        return budget;
    }

    Tally tally() {
        return tally;
    }

    Instant now() {
        return clock.instant();
    }

    long maxRequestBytes() {
        return config.maxRequestBytes();
    }

    boolean isEnding() {
        return connections.isEnding();
    }

    void begun(Export export) {
        exports.add(export);
    }

    void ended(Export export) {
        exports.remove(export);
    }

    /// Why the configured address is not listened on, if it is not.
    private Optional<String> refusedAddress() {
        try {
            if (!config.allowRemote()
                    && !InetAddress.getByName(config.listenHost()).isLoopbackAddress()) {
                return Optional.of("the host \"" + config.listenHost()
                        + "\" is reachable from other machines, and whoever reaches the receiver can write rows. Use"
                        + " 127.0.0.1, or set allow_remote: true");
            }
            return Optional.empty();
        } catch (UnknownHostException e) {
            return Optional.of("the host \"" + config.listenHost() + "\" is unknown; use 127.0.0.1");
        }
    }

    private HttpServer server(boolean http2) {
        HttpServerOptions options = new HttpServerOptions()
                .setHandle100ContinueAutomatically(false)
                .setHttp2ClearTextEnabled(http2)
                .setInitialSettings(
                        new Http2Settings().setMaxConcurrentStreams(STREAMS).setMaxHeaderListSize(HEAD_BYTES))
                .setTcpKeepAlive(true)
                .setMaxHeaderSize(HEAD_BYTES)
                .setMaxInitialLineLength(REQUEST_LINE_BYTES)
                .setMaxChunkSize(64 * 1024);
        return vertx.createHttpServer(options)
                .exceptionHandler(Uncaught::handle)
                .connectionHandler(connection -> {
                    connection.exceptionHandler(Uncaught::handle);
                    ExporterConnections.of(connection).isHttp(connection);
                })
                .requestHandler(this::handle);
    }

    private void handle(HttpServerRequest request) {
        try {
            Dialect dialect = Dialect.of(request);
            ExporterConnection connection = ExporterConnections.of(request.connection());
            connection.begin();
            Optional<String> foreign = callers.refusal(request.headers(), authority(request));
            if (request.headers().contains("origin")) {
                foreign = Optional.of("telemetry of web pages is not taken");
            }
            if (foreign.isPresent()) {
                tally.refused(foreign.get());
                dialect.refuse(request, Refusal.foreign(foreign.get()));
                connection.end();
            } else if (isHealth(request)) {
                request.response()
                        .putHeader("content-type", "application/json")
                        .end(Buffer.buffer("{\"status\":\"ok\"}\n"));
                connection.end();
            } else {
                new Export(request, this, connection, dialect).start();
            }
        } catch (RuntimeException e) {
            LOG.log(Level.WARNING, "a request of an exporter could not be taken", e);
            ExporterConnections.of(request.connection()).close();
        }
    }

    private static boolean isHealth(HttpServerRequest request) {
        return request.uri().equals("/")
                && Set.of("GET", "HEAD").contains(request.method().name());
    }

    private static Optional<String> authority(HttpServerRequest request) {
        return Optional.ofNullable(request.authority()).map(Object::toString);
    }

    private <T> T onLoop(Supplier<T> work) {
        CompletableFuture<T> done = new CompletableFuture<>();
        context().runOnContext(_ -> done.complete(work.get()));
        return done.join();
    }

    private final class Loop extends AbstractVerticle {

        @Override
        public void start() {
            context.exceptionHandler(Uncaught::handle);
            // Calls come first.
            ThreadNice.lower(NICE);
            vertx.setPeriodic(ROUND_MILLIS, _ -> {
                long now = System.nanoTime();
                List.copyOf(exports).forEach(export -> export.round(now));
                connections.round(now);
            });
            loop.complete(context);
        }
    }
}
