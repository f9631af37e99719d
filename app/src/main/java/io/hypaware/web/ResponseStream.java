package io.hypaware.web;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerResponse;
import java.io.IOException;
import java.io.OutputStream;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/// Writes an answer in pieces, each when the one before has gone, so that memory does not grow with it. For a thread
/// that may wait.
final class ResponseStream extends OutputStream {

    private static final int PIECE = 64 * 1024;
    private static final long PATIENCE_SECONDS = 60;

    private final HttpServerResponse response;
    private boolean finished;
    private Buffer piece = Buffer.buffer(PIECE);

    ResponseStream(HttpServerResponse response) {
        this.response = response;
    }

    @Override
    public void write(int b) throws IOException {
        write(new byte[] {(byte) b}, 0, 1);
    }

    @Override
    public void write(byte[] source, int offset, int length) throws IOException {
        piece.appendBytes(source, offset, length);
        if (piece.length() >= PIECE) {
            send();
        }
    }

    private void send() throws IOException {
        response.setChunked(true);
        Buffer full = piece;
        piece = Buffer.buffer(PIECE);
        try {
            response.write(full).toCompletionStage().toCompletableFuture().get(PATIENCE_SECONDS, TimeUnit.SECONDS);
        } catch (ExecutionException | TimeoutException e) {
            throw new IOException("the browser takes no more", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("stopped", e);
        }
    }

    /// Ends the answer, which is whole.
    void finish() {
        finished = true;
        response.end(piece);
    }

    /// An answer that is not whole does not look so: the connection is cut.
    @Override
    public void close() {
        if (!finished && response.headWritten()) {
            response.reset();
        }
    }
}
