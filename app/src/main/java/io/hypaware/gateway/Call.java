package io.hypaware.gateway;

import io.hypaware.journal.ExchangeEnd;
import io.hypaware.journal.Outcome;
import io.hypaware.journal.Recording;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.http.RequestOptions;
import io.vertx.core.net.impl.ConnectionBase;
import java.time.Clock;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.logging.Level;
import java.util.logging.Logger;

/// One call on its way: client to upstream and back, piece by piece, each piece copied to the recording as it passes.
///
/// Runs on one event loop, which nothing here may block. Where it is, its [CallState] says. Either side
/// being slow holds the other ([Flow]). Ends exactly once, in [#finish], whoever ends it, and when both
/// directions have ended. Whatever is thrown on its way becomes an answer or a cut ([#guarded]).
final class Call {

    private static final Logger LOG = Logger.getLogger(Call.class.getName());

    private static final int SWITCHING_PROTOCOLS = 101;
    private static final int FIRST_FINAL = 200;
    private static final int BAD_GATEWAY = 502;

    /// What all calls of an event loop have in common.
    record Context(OpenCalls openCalls, Redaction redaction, Clock clock, UpstreamClients clients) {}

    private final HttpServerRequest request;
    private final HttpServerResponse response;
    private final ClientConnection client;
    private final Target.Forward target;
    private final Upstream upstream;
    private final Supplier<Recording> recordings;
    private final Recording recording;
    private final Context context;
    private final Upload upload;
    private final long startNanos = System.nanoTime();

    private CallState state = new CallState.Connecting(1);
    private long responseBytes;

    /// @param recordings begins the call's recording, and further ones of its connection
    Call(HttpServerRequest request, Target.Forward target, Supplier<Recording> recordings, Context context) {
        this.request = request;
        this.response = request.response();
        this.client = Doorkeeper.of(request.connection());
        this.target = target;
        this.upstream = target.upstream();
        this.recordings = recordings;
        this.recording = recordings.get();
        this.context = context;
        this.upload = new Upload(request, recording, context.openCalls(), client.source());
    }

    void start() {
        context.openCalls().begin(upstream.name(), context.clock().millis());
        response.closeHandler(_ -> guarded(this::clientGone));
        response.exceptionHandler(_ -> guarded(this::clientGone));
        request.exceptionHandler(_ -> guarded(this::clientGone));
        guarded(() -> {
            request.handler(piece -> guarded(() -> received(piece)));
            request.endHandler(_ -> guarded(this::requestEnd));
            if (upload.asksForWebSocket()) {
                client.source().hold();
            }
            connect(context.clients().client(upstream, upload.asksForWebSocket()));
        });
    }

    private void connect(HttpClient upstreamClient) {
        RequestOptions options = upstream.options(request.method(), target.path());
        upstreamClient
                .request(options)
                .onComplete(connected -> guarded(() -> {
                    if (connected.succeeded()) {
                        forward(connected.result());
                    } else {
                        fail(
                                "gateway",
                                "HypAware could not reach " + upstream.authority() + ": "
                                        + UpstreamFault.describe(connected.cause(), upstream));
                    }
                }));
    }

    private void forward(HttpClientRequest out) {
        if (!(state instanceof CallState.Connecting connecting)) {
            out.reset();
            return;
        }
        boolean reused = connecting.attempt() == 1 && context.clients().isReused(out.connection());
        state = connecting.sending(out, reused);
        if (!reused) {
            Channels.prepare(out, context.openCalls());
        }
        HopByHop.copy(request.headers(), out.headers(), true);
        int attempt = connecting.attempt();
        out.exceptionHandler(cause -> guarded(() -> upstreamFailed(attempt, cause)));
        out.response()
                .onComplete(answered -> guarded(() -> {
                    if (answered.succeeded()) {
                        respond(answered.result());
                    } else {
                        upstreamFailed(attempt, answered.cause());
                    }
                }));
        if (request.headers().contains("expect")) {
            out.continueHandler(_ -> guarded(() -> {
                if (!response.headWritten()) {
                    response.writeContinue();
                }
            }));
        }
        if (upload.asksForWebSocket()) {
            HopByHop.copyUpgrade(request.headers(), out.headers());
            out.connect();
            return;
        }
        upload.sendTo(out, reused);
    }

    private void received(Buffer piece) {
        if (state.isEnded()) {
            return;
        }
        upload.received(piece, state);
    }

