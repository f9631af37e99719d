package io.hypaware.gateway;

import io.hypaware.journal.Chunk;
import io.vertx.core.buffer.Buffer;

/// What Vert.x lends for the time of a handler.
record BufferChunk(Buffer buffer) implements Chunk {

    @Override
    public int length() {
        return buffer.length();
    }

    @Override
    public void copyTo(int from, byte[] target, int length) {
        buffer.getBytes(from, from + length, target);
    }
}
