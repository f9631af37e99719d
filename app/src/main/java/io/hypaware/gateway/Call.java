package io.hypaware.gateway;

import io.hypaware.journal.ExchangeEnd;
import io.hypaware.journal.Outcome;
import io.hypaware.journal.Piece;
import io.hypaware.journal.Recording;
import io.hypaware.journal.ResponseHead;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.http.RequestOptions;
import java.time.Clock;
import java.time.Duration;
import java.util.Optional;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.jspecify.annotations.Nullable;

/// One call on its way: client to upstream and back, piece by piece, each piece copied to the recording as it passes.
///
/// Runs on one event loop. Ends exactly once, in [#finish], whoever ends it. Either side being slow pauses the other.
final class Call {

    private static final Logger LOG = Logger.getLogger(Call.class.getName());

    private static final int BAD_GATEWAY = 502;

    private final HttpServerRequest request;
    private final HttpServerResponse response;
    private final Router.Route route;
    private final Recording recording;
    private final OpenCalls openCalls;
    private final Redaction redaction;
    private final Clock clock;
    private final long startNanos = System.nanoTime();

    private @Nullable HttpClientRequest upstreamRequest;
    private long requestBytes;
    private long responseBytes;
    private boolean requestEnded;
    private boolean failing;
    private boolean finished;

    Call(
            HttpServerRequest request,
            Router.Route route,
            Recording recording,
            OpenCalls openCalls,
            Redaction redaction,
            Clock clock) {
        this.request = request;
        this.response = request.response();
        this.route = route;
        this.recording = recording;
        this.openCalls = openCalls;
        this.redaction = redaction;
        this.clock = clock;
    }

    void start(HttpClient client) {
        openCalls.begin();
        request.pause();
        response.closeHandler(_ -> clientGone());
        response.exceptionHandler(_ -> clientGone());
        request.exceptionHandler(_ -> clientGone());
        Upstream upstream = route.upstream();
        RequestOptions options = new RequestOptions()
                .setMethod(request.method())
                .setHost(upstream.host())
                .setPort(upstream.port())
                .setSsl(upstream.tls())
                .setURI(route.target())
                .setFollowRedirects(false);
        client.request(options).onComplete(connected -> {
            if (connected.succeeded()) {
                forward(connected.result());
            } else {
                unreachable(connected.cause());
            }
        });
    }

    private void forward(HttpClientRequest out) {
        if (finished) {
            out.reset();
            return;
        }
        upstreamRequest = out;
        HopByHop.copy(request.headers(), out.headers(), true);
        out.exceptionHandler(this::upstreamFailed);
        out.response().onComplete(answered -> {
            if (answered.succeeded()) {
                respond(answered.result());
            } else {
                upstreamFailed(answered.cause());
            }
        });
        boolean chunked = request.headers().contains("transfer-encoding");
        boolean hasBody = chunked || hasContent(request.getHeader("content-length"));
        if (request.headers().contains("expect")) {
            out.continueHandler(_ -> {
                if (!response.headWritten()) {
                    response.writeContinue();
                }
            });
        }
        if (!hasBody) {
            requestEnded = true;
            request.endHandler(_ -> {});
            request.resume();
            out.end();
            return;
        }
        out.setChunked(chunked);
        out.writeHead();
        request.handler(piece -> {
            received(piece);
            out.write(piece);
            if (out.writeQueueFull()) {
                request.pause();
                out.drainHandler(_ -> request.resume());
            }
        });
        request.endHandler(_ -> {
            requestEnded = true;
            out.end();
        });
        request.resume();
    }

    private void respond(HttpClientResponse in) {
        if (finished) {
            return;
        }
        recording.responseHead(new ResponseHead(
                in.statusCode(), redaction.headers(in.headers()), Duration.ofNanos(System.nanoTime() - startNanos)));
        response.setStatusCode(in.statusCode());
        if (in.version() != HttpVersion.HTTP_2) {
            response.setStatusMessage(in.statusMessage());
        }
        HopByHop.copy(in.headers(), response.headers(), false);
        if (openCalls.isDraining()) {
            response.putHeader("connection", "close");
        }
        if (mayHaveBody(in) && in.getHeader("content-length") == null && request.version() != HttpVersion.HTTP_1_0) {
            response.setChunked(true);
        }
        if (mayHaveBody(in)) {
            response.writeHead();
        }
        in.exceptionHandler(this::upstreamFailed);
        in.handler(piece -> pass(in, piece));
        in.endHandler(_ -> {
            if (finished) {
                return;
            }
            if (response.isChunked() && !in.trailers().isEmpty()) {
                response.trailers().addAll(in.trailers());
            }
            // The outcome is the upstream's end; a client that is gone by now has been told of by its own handlers.
            response.end().onComplete(written -> {
                if (written.succeeded()) {
                    finish(Outcome.COMPLETED, "upstream", Optional.empty());
                } else {
                    clientGone();
                }
            });
        });
    }

