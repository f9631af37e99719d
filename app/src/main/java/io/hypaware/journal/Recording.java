package io.hypaware.journal;

/// The copy of one exchange on its way to the journal. Every method returns at once, whatever the disk does;
/// the byte arrays belong to the recording from then on.
///
/// Life: begun, then request and response bytes in any order, one response head, one end.
public interface Recording {

    void requestBytes(byte[] bytes);

    void responseHead(ResponseHead head);

    void responseBytes(byte[] bytes);

    /// Nothing may be called after this.
    void end(ExchangeEnd end);

    /// Records nothing.
    Recording NONE = new Recording() {
        @Override
        public void requestBytes(byte[] bytes) {}

        @Override
        public void responseHead(ResponseHead head) {}

        @Override
        public void responseBytes(byte[] bytes) {}

        @Override
        public void end(ExchangeEnd end) {}
    };
}
