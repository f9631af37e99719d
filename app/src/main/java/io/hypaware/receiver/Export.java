package io.hypaware.receiver;

import io.hypaware.journal.TelemetryBacklogException;
import io.hypaware.journal.TelemetryRequest;
import io.hypaware.journal.TelemetryRequest.Signal;
import io.hypaware.receiver.Dialect.Message;
import io.hypaware.receiver.Dialect.RefusedException;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Function;
import org.apache.commons.io.output.UnsynchronizedByteArrayOutputStream;

/// One request of an exporter: its body is gathered within the budget, goes to the journal whole, and is answered when
/// it is on disk. A refused one is answered at once, and the rest of it read and forgotten: an exporter that is still
/// sending would see a reset in place of the answer. Used on the receiver's event loop.
///
/// Life: arriving, then waiting for the disk; over when it is answered and its body has ended.
final class Export {

    private static final Duration PATIENCE = Duration.ofSeconds(30);

    /// When to come again where the disk is full, or workers are far behind: later than the ten seconds that an
    /// exporter tries for, so that one that is about to end does not wait here for what is not going to happen.
    private static final int LATER_SECONDS = 30;

    /// When to come again where another gateway takes over.
    private static final int SOON_SECONDS = 1;

    /// Most of a refused body that is read to its end.
    private static final long MOST_FORGOTTEN_BYTES = 16L << 20;

    private final HttpServerRequest request;
    private final Receiver receiver;
    private final ExporterConnection connection;
    private final Dialect dialect;
    private final long begunNanos = System.nanoTime();
    private final UnsynchronizedByteArrayOutputStream body =
            UnsynchronizedByteArrayOutputStream.builder().get();
    private boolean counted;
    private long taken;
    private long forgotten;
    private boolean answered;
    private boolean writing;
    private boolean ended;
    private boolean over;

    Export(HttpServerRequest request, Receiver receiver, ExporterConnection connection, Dialect dialect) {
        this.request = request;
        this.receiver = receiver;
        this.connection = connection;
        this.dialect = dialect;
    }

    void start() {
        receiver.begun(this);
        // The connection broke, or the request was reset: there is no one to answer.
        request.exceptionHandler(_ -> {
            ended = true;
            answered = true;
            over();
        });
        request.handler(this::arrived);
        try {
            Head head = head();
            request.endHandler(_ -> whole(head));
            if ("100-continue".equalsIgnoreCase(request.getHeader("expect"))) {
                request.response().writeContinue();
            }
        } catch (RefusedException e) {
            request.endHandler(_ -> bodyEnded());
            refuse(e.refusal());
        }
    }

    /// What the head says.
    private record Head(Signal signal, String contentType, String encoding, boolean own) {}

    private Head head() {
        if (!request.method().name().equals("POST")) {
            throw new RefusedException(Refusal.method());
        }
        Signal signal = dialect.signal(request.path())
                .orElseThrow(() -> new RefusedException(Refusal.unknown(shortened(request.path()))));
        String contentType = dialect.contentType(request.headers());
        String encoding = dialect.contentEncoding(request.headers());
        if (declaredBytes() > receiver.maxRequestBytes()) {
            throw new RefusedException(Refusal.large(receiver.maxRequestBytes()));
        }
        if (connection.isMultiplexed() && receiver.isEnding()) {
            throw new RefusedException(Refusal.unavailable("HypAware is stopping", SOON_SECONDS));
        }
        if (!receiver.budget().begin()) {
            throw new RefusedException(Refusal.busy("more than " + Budget.MOST_REQUESTS + " requests at once", 1));
        }
        counted = true;
        return new Head(signal, contentType, encoding, request.headers().contains(TelemetryRequest.OWN_HEADER));
    }

    private long declaredBytes() {
        String length = request.getHeader("content-length");
        try {
            return length == null ? 0 : Long.parseLong(length);
        } catch (NumberFormatException e) {
            throw new RefusedException(Refusal.malformed("the content length is no number"));
        }
    }

