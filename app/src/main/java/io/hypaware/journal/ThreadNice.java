package io.hypaware.journal;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.util.logging.Level;
import java.util.logging.Logger;

/// Lowers the calling thread's share of the processor. On Linux `setpriority` with 0 means the calling thread
/// (setpriority(2), "C library/kernel differences"); elsewhere it would mean the process, so nothing is done there.
public final class ThreadNice {

    private static final Logger LOG = Logger.getLogger(ThreadNice.class.getName());
    private static final int PRIO_PROCESS = 0;

    public static void lower(int nice) {
        if (!System.getProperty("os.name").equals("Linux")) {
            return;
        }
        try (Arena arena = Arena.ofConfined()) {
            Linker linker = Linker.nativeLinker();
            MethodHandle setPriority = linker.downcallHandle(
                    SymbolLookup.libraryLookup("libc.so.6", arena).findOrThrow("setpriority"),
                    FunctionDescriptor.of(
                            ValueLayout.JAVA_INT, ValueLayout.JAVA_INT, ValueLayout.JAVA_INT, ValueLayout.JAVA_INT));
            int result = (int) setPriority.invokeExact(PRIO_PROCESS, 0, nice);
            LOG.log(Level.FINE, "setpriority gave {0}", result);
        } catch (Throwable e) {
            // Another libc, or no native access: the thread keeps its share.
            LOG.log(Level.FINE, "setpriority is not to be had", e);
        }
    }

    private ThreadNice() {}
}
