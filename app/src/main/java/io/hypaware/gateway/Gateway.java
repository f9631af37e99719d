package io.hypaware.gateway;

import com.github.f4b6a3.ulid.UlidCreator;
import io.hypaware.config.GatewayConfig;
import io.hypaware.journal.ExchangeStart;
import io.hypaware.journal.Header;
import io.hypaware.journal.Recorder;
import io.hypaware.journal.Recording;
import io.netty.handler.codec.http.TooLongHttpHeaderException;
import io.netty.handler.codec.http.TooLongHttpLineException;
import io.vertx.core.AbstractVerticle;
import io.vertx.core.DeploymentOptions;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.file.FileSystemOptions;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.json.JsonObject;
import java.net.InetAddress;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
import java.util.logging.Level;
import java.util.logging.Logger;

/// Listens, routes and forwards. Life: started; draining (takes no new calls, lets open ones end) or handing over
/// (takes no new connections, serves those that are here); stopped.
public final class Gateway implements AutoCloseable {

    /// Where the gateway answers about itself; no provider has such a path.
    public static final String STATUS_PATH = "/_hypaware/status";

    /// Where the gateway says in one line how it goes; `?session=` may follow.
    public static final String LINE_PATH = "/_hypaware/statusline";

    /// Where the gateway says back what it is sent.
    public static final String ECHO_PATH = "/_hypaware/echo";

    /// The longest request line; providers' own paths are a few hundred bytes.
    private static final int REQUEST_LINE_BYTES = 16 * 1024;

    private static final Duration POLL = Duration.ofMillis(20);
    private static final int ROUNDS_OF_QUIET = 15;

    private static final Logger LOG = Logger.getLogger(Gateway.class.getName());

    private final Listener listener;
    private final AcceptingTransport transport;
    private final Vertx vertx;
    private final Router router;
    private final UpstreamProxy proxy;
    private final LocalCallers callers;
    private final Redaction redaction;
    private final Recorder recorder;
    private final SelfReport self;
    private final SessionSwitch sessions;
    private final Clock clock;
    private final OpenCalls openCalls = new OpenCalls();
    private final Doorkeeper.Counts doorCounts = new Doorkeeper.Counts();
    private final List<HttpServer> servers = new CopyOnWriteArrayList<>();

    /// What a gateway is made of beside its config.
    ///
    /// @param redactionKey secret for the hashes that stand for credentials
    /// @param self what [#STATUS_PATH] and [#LINE_PATH] answer
    /// @param sessions what takes sessions out of the record
    public record Parts(byte[] redactionKey, Recorder recorder, SelfReport self, SessionSwitch sessions, Clock clock) {}

    private Gateway(GatewayConfig config, Listener listener, Parts parts) {
        this.listener = listener;
        this.transport = new AcceptingTransport(() -> new ListeningChannel(listener));
        this.router = Router.of(config);
        this.proxy = new UpstreamProxy(config.upstreamProxy(), System.getenv());
        this.callers = new LocalCallers(config.allowedHosts(), config.allowRemote());
        this.redaction = new Redaction(parts.redactionKey(), config.redactHeaders());
        this.recorder = parts.recorder();
        this.self = parts.self();
        this.sessions = parts.sessions();
        this.clock = parts.clock();
        this.vertx = Vertx.builder()
                .withTransport(transport)
                .with(new VertxOptions()
                        .setEventLoopPoolSize(eventLoops())
                        .setWorkerPoolSize(1)
                        .setInternalBlockingPoolSize(4)
                        .setFileSystemOptions(new FileSystemOptions()
                                .setFileCachingEnabled(false)
                                .setClassPathResolvingEnabled(false)))
                .build();
    }

    /// Listens where the config says, and serves.
    ///
    /// @throws GatewayException if the address is not allowed or not free; the message says what to do
    public static Gateway start(GatewayConfig config, Parts parts) {
        return start(config, Listener.open(config), parts);
    }

    /// Serves what arrives at a socket, which is the gateway's own from then on.
    public static Gateway start(GatewayConfig config, Listener listener, Parts parts) {
        Gateway gateway = new Gateway(config, listener, parts);
        try {
            gateway.serve();
            return gateway;
        } catch (RuntimeException e) {
            gateway.close();
            throw e;
        }
    }

