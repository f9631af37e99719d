package io.hypaware.gateway;

import com.github.f4b6a3.ulid.UlidCreator;
import io.hypaware.config.GatewayConfig;
import io.hypaware.journal.ExchangeStart;
import io.hypaware.journal.Recorder;
import io.hypaware.journal.Recording;
import io.vertx.core.AbstractVerticle;
import io.vertx.core.DeploymentOptions;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.file.FileSystemOptions;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.UnknownHostException;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import java.util.logging.Level;
import java.util.logging.Logger;

/// Listens, routes and forwards. Life: started, draining (takes no new calls, lets open ones end), stopped.
public final class Gateway implements AutoCloseable {

    /// Where the gateway answers about itself; no provider has such a path.
    public static final String STATUS_PATH = "/_hypaware/status";

    private static final Logger LOG = Logger.getLogger(Gateway.class.getName());

    private final Vertx vertx;
    private final Router router;
    private final LocalCallers callers;
    private final Redaction redaction;
    private final Recorder recorder;
    private final Supplier<String> statusJson;
    private final Clock clock;
    private final OpenCalls openCalls = new OpenCalls();
    private final List<HttpServer> servers = new CopyOnWriteArrayList<>();
    private int port;

    private Gateway(
            GatewayConfig config, byte[] redactionKey, Recorder recorder, Supplier<String> statusJson, Clock clock) {
        this.router = Router.of(config);
        this.callers = new LocalCallers(config.allowedHosts(), config.allowRemote());
        this.redaction = new Redaction(redactionKey, config.redactHeaders());
        this.recorder = recorder;
        this.statusJson = statusJson;
        this.clock = clock;
        this.vertx = Vertx.vertx(new VertxOptions()
                .setEventLoopPoolSize(eventLoops())
                .setWorkerPoolSize(1)
                .setInternalBlockingPoolSize(4)
                .setFileSystemOptions(
                        new FileSystemOptions().setFileCachingEnabled(false).setClassPathResolvingEnabled(false)));
    }

    /// Starts to listen.
    ///
    /// @param redactionKey secret for the hashes that stand for credentials
    /// @param statusJson what [#STATUS_PATH] answers
    /// @throws GatewayException if the address is not allowed or not free; the message says what to do
    public static Gateway start(
            GatewayConfig config, byte[] redactionKey, Recorder recorder, Supplier<String> statusJson, Clock clock) {
        InetAddress address = allowedAddress(config);
        int port = freePort(address, config.port());
        Gateway gateway = new Gateway(config, redactionKey, recorder, statusJson, clock);
        try {
            gateway.listen(address, port);
            return gateway;
        } catch (RuntimeException e) {
            gateway.close();
            throw e;
        }
    }

    public int port() {
        return port;
    }

    public GatewayStats stats() {
        return openCalls.stats();
    }

    /// Takes no new calls and waits for the open ones; false if some were still open after `patience`.
    public boolean drain(Duration patience) throws InterruptedException {
        var drained = openCalls.drain();
        servers.forEach(server -> server.shutdown(patience));
        try {
            drained.get(patience.toMillis(), TimeUnit.MILLISECONDS);
            return true;
        } catch (TimeoutException e) {
            return false;
        } catch (ExecutionException e) {
            throw new IllegalStateException(e);
        }
    }

    /// Ends at once, open calls too.
    @Override
    public void close() {
        vertx.close().toCompletionStage().toCompletableFuture().join();
    }

    private void listen(InetAddress address, int wantedPort) {
        port = wantedPort;
        vertx.deployVerticle(() -> new Loop(address), new DeploymentOptions().setInstances(eventLoops()))
                .toCompletionStage()
                .toCompletableFuture()
                .join();
    }

