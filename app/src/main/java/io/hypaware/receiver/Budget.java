package io.hypaware.receiver;

/// What exporters can make the gateway hold, in sum: requests, and bytes of their bodies from their arrival until they
/// are on disk. Calls have a budget of their own. Used on the receiver's event loop.
final class Budget {

    /// What a request costs beside its body is some kilobytes.
    static final int MOST_REQUESTS = 256;

    private final long mostBytes;
    private int requests;
    private long bytes;

    Budget(long mostBytes) {
        this.mostBytes = mostBytes;
    }

    /// A further request is taken; false if there are too many.
    boolean begin() {
        if (requests >= MOST_REQUESTS) {
            return false;
        }
        requests++;
        return true;
    }

    /// Further bytes are held; false if there is no room for them.
    boolean take(long more) {
        if (bytes + more > mostBytes) {
            return false;
        }
        bytes += more;
        return true;
    }

    /// A request is over.
    ///
    /// @param taken bytes that were taken for it
    void end(long taken) {
        requests--;
        bytes -= taken;
    }

    boolean isIdle() {
        return requests == 0;
    }

    long bytes() {
        return bytes;
    }
}
