package io.hypaware.web;

import io.hypaware.query.QueryException;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.WorkerExecutor;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.logging.Level;
import java.util.logging.Logger;

/// The page's server: on this machine's own address alone, for the one browser that was given its address, until
/// nobody has looked for a while.
public final class WebServer implements AutoCloseable {

    private static final Logger LOG = Logger.getLogger(WebServer.class.getName());

    /// Pages that are made at the same time: each may open an engine.
    private static final int WORKERS = 2;

    /// After so many pages their garbage is collected.
    private static final int PAGES_OF_GARBAGE = 16;

    private static final int LONGEST_ADDRESS = 64 * 1024;
    private static final int LONGEST_HEADERS = 32 * 1024;
    private static final int MOST_CONNECTIONS = 64;
    private static final Duration STARTING = Duration.ofSeconds(20);

    /// What takes longer is told of in the log.
    private static final Duration LONGEST_WORK = Duration.ofMinutes(10);

    private static final Duration LOOK = Duration.ofSeconds(1);

    private final Vertx vertx;
    private final Guard guard = new Guard();
    private final AtomicLong lastUse = new AtomicLong(System.nanoTime());
    private final AtomicLong made = new AtomicLong();
    private final CountDownLatch ended = new CountDownLatch(1);
    private final Fresh fresh;
    private final Live live;
    private final Pages pages;
    private final WorkerExecutor queries;
    private final WorkerExecutor downloads;
    private int port;

    private WebServer(Site site, Duration idle) {
        this.vertx = Vertx.vertx(new VertxOptions()
                .setEventLoopPoolSize(1)
                .setWorkerPoolSize(WORKERS)
                .setInternalBlockingPoolSize(1)
                .setMaxWorkerExecuteTime(LONGEST_WORK.toNanos()));
        this.fresh = new Fresh(site.cache(), site.settle());
        this.live = new Live(vertx, site, fresh, () -> lastUse.set(System.nanoTime()));
        vertx.setPeriodic(LOOK.toMillis(), _ -> {
            if (System.nanoTime() - lastUse.get() > idle.toNanos()) {
                ended.countDown();
            }
        });
        this.pages = new Pages(site, fresh);
        this.queries = vertx.createSharedWorkerExecutor("queries", 1, LONGEST_WORK.toNanos(), TimeUnit.NANOSECONDS);
        this.downloads = vertx.createSharedWorkerExecutor("downloads", 1, LONGEST_WORK.toNanos(), TimeUnit.NANOSECONDS);
    }

    /// @param port 0 for any that is free
    /// @param idle how long nobody has to look for it to end
    /// @throws IOException if the port is taken
    public static WebServer start(Site site, int port, Duration idle) throws IOException, InterruptedException {
        WebServer server = new WebServer(site, idle);
        try {
            server.listen(port);
            return server;
        } catch (IOException | InterruptedException | RuntimeException e) {
            server.close();
            throw e;
        }
    }

    private void listen(int wanted) throws IOException, InterruptedException {
        Router router = Router.router(vertx);
        router.route().handler(guard::handle);
        router.route().handler(context -> {
            lastUse.set(System.nanoTime());
            context.next();
        });
        router.get("/assets/:name").handler(Assets::handle);
        router.get("/session/live").handler(context -> {
            try {
                live.handle(context);
            } catch (QueryException e) {
                fail(context, 404, String.valueOf(e.getMessage()));
            }
        });
        pages.routes().forEach((path, page) -> router.get(path).handler(context -> run(context, path, page)));
        router.route().handler(context -> fail(context, 404, "There is no such page."));
        router.route()
                .failureHandler(context -> fail(context, isWrong(context) ? 400 : 500, "This address says nothing."));
        // What the router itself cannot read, such as an address that is escaped wrongly.
        for (int status : new int[] {400, 404, 405, 500}) {
            router.errorHandler(
                    status, context -> fail(context, status == 500 ? 400 : status, "This address says nothing."));
        }
        HttpServerOptions options = new HttpServerOptions()
                .setHost("127.0.0.1")
                .setPort(wanted)
                .setMaxInitialLineLength(LONGEST_ADDRESS)
                .setMaxHeaderSize(LONGEST_HEADERS)
                // Only what a browser speaks to a page of this machine.
                .setHttp2ClearTextEnabled(false)
                .setIdleTimeout(120)
                .setCompressionSupported(true);
        HttpServer server = vertx.createHttpServer(options)
                .requestHandler(router)
                .connectionHandler(new Crowd(MOST_CONNECTIONS)::enter);
        try {
            port = server.listen()
                    .toCompletionStage()
                    .toCompletableFuture()
                    .get(STARTING.toSeconds(), TimeUnit.SECONDS)
                    .actualPort();
            guard.at(port);
        } catch (ExecutionException | TimeoutException e) {
            throw new IOException(
                    "the page cannot listen on 127.0.0.1:" + wanted + ": " + e.getMessage()
                            + "; --port takes another one, 0 any that is free",
                    e);
        }
    }

    /// Whether it is what was asked that could not be read.
    private static boolean isWrong(RoutingContext context) {
        return context.failure() instanceof IllegalArgumentException
                || (context.statusCode() >= 400 && context.statusCode() < 500);
    }

    /// What takes as long as its browser does has a thread of its own, one of a kind: pages always have theirs.
    private void run(RoutingContext context, String path, Pages.Page page) {
        Callable<Boolean> work = () -> {
            page(context, page);
            if (made.incrementAndGet() % PAGES_OF_GARBAGE == 0) {
                // The collector would let it grow as far as it may, and the process stays for hours.
                System.gc();
            }
            return true;
        };
        Future<Boolean> done = switch (path) {
            case "/query" -> queries.executeBlocking(work, false);
            case "/query/download", "/exchange/body" -> downloads.executeBlocking(work, false);
            default -> vertx.executeBlocking(work, false);
        };
        done.onFailure(e -> LOG.log(Level.WARNING, "the page " + path + " could not be made", e));
    }

    private void page(RoutingContext context, Pages.Page page) {
        try {
            page.answer(context);
        } catch (QueryException e) {
            fail(context, 404, String.valueOf(e.getMessage()));
        } catch (Exception e) {
            LOG.log(Level.WARNING, "the page " + context.request().path() + " could not be made", e);
            fail(context, 500, "The page could not be made: " + e.getMessage());
        }
    }

    private static void fail(RoutingContext context, int status, String why) {
        if (context.response().ended() || context.response().headWritten()) {
            context.response().reset();
            return;
        }
        Guard.protect(context.response());
        context.response().headers().remove("content-disposition");
        context.response()
                .setChunked(false)
                .setStatusCode(status)
                .putHeader("content-type", "text/html; charset=utf-8")
                .end(Templates.render("fault", new Fault(status, Html.visible(why))));
    }

    /// What is said where there is no page.
    public record Fault(int status, String why) {}

    public int port() {
        return port;
    }

    /// What a browser opens.
    public String address() {
        return "http://127.0.0.1:" + port + "/" + guard.query();
    }

    /// Ends what waits, on any thread.
    public void stop() {
        ended.countDown();
    }

    /// Waits until it is stopped, or nobody has looked for a while.
    public void awaitEnd() throws InterruptedException {
        ended.await();
    }

    @Override
    public void close() {
        ended.countDown();
        live.close();
        try {
            vertx.close().toCompletionStage().toCompletableFuture().get(STARTING.toSeconds(), TimeUnit.SECONDS);
        } catch (ExecutionException | TimeoutException e) {
            LOG.log(Level.FINE, "the page's server did not end well", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            fresh.close();
        }
    }
}
