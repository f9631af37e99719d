package io.hypaware.gateway;

/// One direction of a call: bytes that were taken from one side and are not written to the other yet. Over the call's
/// share the source is held, until half of it is written. Used on one event loop.
final class Flow {

    /// The side that bytes come from.
    interface Source {

        /// At most one more piece comes before it stands still.
        void hold();

        void open();

        static Source of(Runnable hold, Runnable open) {
            return new Source() {
                @Override
                public void hold() {
                    hold.run();
                }

                @Override
                public void open() {
                    open.run();
                }
            };
        }
    }

    private final OpenCalls calls;
    private final Source source;
    private final int most;
    private long waiting;
    private boolean held;

    Flow(OpenCalls calls, Source source) {
        this(calls, source, Integer.MAX_VALUE);
    }

    /// @param most bytes that wait at most, however few calls there are
    Flow(OpenCalls calls, Source source, int most) {
        this.most = most;
        this.calls = calls;
        this.source = source;
    }

    void taken(int bytes) {
        waiting += bytes;
        if (!held && waiting > window()) {
            held = true;
            source.hold();
        }
    }

    void written(int bytes) {
        waiting -= bytes;
        if (held && waiting <= window() / 2) {
            held = false;
            source.open();
        }
    }

    private int window() {
        return Math.min(most, calls.window());
    }

    /// The call is over; the source may be of use to the next one.
    void release() {
        if (held) {
            held = false;
            source.open();
        }
    }
}