    private void handle(HttpServerRequest request, UpstreamClients clients) {
        Optional<String> refusal = callers.refusal(request.headers());
        Router.Route route = router.route(request.uri(), request.headers());
        if (refusal.isPresent()) {
            openCalls.refuse();
            refuse(request, 403, route.upstream().wire().errorBody(403, refusal.get()));
            return;
        }
        if (request.path() != null && request.path().equals(STATUS_PATH)) {
            request.response().putHeader("content-type", "application/json").end(statusJson.get());
            return;
        }
        if (openCalls.isDraining()) {
            refuse(request, 503, route.upstream().wire().errorBody(503, "HypAware is stopping"));
            return;
        }
        Recording recording = recorder.begin(new ExchangeStart(
                UlidCreator.getMonotonicUlid().toString(),
                clock.instant(),
                route.upstream().name(),
                route.upstream().wire().provider(),
                request.method().name(),
                redaction.target(request.uri()),
                redaction.headers(request.headers())));
        new Call(request, route, recording, openCalls, redaction, clock).start(clients.client(route.upstream()));
    }

    private static void refuse(HttpServerRequest request, int status, String body) {
        request.response()
                .setStatusCode(status)
                .putHeader("content-type", "application/json")
                .putHeader("connection", "close")
                .end(body);
    }

    private static InetAddress allowedAddress(GatewayConfig config) {
        InetAddress address;
        try {
            address = InetAddress.getByName(config.host());
        } catch (UnknownHostException e) {
            throw new GatewayException("the host \"" + config.host() + "\" is unknown; use 127.0.0.1", e);
        }
        if (!address.isLoopbackAddress() && !config.allowRemote()) {
            throw new GatewayException(
                    "the host \"" + config.host()
                            + "\" is reachable from other machines, and whoever reaches the gateway"
                            + " can use it. Use 127.0.0.1, or set allow_remote: true",
                    null);
        }
        return address;
    }

    /// Finds out before Vert.x does, which would only say that an address is in use.
    private static int freePort(InetAddress address, int port) {
        try (ServerSocket probe = new ServerSocket()) {
            probe.setReuseAddress(true);
            probe.bind(new InetSocketAddress(address, port));
            return probe.getLocalPort();
        } catch (IOException e) {
            throw new GatewayException(
                    "cannot listen on %s:%d: %s%s. End it, or set another port"
                            .formatted(
                                    address.getHostAddress(),
                                    port,
                                    e.getMessage(),
                                    PortOwner.of(port)
                                            .map(o -> "; held by " + o)
                                            .orElse("")),
                    e);
        }
    }

    private static int eventLoops() {
        return Math.clamp(Runtime.getRuntime().availableProcessors(), 2, 4);
    }

    /// One event loop: a server that shares the port with the others, and clients of its own, so that a call stays
    /// here.
    private final class Loop extends AbstractVerticle {

        private final InetAddress address;

        private Loop(InetAddress address) {
            this.address = address;
        }

        @Override
        public void start(Promise<Void> started) {
            UpstreamClients clients = new UpstreamClients(vertx, router.upstreams());
            HttpServerOptions options = new HttpServerOptions()
                    .setHost(address.getHostAddress())
                    .setPort(port)
                    .setHandle100ContinueAutomatically(false)
                    .setHttp2ClearTextEnabled(false)
                    .setTcpKeepAlive(true)
                    .setMaxHeaderSize(UpstreamClients.HEADER_BYTES)
                    .setMaxInitialLineLength(UpstreamClients.HEADER_BYTES)
                    .setMaxChunkSize(64 * 1024);
            HttpServer server = vertx.createHttpServer(options)
                    // A connection that breaks between calls concerns no one; within a call, the call knows.
                    .exceptionHandler(e -> LOG.log(Level.FINE, "a connection broke", e))
                    .connectionHandler(connection ->
                            connection.exceptionHandler(e -> LOG.log(Level.FINE, "a connection broke", e)))
                    .requestHandler(request -> handle(request, clients));
            servers.add(server);
            server.listen().<Void>mapEmpty().onComplete(started);
        }
    }
}