    public int port() {
        return listener.port();
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

    /// Another gateway takes what arrives from now on. Waits until the connections that are here have ended: what
    /// is asked on them is answered, and the answer says that it is the last; false if some were still open after
    /// `patience`.
    public boolean handOver(Duration patience) throws InterruptedException {
        openCalls.handOver();
        transport.stopAccepting();
        long deadline = System.nanoTime() + patience.toNanos();
        // One that was only just accepted does not count yet.
        for (int quiet = 0; quiet < ROUNDS_OF_QUIET; quiet = doorCounts.connections() == 0 ? quiet + 1 : 0) {
            if (System.nanoTime() > deadline) {
                return false;
            }
            Thread.sleep(POLL);
        }
        return true;
    }

    /// Ends at once, open calls too.
    @Override
    public void close() {
        vertx.close().toCompletionStage().toCompletableFuture().join();
        listener.close();
    }

    private void serve() {
        vertx.deployVerticle(() -> new Loop(listener.address()), new DeploymentOptions().setInstances(eventLoops()))
                .toCompletionStage()
                .toCompletableFuture()
                .join();
    }

    /// Decides once what a request is for. Whatever is thrown on the way becomes an answer.
    private void handle(HttpServerRequest request, UpstreamClients clients) {
        try {
            decide(request, clients);
        } catch (RuntimeException e) {
            LOG.log(Level.WARNING, "a request could not be taken", e);
            Doorkeeper.of(request.connection())
                    .refuse(500, Wire.OTHER.errorBody(500, "the gateway failed: " + redaction.text(e.toString())));
        }
    }

    private void decide(HttpServerRequest request, UpstreamClients clients) {
        switch (target(request)) {
            case Target.Forward forward -> forward(request, forward, clients);
            case Target.Local(String contentType, Supplier<String> body) -> {
                ClientConnection client = Doorkeeper.of(request.connection());
                endIfEnding(request, client);
                request.response()
                        .putHeader("content-type", contentType)
                        .end(body.get())
                        .onComplete(_ -> client.answered());
            }
            case Target.OfSession(OwnPaths.AskedOfSession asked) -> ofSession(request, asked);
            case Target.Echo() -> {
                ClientConnection client = Doorkeeper.of(request.connection());
                endIfEnding(request, client);
                request.pipeTo(request.response().setChunked(true)).onComplete(_ -> client.answered());
            }
            case Target.Refused(int status, Wire wire, String message) -> refuse(request, status, wire, message);
        }
    }

    /// Answers when it is on disk.
    private void ofSession(HttpServerRequest request, OwnPaths.AskedOfSession asked) {
        ClientConnection client = Doorkeeper.of(request.connection());
        endIfEnding(request, client);
        vertx.executeBlocking(() -> {
                    if (asked.ignored().isPresent()) {
                        sessions.ignore(asked.session(), asked.ignored().get());
                    }
                    return sessions.isIgnored(asked.session());
                })
                .onComplete(done -> request.response()
                        .setStatusCode(done.succeeded() ? 200 : 500)
                        .putHeader("content-type", "application/json")
                        .end(
                                done.succeeded()
                                        ? new JsonObject()
                                                        .put("session", asked.session())
                                                        .put("ignored", done.result())
                                                        .encode()
                                                + "\n"
                                        : Wire.OTHER.errorBody(
                                                500,
                                                redaction.text(String.valueOf(
                                                        done.cause().getMessage()))))
                        .onComplete(_ -> client.answered()));
    }

    private void endIfEnding(HttpServerRequest request, ClientConnection client) {
        if (openCalls.isEnding()) {
            request.response().putHeader("connection", "close");
            client.closeWhenAnswered();
        }
    }

    private Target target(HttpServerRequest request) {
        String method = request.method().name();
        if (method.equals("CONNECT") || method.equals("TRACE")) {
            return new Target.Refused(
                    405, Wire.OTHER, method + " is for proxies; HypAware is called as the provider would be");
        }
        Optional<RequestTarget> asked = RequestTarget.parse(method, request.uri());
        if (asked.isEmpty()) {
            return new Target.Refused(400, Wire.OTHER, "the request target is neither a path nor an http URL");
        }
        Target routed = router.decide(method, asked.get().originForm(), request.headers());
        Wire wire = switch (routed) {
            case Target.Forward forward -> forward.upstream().wire();
            case Target.Refused refused -> refused.wire();
            case Target.Local _, Target.Echo _, Target.OfSession _ -> Wire.OTHER;
        };
        Optional<String> foreign =
                callers.refusal(request.headers(), asked.get().authority());
        if (foreign.isPresent()) {
            return new Target.Refused(403, wire, foreign.get());
        }
        if (asked.get().originForm().equals(STATUS_PATH)) {
            return new Target.Local("application/json", self::status);
        }
        Optional<String> session = OwnPaths.sessionOfLine(asked.get().originForm());
        if (session.isPresent()) {
            return line(request, session.get());
        }
        if (asked.get().originForm().equals(ECHO_PATH)) {
            return new Target.Echo();
        }
        if (OwnPaths.isOfSession(asked.get().originForm())) {
            return OwnPaths.target(request, asked.get().originForm());
        }
        if (openCalls.isStopping()) {
            return new Target.Refused(503, wire, "HypAware is stopping");
        }
        return routed;
    }

    /// What somebody spent concerns no other machine.
    private Target line(HttpServerRequest request, String session) {
        if (!LocalCallers.isHere(request.connection())) {
            return new Target.Refused(403, Wire.OTHER, "the status line is for this machine alone");
        }
        return new Target.Local("text/plain; charset=utf-8", () -> self.line(session) + "\n");
    }

    private void forward(HttpServerRequest request, Target.Forward target, UpstreamClients clients) {
        new Call(request, target, recordings(request, target), new Call.Context(openCalls, redaction, clock, clients))
                .start();
    }

    /// Begins the recording of a call; each further one goes on with its connection.
    private Supplier<Recording> recordings(HttpServerRequest request, Target.Forward target) {
        String path = redaction.text(request.uri());
        List<Header> headers = redaction.headers(request.headers());
        String first = UlidCreator.getMonotonicUlid().toString();
        AtomicBoolean begun = new AtomicBoolean();
        return () -> {
            boolean begins = begun.compareAndSet(false, true);
            String id = begins ? first : UlidCreator.getMonotonicUlid().toString();
            return recorder.begin(new ExchangeStart(
                    id,
                    clock.instant(),
                    target.upstream().name(),
                    target.upstream().provider(),
                    request.method().name(),
                    path,
                    headers,
                    begins ? Optional.empty() : Optional.of(first)));
        };
    }

    private static void refuse(HttpServerRequest request, int status, Wire wire, String message) {
        Doorkeeper.of(request.connection()).refuse(status, wire.errorBody(status, message));
    }

    /// A head that is no request, or too long for one.
    private static void refuseInvalid(HttpServerRequest request) {
        Throwable cause = request.decoderResult().cause();
        int status = switch (cause) {
            case TooLongHttpLineException _ -> 414;
            case TooLongHttpHeaderException _ -> 431;
            case null, default -> 400;
        };
        refuse(
                request,
                status,
                Wire.OTHER,
                switch (status) {
                    case 414 -> "a request line may have " + REQUEST_LINE_BYTES + " bytes";
                    case 431 -> "a request's head may have " + ClientConnection.HEAD_BYTES + " bytes";
                    default -> "this is no HTTP/1.1 request";
                });
    }

    private static int eventLoops() {
        return Math.clamp(Runtime.getRuntime().availableProcessors(), 2, 4);
    }

    /// One event loop: a server that shares the port with the others, and clients of its own, so that a call
    /// stays here.
    private final class Loop extends AbstractVerticle {

        private final InetAddress address;

        private Loop(InetAddress address) {
            this.address = address;
        }

        @Override
        public void start(Promise<Void> started) {
            context.exceptionHandler(Uncaught::handle);
            UpstreamClients clients = new UpstreamClients(vertx, router.upstreams(), proxy);
            Doorkeeper keeper = new Doorkeeper(vertx, doorCounts, openCalls);
            HttpServerOptions options = new HttpServerOptions()
                    .setHost(address.getHostAddress())
                    .setPort(listener.port())
                    .setAcceptBacklog(Listener.BACKLOG)
                    .setHandle100ContinueAutomatically(false)
                    .setHttp2ClearTextEnabled(false)
                    .setTcpKeepAlive(true)
                    .setMaxHeaderSize(ClientConnection.HEAD_BYTES)
                    .setMaxInitialLineLength(REQUEST_LINE_BYTES)
                    .setMaxChunkSize(64 * 1024);
            HttpServer server = vertx.createHttpServer(options)
                    // A connection that breaks between calls concerns no one; within a call, the call knows.
                    .exceptionHandler(Uncaught::handle)
                    .connectionHandler(connection -> {
                        connection.exceptionHandler(Uncaught::handle);
                        keeper.admit(connection);
                    })
                    .invalidRequestHandler(Gateway::refuseInvalid)
                    .requestHandler(request -> handle(request, clients));
            servers.add(server);
            server.listen().<Void>mapEmpty().onComplete(started);
        }
    }
}
