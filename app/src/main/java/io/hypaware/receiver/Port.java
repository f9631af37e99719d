package io.hypaware.receiver;

import io.hypaware.gateway.PortOwner;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.logging.Level;
import java.util.logging.Logger;

/// A port on which telemetry is received. One that another program holds stops nothing: it is tried again until it is
/// free. Used on the receiver's event loop; its endpoint is read by others.
final class Port {

    private static final Logger LOG = Logger.getLogger(Port.class.getName());

    /// The first attempts come fast: a gateway that hands over has let go, or is about to.
    private static final Duration SOON = Duration.ofMillis(25);

    private static final int SOON_ATTEMPTS = 40;
    private static final Duration LATER = Duration.ofSeconds(2);

    private final Vertx vertx;
    private final Supplier<HttpServer> servers;
    private volatile ReceiverStats.Endpoint endpoint;
    private int attempts;
    private volatile boolean stopped;

    /// @param servers make a server with all that it needs but an address
    Port(Vertx vertx, String host, int port, Supplier<HttpServer> servers) {
        this.vertx = vertx;
        this.servers = servers;
        this.endpoint = new ReceiverStats.Endpoint(host, port, false, Optional.empty());
    }

    ReceiverStats.Endpoint endpoint() {
        return endpoint;
    }

    void listen() {
        if (stopped) {
            return;
        }
        attempts++;
        ReceiverStats.Endpoint wanted = endpoint;
        servers.get()
                .listen(wanted.port(), wanted.host())
                .onSuccess(server -> {
                    endpoint = new ReceiverStats.Endpoint(wanted.host(), server.actualPort(), true, Optional.empty());
                    LOG.info("receiving telemetry on " + wanted.host() + ":" + server.actualPort());
                })
                .onFailure(error -> {
                    explain(wanted, error);
                    Duration pause = attempts < SOON_ATTEMPTS ? SOON : LATER;
                    vertx.setTimer(pause.toMillis(), _ -> listen());
                });
    }

    /// It is never listened on.
    void refuse(String why) {
        stopped = true;
        failed(why);
    }

    void stop() {
        stopped = true;
        endpoint = new ReceiverStats.Endpoint(
                endpoint.host(), endpoint.port(), false, Optional.of("this gateway receives no more"));
    }

    /// Says once who holds the port, which takes a while to find out.
    private void explain(ReceiverStats.Endpoint wanted, Throwable error) {
        if (attempts == SOON_ATTEMPTS) {
            vertx.<String>executeBlocking(() -> PortOwner.of(wanted.port())
                            .map(owner -> "; held by " + owner)
                            .orElse(""))
                    .onComplete(found -> {
                        String why = "cannot listen on " + wanted.host() + ":" + wanted.port() + ": "
                                + error.getMessage() + (found.succeeded() ? found.result() : "");
                        LOG.log(Level.WARNING, why + "; telemetry is not received there until it is free");
                        failed(why);
                    });
        } else if (endpoint.error().isEmpty()) {
            failed("cannot listen on " + wanted.host() + ":" + wanted.port() + ": " + error.getMessage());
        }
    }

    private void failed(String why) {
        if (!endpoint.listening()) {
            endpoint = new ReceiverStats.Endpoint(endpoint.host(), endpoint.port(), false, Optional.of(why));
        }
    }
}
