package io.hypaware.journal;

/// The copy of one exchange on its way to the journal. Every method returns at once, whatever the disk does, and has
/// copied what it keeps of a chunk by then.
///
/// Life: begun, then request and response bytes in any order, one response head, one end.
public interface Recording {

    void requestBytes(Chunk chunk);

    void responseHead(ResponseHead head);

    void responseBytes(Chunk chunk);

    /// Whether some of it is not kept, and nothing that comes after it either.
    default boolean isBroken() {
        return false;
    }

    /// Nothing may be called after this.
    void end(ExchangeEnd end);

    /// Records nothing.
    Recording NONE = new Recording() {
        @Override
        public void requestBytes(Chunk chunk) {}

        @Override
        public void responseHead(ResponseHead head) {}

        @Override
        public void responseBytes(Chunk chunk) {}

        @Override
        public void end(ExchangeEnd end) {}
    };
}