    private void requestEnd() {
        if (!upload.end()) {
            return;
        }
        switch (state) {
            // Ended when there is somebody to end it to.
            case CallState.Connecting _ -> {}
            case CallState.Sending sending -> sending.out().end();
            case CallState.Answering answering -> answering.out().end();
            case CallState.Answered answered -> finish(answered.end());
            case CallState.Failing failing -> respondFailure(failing);
            case CallState.Upgraded _, CallState.Closing _, CallState.Ended _ -> {}
        }
    }

    private void respond(HttpClientResponse in) {
        if (!(state instanceof CallState.Sending sending)) {
            return;
        }
        if (upload.asksForWebSocket() && in.statusCode() == SWITCHING_PROTOCOLS) {
            upgrade(sending, in);
            return;
        }
        if (in.statusCode() < FIRST_FINAL) {
            // The library takes it for the answer, and the one that would come after it is lost.
            in.request().reset();
            fail(
                    "upstream",
                    in.statusCode() == SWITCHING_PROTOCOLS
                            ? upstream.authority() + " switched protocols, which no one had asked for"
                            : upstream.authority() + " sent an interim answer " + in.statusCode()
                                    + ", which cannot be passed on");
            return;
        }
        Flow flow = new Flow(context.openCalls(), AnswerHead.source(in));
        state = sending.answering(flow);
        upload.forget();
        recording.responseHead(AnswerHead.recorded(in, context.redaction(), startNanos));
        if (upload.asksForWebSocket()) {
            client.source().open();
        }
        AnswerHead.pass(in, request, client, context.openCalls().isEnding());
        in.exceptionHandler(cause -> guarded(() -> upstreamFailed(sending.attempt(), cause)));
        in.handler(piece -> guarded(() -> pass(flow, piece)));
        in.endHandler(_ -> guarded(() -> answerEnd(in)));
    }

    /// The provider has agreed: both sides now say what they like.
    private void upgrade(CallState.Sending sending, HttpClientResponse in) {
        if (client.hasSaidMore()) {
            finish(end(Outcome.GATEWAY_ERROR, "gateway", Optional.of(ClientConnection.TOO_EARLY)));
            client.refuse(400, upstream.wire().errorBody(400, ClientConnection.TOO_EARLY));
            // Last, because a reset looks like a failure of the provider to a call that goes on.
            in.request().reset();
            return;
        }
        Channels.limitPieces(
                ((ConnectionBase) in.request().connection()).channel().config());
        Tunnel tunnel = new Tunnel(
                client,
                new Tunnel.Far(in.netSocket(), AnswerHead.source(in)),
                context.openCalls(),
                new WireTape(context, recording, AnswerHead.recorded(in, context.redaction(), startNanos), recordings),
                () -> {
                    state = new CallState.Ended();
                    upload.release();
                    context.openCalls().end();
                });
        state = sending.upgraded(tunnel);
        upload.forget();
        tunnel.start(AnswerHead.bytes(in));
    }

    private void pass(Flow flow, Buffer piece) {
        if (state.isEnded()) {
            return;
        }
        responseBytes += piece.length();
        recording.responseBytes(new BufferChunk(piece));
        flow.taken(piece.length());
        response.write(piece).onComplete(_ -> flow.written(piece.length()));
    }

    private void answerEnd(HttpClientResponse in) {
        if (!(state instanceof CallState.Answering answering)) {
            return;
        }
        CallState.Closing closing = answering.closing();
        state = closing;
        if (response.isChunked() && !in.trailers().isEmpty()) {
            response.trailers().addAll(in.trailers());
        }
        if (!upload.isEnded()) {
            // The rest of the upload goes nowhere that matters, but it is the client's to end. The provider would
            // wait for it for ever.
            in.request().reset();
        }
        // The outcome is the upstream's end; a client that is gone by now has been told of by its own handlers.
        response.end()
                .onComplete(written -> guarded(() -> {
                    if (!written.succeeded()) {
                        clientGone();
                    } else if (!state.isEnded()) {
                        ExchangeEnd end = end(Outcome.COMPLETED, "upstream", Optional.empty());
                        state = closing.answered(end);
                        if (upload.isEnded()) {
                            finish(end);
                        }
                    }
                }));
    }

    private void upstreamFailed(int attempt, Throwable cause) {
        switch (state) {
            case CallState.Sending sending when sending.attempt() == attempt -> sendingFailed(sending, cause);
            case CallState.Answering answering when answering.attempt() == attempt -> answerCut(cause);
            default -> {}
        }
    }

