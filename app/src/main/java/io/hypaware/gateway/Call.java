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
import io.vertx.core.net.impl.ConnectionBase;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.jspecify.annotations.Nullable;

/// One call on its way: client to upstream and back, piece by piece, each piece copied to the recording as it passes.
///
/// Runs on one event loop. Either side being slow holds the other ([Flow]). Ends exactly once, in [#finish], whoever
/// ends it, and when both directions have ended. Whatever is thrown on its way becomes an answer or a cut ([#guarded]).
final class Call {

    private static final Logger LOG = Logger.getLogger(Call.class.getName());

    private static final int SWITCHING_PROTOCOLS = 101;
    private static final int FIRST_FINAL = 200;
    private static final int BAD_GATEWAY = 502;

    /// What is kept of a request to send it once more.
    private static final int REPLAY_BYTES = 64 * 1024;

    /// A connection that was dead as the request was written says so within a round trip.
    private static final long STALE_NANOS = 500_000_000;

    private final HttpServerRequest request;
    private final HttpServerResponse response;
    private final ClientConnection client;
    private final Router.Route route;
    private final Recording recording;
    private final OpenCalls openCalls;
    private final Redaction redaction;
    private final Clock clock;
    private final UpstreamClients clients;
    private final Flow upload;
    private final long startNanos = System.nanoTime();

    /// Pieces that came before the upstream was ready for them, then those that may have to be sent again.
    private final List<Buffer> kept = new ArrayList<>();

    private long keptBytes;
    private boolean keptAll = true;
    private long replayTaken;
    private int attempt = 1;

    private @Nullable HttpClientRequest upstreamRequest;
    private @Nullable Flow answer;
    private boolean reused;
    private long sentNanos;
    private boolean sending;
    private long requestBytes;
    private long responseBytes;
    private boolean requestEnded;
    private boolean upstreamGone;
    private boolean answerBegun;

    /// How the answer's direction ended, while the request's has not.
    private @Nullable ExchangeEnd answerEnd;

    private @Nullable String failure;
    private String failedBy = "gateway";
    private boolean finished;

    Call(
            HttpServerRequest request,
            Router.Route route,
            Recording recording,
            OpenCalls openCalls,
            Redaction redaction,
            Clock clock,
            UpstreamClients clients) {
        this.request = request;
        this.response = request.response();
        this.client = Doorkeeper.of(request.connection());
        this.route = route;
        this.recording = recording;
        this.openCalls = openCalls;
        this.redaction = redaction;
        this.clock = clock;
        this.clients = clients;
        this.upload = new Flow(openCalls, new Flow.Source() {
            @Override
            public void hold() {
                client.hold(true);
            }

            @Override
            public void open() {
                client.hold(false);
            }
        });
    }

    void start() {
        openCalls.begin();
        response.closeHandler(_ -> guarded(this::clientGone));
        response.exceptionHandler(_ -> guarded(this::clientGone));
        request.exceptionHandler(_ -> guarded(this::clientGone));
        guarded(() -> {
            requestEnded = !hasBody();
            request.handler(piece -> guarded(() -> received(piece)));
            request.endHandler(_ -> guarded(this::requestEnd));
            connect(clients.client(route.upstream()));
        });
    }

    private boolean hasBody() {
        String length = request.getHeader("content-length");
        return request.headers().contains("transfer-encoding")
                || (length != null && !length.strip().equals("0"));
    }

    private void connect(HttpClient upstreamClient) {
        RequestOptions options = route.upstream().options(request.method(), route.target());
        upstreamClient
                .request(options)
                .onComplete(connected -> guarded(() -> {
                    if (connected.succeeded()) {
                        forward(connected.result());
                    } else {
                        unreachable(connected.cause());
                    }
                }));
    }

