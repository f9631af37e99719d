package io.hypaware.daemon;

import java.io.IOException;
import java.net.ConnectException;
import java.net.SocketTimeoutException;
import java.util.logging.Level;
import java.util.logging.Logger;

/// Asks the gateway for its status as a client would, and ends the process when no one answers: it would go on holding
/// its port and its lock, and every call with it.
final class Watchdog implements AutoCloseable {

    static final int EXIT_CODE = 71;

    private static final Logger LOG = Logger.getLogger(Watchdog.class.getName());

    private static final int ROUND_MILLIS = 5_000;
    private static final int TIMEOUT_MILLIS = 5_000;

    /// Connections are dealt to the event loops in turn: one of this many reaches each.
    private static final int ASK_EACH_ROUND = 4;

    private static final int MOST_FAILED_ROUNDS = 3;

    private final GatewayFiles.Address address;
    private final Thread thread;

    Watchdog(GatewayFiles.Address address) {
        this.address = address;
        this.thread = Thread.ofPlatform().name("watchdog").daemon().unstarted(this::loop);
    }

    void start() {
        thread.start();
    }

    @Override
    public void close() {
        thread.interrupt();
    }

    private void loop() {
        int failed = 0;
        try {
            while (failed < MOST_FAILED_ROUNDS) {
                Thread.sleep(ROUND_MILLIS);
                failed = answers() ? 0 : failed + 1;
            }
        } catch (InterruptedException e) {
            return;
        }
        LOG.severe("the gateway did not answer its own questions for " + MOST_FAILED_ROUNDS + " rounds; it ends");
        Runtime.getRuntime().halt(EXIT_CODE);
    }

    /// Whether each question got some answer. To be turned away under load is one.
    private boolean answers() {
        for (int i = 0; i < ASK_EACH_ROUND; i++) {
            try {
                Presence.ask(address, TIMEOUT_MILLIS);
            } catch (SocketTimeoutException | ConnectException e) {
                LOG.log(Level.WARNING, "no answer to the gateway's own question: " + e.getMessage());
                return false;
            } catch (IOException e) {
                LOG.log(Level.FINE, "turned away", e);
            }
        }
        return true;
    }
}