    private void arrived(Buffer piece) {
        if (answered) {
            forgotten += piece.length();
            if (forgotten > MOST_FORGOTTEN_BYTES) {
                connection.close();
            }
            return;
        }
        if (taken + piece.length() > receiver.maxRequestBytes()) {
            refuse(Refusal.large(receiver.maxRequestBytes()));
        } else if (!receiver.budget().take(piece.length())) {
            refuse(Refusal.busy("too much telemetry waits for the disk", 1));
        } else {
            taken += piece.length();
            byte[] bytes = piece.getBytes();
            body.write(bytes, 0, bytes.length);
        }
    }

    private void whole(Head head) {
        bodyEnded();
        if (answered) {
            return;
        }
        try {
            Message message = dialect.message(body.toByteArray(), head.encoding());
            body.reset();
            if (head.own()) {
                receiver.tally().own();
                // Who sends it is to know that nobody has it now.
                request.response().putHeader(TelemetryRequest.OWN_HEADER, TelemetryRequest.NOT_RECORDED);
                succeed();
            } else if (message.bytes().length == 0) {
                // A message without a field, as exporters send it to try the connection.
                succeed();
            } else {
                record(new TelemetryRequest(
                        head.signal(), head.contentType(), message.encoding(), receiver.now(), message.bytes()));
            }
        } catch (RefusedException e) {
            refuse(e.refusal());
        }
    }

    private void record(TelemetryRequest telemetry) {
        Context context = receiver.context();
        writing = true;
        var _ = receiver.recorder()
                .record(telemetry)
                .whenComplete((_, error) -> context.runOnContext(_ -> written(telemetry, Optional.ofNullable(error))));
    }

    private void written(TelemetryRequest telemetry, Optional<Throwable> error) {
        writing = false;
        if (error.isEmpty()) {
            receiver.tally().received(telemetry, taken);
            succeed();
            return;
        }
        String why = String.valueOf(error.get().getMessage());
        receiver.tally().failed(why);
        answer(
                error.get() instanceof TelemetryBacklogException
                        ? Refusal.busy(why, LATER_SECONDS)
                        : Refusal.unavailable("it could not be written: " + why, LATER_SECONDS));
    }

    private void succeed() {
        answer(dialect::succeed);
    }

    private void refuse(Refusal refusal) {
        receiver.tally().refused(refusal.message());
        answer(refusal);
    }

    private void answer(Refusal refusal) {
        answer(to -> dialect.refuse(to, refusal));
    }

    private void answer(Function<HttpServerRequest, Future<Void>> answer) {
        if (!answered) {
            answered = true;
            body.reset();
            // When another gateway takes what arrives, this one's answers say that they are the last of their
            // connections.
            boolean last = receiver.isEnding() && !connection.isMultiplexed();
            if (last) {
                request.response().putHeader("connection", "close");
            }
            Future<Void> sent = answer.apply(request);
            if (last) {
                sent.onComplete(_ -> connection.close());
            }
        }
        over();
    }

    /// Closes it if its body does not come, or does not end.
    void round(long nowNanos) {
        if (!ended && nowNanos - begunNanos > PATIENCE.toNanos()) {
            if (answered) {
                connection.close();
            } else {
                refuse(Refusal.slow(PATIENCE.toSeconds()));
            }
        }
    }

    private void bodyEnded() {
        ended = true;
        over();
    }

    /// Gives back what it held, each as soon as it is no longer needed.
    private void over() {
        if (answered && !writing && counted) {
            counted = false;
            receiver.budget().end(taken);
        }
        if (ended && answered && !writing && !over) {
            over = true;
            connection.end();
            receiver.ended(this);
        }
    }

    private static String shortened(String path) {
        return path.length() > 100 ? path.substring(0, 100) + "..." : path;
    }
}