    private void forward(HttpClientRequest out) {
        if (finished) {
            out.reset();
            return;
        }
        upstreamRequest = out;
        sentNanos = System.nanoTime();
        reused = clients.isReused(out.connection());
        if (!reused && out.version() != HttpVersion.HTTP_2) {
            Doorkeeper.limitPieces(((ConnectionBase) out.connection()).channel().config(), openCalls);
        }
        HopByHop.copy(request.headers(), out.headers(), true);
        int number = attempt;
        out.exceptionHandler(cause -> guarded(() -> upstreamFailed(number, cause)));
        out.response()
                .onComplete(answered -> guarded(() -> {
                    if (answered.succeeded()) {
                        respond(answered.result());
                    } else {
                        upstreamFailed(number, answered.cause());
                    }
                }));
        if (request.headers().contains("expect")) {
            out.continueHandler(_ -> guarded(() -> {
                if (!response.headWritten()) {
                    response.writeContinue();
                }
            }));
        }
        if (!hasBody()) {
            out.end();
            return;
        }
        out.setChunked(request.headers().contains("transfer-encoding"));
        out.writeHead();
        sending = true;
        List<Buffer> waiting = List.copyOf(kept);
        if (!reused) {
            forgetKept();
        }
        waiting.forEach(piece -> send(out, piece));
        if (requestEnded) {
            out.end();
        }
    }

    private void received(Buffer piece) {
        requestBytes += piece.length();
        recording.requestBytes(new BufferPiece(piece));
        upload.taken(piece.length());
        HttpClientRequest out = upstreamRequest;
        if (failure != null || upstreamGone) {
            upload.written(piece.length());
        } else if (out == null || !sending) {
            kept.add(piece);
            keptBytes += piece.length();
        } else {
            keepForRetry(piece);
            send(out, piece);
        }
    }

    private void send(HttpClientRequest out, Buffer piece) {
        out.write(piece).onComplete(_ -> upload.written(piece.length()));
    }

    private void requestEnd() {
        if (requestEnded) {
            return;
        }
        requestEnded = true;
        HttpClientRequest out = upstreamRequest;
        if (failure != null) {
            respondFailure();
        } else if (answerEnd != null) {
            finish(answerEnd);
        } else if (out != null && sending && !upstreamGone) {
            out.end();
        }
    }

    private void respond(HttpClientResponse in) {
        if (finished || upstreamGone) {
            return;
        }
        answerBegun = true;
        forgetKept();
        if (in.statusCode() < FIRST_FINAL) {
            // The library takes it for the answer, and the one that would come after it is lost.
            in.request().reset();
            upstreamGone = true;
            String authority = route.upstream().authority();
            answerFailure(
                    "upstream",
                    in.statusCode() == SWITCHING_PROTOCOLS
                            ? authority + " switched protocols, which no one had asked for"
                            : authority + " sent an interim answer " + in.statusCode() + ", which cannot be passed on");
            return;
        }
        recording.responseHead(new ResponseHead(
                in.statusCode(), redaction.headers(in.headers()), Duration.ofNanos(System.nanoTime() - startNanos)));
        response.setStatusCode(in.statusCode());
        if (in.version() != HttpVersion.HTTP_2) {
            response.setStatusMessage(in.statusMessage());
        }
        HopByHop.copy(in.headers(), response.headers(), false);
        boolean hasBody = mayHaveBody(in);
        boolean old = request.version() == HttpVersion.HTTP_1_0;
        if (openCalls.isDraining()) {
            response.putHeader("connection", "close");
        }
        if (old && hasBody && in.getHeader("content-length") == null) {
            // HTTP/1.0 knows no chunks: the body ends with the connection. Set last, over what the library adds.
            client.endAfterAnswer();
            response.headersEndHandler(
                    _ -> response.headers().remove("transfer-encoding").set("connection", "close"));
        }
        if (hasBody && in.getHeader("content-length") == null && !old) {
            response.setChunked(true);
        }
        if (hasBody) {
            response.writeHead();
        }
        Flow flow = new Flow(openCalls, source(in));
        answer = flow;
        in.exceptionHandler(cause -> guarded(() -> upstreamFailed(attempt, cause)));
        in.handler(piece -> guarded(() -> pass(flow, piece)));
        in.endHandler(_ -> guarded(() -> answerEnd(in)));
    }