    private void pass(HttpClientResponse in, Buffer piece) {
        responseBytes += piece.length();
        recording.responseBytes(new BufferPiece(piece));
        if (finished) {
            return;
        }
        response.write(piece);
        if (response.writeQueueFull()) {
            in.pause();
            response.drainHandler(_ -> in.resume());
        }
    }

    private boolean mayHaveBody(HttpClientResponse in) {
        int status = in.statusCode();
        return !request.method().equals(HttpMethod.HEAD) && status != 204 && status != 304;
    }

    private void unreachable(Throwable cause) {
        answerFailure("gateway", "HypAware could not reach " + route.upstream().authority() + ": " + reason(cause));
    }

    private void upstreamFailed(Throwable cause) {
        if (finished) {
            return;
        }
        if (!response.headWritten()) {
            answerFailure(
                    "upstream",
                    route.upstream().authority() + " closed the connection before it answered: " + reason(cause));
            return;
        }
        // Cut the client too: an end that looks clean would make half an answer look whole.
        finish(
                Outcome.UPSTREAM_CUT,
                "upstream",
                Optional.of("cut after %d bytes and %d ms: %s"
                        .formatted(responseBytes, (System.nanoTime() - startNanos) / 1_000_000, reason(cause))));
        response.reset();
        request.connection().close();
    }

    /// Answers for an upstream that does not: an error that the provider's SDKs understand and retry. The request is
    /// read to its end first, because a client that is still sending would see a reset instead, and what it
    /// asked is recorded; unless it waits to be told to go on.
    private void answerFailure(String closedBy, String message) {
        if (finished || failing) {
            return;
        }
        failing = true;
        if (requestEnded || request.headers().contains("expect")) {
            respondFailure(closedBy, message);
            return;
        }
        request.handler(this::received);
        request.endHandler(_ -> {
            requestEnded = true;
            respondFailure(closedBy, message);
        });
        request.resume();
    }

    private void respondFailure(String closedBy, String message) {
        if (finished) {
            return;
        }
        finish(Outcome.UPSTREAM_ERROR, closedBy, Optional.of(message));
        response.setStatusCode(BAD_GATEWAY).putHeader("content-type", "application/json");
        if (!requestEnded) {
            response.putHeader("connection", "close");
        }
        response.end(route.upstream().wire().errorBody(BAD_GATEWAY, message));
    }

    private void received(Buffer piece) {
        requestBytes += piece.length();
        recording.requestBytes(new BufferPiece(piece));
    }

    private void clientGone() {
        if (finished) {
            return;
        }
        finish(
                Outcome.CLIENT_ABORTED,
                "client",
                Optional.of("the client went away after %d bytes and %d ms of the answer"
                        .formatted(responseBytes, (System.nanoTime() - startNanos) / 1_000_000)));
        HttpClientRequest out = upstreamRequest;
        if (out != null) {
            out.reset();
        }
    }

    private void finish(Outcome outcome, String closedBy, Optional<String> error) {
        if (finished) {
            return;
        }
        finished = true;
        recording.end(new ExchangeEnd(clock.instant(), outcome, closedBy, requestBytes, responseBytes, error));
        openCalls.end();
        if (outcome == Outcome.UPSTREAM_ERROR) {
            LOG.log(Level.WARNING, "{0} {1}: {2}", new Object[] {
                request.method(), route.upstream().name(), error.orElse("")
            });
        }
    }

    /// What Vert.x lends for the time of a handler.
    private record BufferPiece(Buffer buffer) implements Piece {

        @Override
        public int length() {
            return buffer.length();
        }

        @Override
        public void copyTo(int from, byte[] target, int length) {
            buffer.getBytes(from, from + length, target);
        }
    }

    private static boolean hasContent(@Nullable String contentLength) {
        return contentLength != null && !contentLength.strip().equals("0");
    }

    private static String reason(Throwable cause) {
        return cause.getMessage() == null ? cause.getClass().getSimpleName() : cause.getMessage();
    }
}
