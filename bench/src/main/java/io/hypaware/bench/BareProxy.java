package io.hypaware.bench;

import io.vertx.core.AbstractVerticle;
import io.vertx.core.DeploymentOptions;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.PoolOptions;
import io.vertx.httpproxy.HttpProxy;

/// The proxy library as it comes, without recording: the baseline of docs/decisions/0001-http-proxy.md.
final class BareProxy {

    public static void main(String[] arguments) {
        int port = Integer.parseInt(arguments[0]);
        int upstream = Integer.parseInt(arguments[1]);
        Vertx vertx = Vertx.vertx();
        vertx.deployVerticle(() -> new Loop(port, upstream), new DeploymentOptions().setInstances(2))
                .toCompletionStage()
                .toCompletableFuture()
                .join();
        System.out.println("ready");
    }

    /// One of the event loops that share the port.
    private static final class Loop extends AbstractVerticle {
        private final int port;
        private final int upstream;

        private Loop(int port, int upstream) {
            this.port = port;
            this.upstream = upstream;
        }

        @Override
        public void start() {
            HttpProxy proxy = HttpProxy.reverseProxy(
                    vertx.createHttpClient(new HttpClientOptions(), new PoolOptions().setHttp1MaxSize(1_000)));
            proxy.origin(upstream, "127.0.0.1");
            vertx.createHttpServer().requestHandler(proxy).listen(port, "127.0.0.1");
        }
    }

    private BareProxy() {}
}
