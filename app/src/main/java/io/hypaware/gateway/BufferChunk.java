package io.hypaware.gateway;

import io.hypaware.journal.Chunk;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.internal.buffer.BufferInternal;
import java.nio.ByteBuffer;

/// What Vert.x lends for the time of a handler.
record BufferChunk(Buffer buffer) implements Chunk {

    @Override
    public int length() {
        return buffer.length();
    }

    @Override
    public void copyTo(int from, ByteBuffer target) {
        ((BufferInternal) buffer).getByteBuf().getBytes(from, target);
    }
}
