package io.hypaware.journal;

/// A call that the journal had no room for: only how much was lost is known of it.
record LostRecording(RecorderQueue queue) implements Recording {

    @Override
    public void requestBytes(Chunk chunk) {
        queue.countLost(chunk.length());
    }

    @Override
    public void responseHead(ResponseHead head) {}

    @Override
    public void responseBytes(Chunk chunk) {
        queue.countLost(chunk.length());
    }

    @Override
    public void end(ExchangeEnd end) {}
}