    private void sendingFailed(CallState.Sending sending, Throwable cause) {
        var again = sending.again().filter(_ -> upload.again());
        if (again.isPresent()) {
            state = again.get();
            LOG.log(Level.FINE, "a kept connection was dead; the request goes out once more", cause);
            connect(context.clients().fresh(upstream, upload.asksForWebSocket()));
            return;
        }
        fail("upstream", upstream.authority() + " closed the connection before it answered: " + reason(cause));
    }

    private void answerCut(Throwable cause) {
        if (!response.headWritten()) {
            fail("upstream", upstream.authority() + " closed the connection before it answered: " + reason(cause));
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
    private void fail(String closedBy, String message) {
        if (state.isEnded() || state instanceof CallState.Failing) {
            return;
        }
        if (state instanceof CallState.Connecting) {
            upload.giveUp();
        }
        CallState.Failing failing = new CallState.Failing(closedBy, message);
        state.answerFlow().ifPresent(Flow::release);
        state = failing;
        upload.forget();
        if (upload.isEnded() || request.headers().contains("expect")) {
            respondFailure(failing);
        }
    }

    private void respondFailure(CallState.Failing failing) {
        finish(end(Outcome.UPSTREAM_ERROR, failing.closedBy(), Optional.of(failing.message())));
        response.setStatusCode(BAD_GATEWAY).putHeader("content-type", "application/json");
        if (!upload.isEnded()) {
            response.putHeader("connection", "close");
        }
        response.end(upstream.wire().errorBody(BAD_GATEWAY, failing.message())).onComplete(_ -> client.answered());
    }

    private void clientGone() {
        switch (state) {
            case CallState.Ended _ -> {}
            case CallState.Upgraded upgraded -> upgraded.tunnel().clientGone();
            // It had its answer and took the rest of its upload away.
            case CallState.Answered answered -> finish(answered.end());
            default -> {
                Optional<HttpClientRequest> out = state.toUpstream();
                String before = state instanceof CallState.Failing failing ? failing.message() + "; then " : "";
                finish(end(
                        Outcome.CLIENT_ABORTED,
                        "client",
                        Optional.of("%sthe client went away after %d bytes and %d ms of the answer"
                                .formatted(before, responseBytes, (System.nanoTime() - startNanos) / 1_000_000))));
                out.ifPresent(HttpClientRequest::reset);
            }
        }
    }

    private ExchangeEnd end(Outcome outcome, String closedBy, Optional<String> error) {
        return new ExchangeEnd(
                context.clock().instant(),
                outcome,
                closedBy,
                upload.bytes(),
                responseBytes,
                error.map(context.redaction()::text));
    }

    private void finish(ExchangeEnd end) {
        if (state.isEnded()) {
            return;
        }
        CallState before = state;
        state = new CallState.Ended();
        // An answer may have ended before the upload: the sizes are those of now.
        recording.end(new ExchangeEnd(
                end.endedAt(), end.outcome(), end.closedBy(), upload.bytes(), responseBytes, end.error()));
        context.openCalls().end(upstream.name(), end);
        upload.release();
        before.answerFlow().ifPresent(Flow::release);
        if (end.outcome() == Outcome.COMPLETED) {
            client.answered();
        }
        if (end.outcome() == Outcome.UPSTREAM_ERROR || end.outcome() == Outcome.GATEWAY_ERROR) {
            LOG.log(Level.WARNING, "{0} {1}: {2}", new Object[] {
                request.method(), upstream.name(), end.error().orElse("")
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
            if (state instanceof CallState.Upgraded upgraded) {
                upgraded.tunnel().clientGone();
                return;
            }
            boolean ended = state.isEnded();
            state.toUpstream().ifPresent(HttpClientRequest::reset);
            String message = "the gateway failed: " + reason(e);
            finish(end(Outcome.GATEWAY_ERROR, "gateway", Optional.of(message)));
            if (ended || response.headWritten() || response.closed()) {
                cutClient();
            } else {
                client.refuse(
                        BAD_GATEWAY,
                        upstream.wire()
                                .errorBody(BAD_GATEWAY, context.redaction().text(message)));
            }
        }
    }

    private void cutClient() {
        response.reset();
        client.close();
    }

    private static String reason(Throwable cause) {
        return Objects.requireNonNullElse(cause.getMessage(), cause.getClass().getSimpleName());
    }
}