    private void answerEnd(HttpClientResponse in) {
        if (finished) {
            return;
        }
        if (response.isChunked() && !in.trailers().isEmpty()) {
            response.trailers().addAll(in.trailers());
        }
        if (!requestEnded) {
            // The rest of the upload goes nowhere that matters, but it is the client's to end. The provider would
            // wait for it for ever.
            upstreamGone = true;
            in.request().reset();
        }
        // The outcome is the upstream's end; a client that is gone by now has been told of by its own handlers.
        response.end()
                .onComplete(written -> guarded(() -> {
                    if (!written.succeeded()) {
                        clientGone();
                        return;
                    }
                    ExchangeEnd end = end(Outcome.COMPLETED, "upstream", Optional.empty());
                    if (requestEnded) {
                        finish(end);
                    } else {
                        answerEnd = end;
                    }
                }));
    }

    private void pass(Flow flow, Buffer piece) {
        responseBytes += piece.length();
        recording.responseBytes(new BufferPiece(piece));
        if (finished) {
            return;
        }
        flow.taken(piece.length());
        response.write(piece).onComplete(_ -> flow.written(piece.length()));
    }

    private static Flow.Source source(HttpClientResponse in) {
        if (in.version() == HttpVersion.HTTP_2) {
            return new Flow.Source() {
                @Override
                public void hold() {
                    in.pause();
                }

                @Override
                public void open() {
                    in.resume();
                }
            };
        }
        // Held at the socket: the library would take in up to a megabyte first.
        var channel = ((ConnectionBase) in.request().connection()).channel().config();
        return new Flow.Source() {
            @Override
            public void hold() {
                channel.setAutoRead(false);
            }

            @Override
            public void open() {
                channel.setAutoRead(true);
            }
        };
    }

    private boolean mayHaveBody(HttpClientResponse in) {
        int status = in.statusCode();
        return !request.method().equals(HttpMethod.HEAD) && status != 204 && status != 304;
    }

    private void keepForRetry(Buffer piece) {
        if (!keptAll || !reused || answerBegun) {
            return;
        }
        if (keptBytes + piece.length() > REPLAY_BYTES || !openCalls.takeReplay(piece.length())) {
            forgetKept();
            return;
        }
        replayTaken += piece.length();
        kept.add(piece);
        keptBytes += piece.length();
    }

    private void forgetKept() {
        keptAll = false;
        kept.clear();
        openCalls.giveBackReplay(replayTaken);
        replayTaken = 0;
    }

    private void unreachable(Throwable cause) {
        answerFailure(
                "gateway",
                "HypAware could not reach " + route.upstream().authority() + ": "
                        + UpstreamFault.describe(cause, route.upstream()));
    }

    private void upstreamFailed(int failed, Throwable cause) {
        if (finished || failed != attempt || upstreamGone) {
            return;
        }
        if (!answerBegun && reused && attempt == 1 && keptAll && System.nanoTime() - sentNanos < STALE_NANOS) {
            // The provider let go of an idle connection as we took it. Later, it may have been at work.
            kept.forEach(piece -> upload.taken(piece.length()));
            attempt++;
            reused = false;
            upstreamRequest = null;
            sending = false;
            LOG.log(Level.FINE, "a kept connection was dead; the request goes out once more", cause);
            connect(clients.fresh(route.upstream()));
            return;
        }
        upstreamGone = true;
        if (!response.headWritten()) {
            answerFailure(
                    "upstream",
                    route.upstream().authority() + " closed the connection before it answered: " + reason(cause));
            return;
        }
        // Cut the client too: an end that looks clean would make half an answer look whole.
        finish(end(
                Outcome.UPSTREAM_CUT,
                "upstream",
                Optional.of("cut after %d bytes and %d ms: %s"
                        .formatted(responseBytes, (System.nanoTime() - startNanos) / 1_000_000, reason(cause)))));
        cutClient();
    }

