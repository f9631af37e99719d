package io.hypaware.sink.otlp;

import java.io.ByteArrayOutputStream;
import java.net.http.HttpResponse.BodySubscriber;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Flow.Subscription;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// The body of an answer, as far as it comes in some time and up to a length. It never fails: one that is cut, or does
/// not end, is what there was of it, as the status has already been said. Called on the client's threads.
final class BoundedBody implements BodySubscriber<byte[]> {

    private final int longest;
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private final CompletableFuture<Boolean> isOver = new CompletableFuture<>();
    private final CompletableFuture<byte[]> body = new CompletableFuture<>();
    private @Nullable Subscription subscription;

    BoundedBody(int longest, Duration time) {
        this.longest = longest;
        var _ = isOver.completeOnTimeout(true, time.toMillis(), TimeUnit.MILLISECONDS)
                .thenRun(this::end);
    }

    @Override
    public CompletionStage<byte[]> getBody() {
        return body;
    }

    @Override
    public synchronized void onSubscribe(Subscription body) {
        subscription = body;
        body.request(Long.MAX_VALUE);
    }

    @Override
    public void onNext(List<ByteBuffer> pieces) {
        if (!hasRoomAfter(pieces)) {
            isOver.complete(true);
        }
    }

    private synchronized boolean hasRoomAfter(List<ByteBuffer> pieces) {
        for (ByteBuffer piece : pieces) {
            byte[] some = new byte[Math.min(piece.remaining(), longest - bytes.size())];
            piece.get(some);
            bytes.writeBytes(some);
        }
        return bytes.size() < longest;
    }

    @Override
    public void onError(Throwable problem) {
        isOver.complete(true);
    }

    @Override
    public void onComplete() {
        isOver.complete(true);
    }

    /// Hands over what has come; more of it is not read. In this order: who cancels first has an answer that failed.
    private synchronized void end() {
        body.complete(bytes.toByteArray());
        if (subscription != null) {
            subscription.cancel();
        }
    }
}
