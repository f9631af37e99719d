package io.hypaware.gateway;

import java.util.logging.Level;
import java.util.logging.Logger;

/// What is thrown on an event loop where no call catches it.
public final class Uncaught {

    private static final Logger LOG = Logger.getLogger(Uncaught.class.getName());

    /// An exception is of one call or connection. An [Error] is of the whole process: who runs it decides, as for any
    /// thread of its own.
    public static void handle(Throwable cause) {
        if (cause instanceof Error) {
            Thread thread = Thread.currentThread();
            thread.getUncaughtExceptionHandler().uncaughtException(thread, cause);
        } else {
            LOG.log(Level.FINE, "a connection broke", cause);
        }
    }

    private Uncaught() {}
}