    /// Answers for an upstream that does not: an error that the provider's SDKs understand and retry. The request is
    /// read to its end first, because a client that is still sending would see a reset instead, and what it
    /// asked is recorded; unless it waits to be told to go on.
    private void answerFailure(String closedBy, String message) {
        if (finished || failure != null) {
            return;
        }
        failure = message;
        failedBy = closedBy;
        if (!sending) {
            kept.forEach(piece -> upload.written(piece.length()));
        }
        forgetKept();
        if (requestEnded || request.headers().contains("expect")) {
            respondFailure();
        }
    }

    private void respondFailure() {
        String message = failure;
        if (finished || message == null) {
            return;
        }
        finish(end(Outcome.UPSTREAM_ERROR, failedBy, Optional.of(message)));
        response.setStatusCode(BAD_GATEWAY).putHeader("content-type", "application/json");
        if (!requestEnded) {
            response.putHeader("connection", "close");
        }
        response.end(route.upstream().wire().errorBody(BAD_GATEWAY, message)).onComplete(_ -> client.answered());
    }

    private void clientGone() {
        if (finished) {
            return;
        }
        ExchangeEnd whole = answerEnd;
        if (whole != null) {
            // It had its answer and took the rest of its upload away.
            finish(whole);
            return;
        }
        finish(end(
                Outcome.CLIENT_ABORTED,
                "client",
                Optional.of("the client went away after %d bytes and %d ms of the answer"
                        .formatted(responseBytes, (System.nanoTime() - startNanos) / 1_000_000))));
        HttpClientRequest out = upstreamRequest;
        if (out != null) {
            out.reset();
        }
    }

    private ExchangeEnd end(Outcome outcome, String closedBy, Optional<String> error) {
        return new ExchangeEnd(
                clock.instant(), outcome, closedBy, requestBytes, responseBytes, error.map(redaction::text));
    }

    private void finish(ExchangeEnd end) {
        if (finished) {
            return;
        }
        finished = true;
        // An answer may have ended before the upload: the sizes are those of now.
        recording.end(new ExchangeEnd(
                end.endedAt(), end.outcome(), end.closedBy(), requestBytes, responseBytes, end.error()));
        openCalls.end();
        forgetKept();
        upload.release();
        if (answer != null) {
            answer.release();
        }
        if (end.outcome() == Outcome.COMPLETED) {
            client.answered();
        }
        if (end.outcome() == Outcome.UPSTREAM_ERROR || end.outcome() == Outcome.GATEWAY_ERROR) {
            LOG.log(Level.WARNING, "{0} {1}: {2}", new Object[] {
                request.method(), route.upstream().name(), end.error().orElse("")
            });
        }
    }

    /// Runs a step of the call. What it throws ends the call, by an answer if none has begun, and leaves no one
    /// waiting. An [Error] is for [Gateway], which ends the process.
    private void guarded(Runnable step) {
        try {
            step.run();
        } catch (RuntimeException e) {
            LOG.log(Level.WARNING, "a call failed within the gateway", e);
            upstreamGone = true;
            HttpClientRequest out = upstreamRequest;
            if (out != null) {
                out.reset();
            }
            if (finished) {
                cutClient();
                return;
            }
            String message = "the gateway failed: " + reason(e);
            finish(end(Outcome.GATEWAY_ERROR, "gateway", Optional.of(message)));
            if (response.headWritten() || response.closed()) {
                cutClient();
            } else {
                client.refuse(BAD_GATEWAY, route.upstream().wire().errorBody(BAD_GATEWAY, redaction.text(message)));
            }
        }
    }

    private void cutClient() {
        response.reset();
        client.close();
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

    private static String reason(Throwable cause) {
        return cause.getMessage() == null ? cause.getClass().getSimpleName() : cause.getMessage();
    }
}
