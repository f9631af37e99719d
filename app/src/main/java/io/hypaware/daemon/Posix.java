package io.hypaware.daemon;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.ByteOrder;
import java.util.List;
import java.util.Map;

/// What of the system Java has no way to ask for.
final class Posix {

    private static final Linker LINKER = Linker.nativeLinker();

    // sockaddr_in and sockaddr_in6 have their port in the same place, on Linux and macOS.
    private static final int PORT_OFFSET = 2;
    private static final ValueLayout.OfShort NETWORK_SHORT =
            ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);
    private static final int SMALLEST_ADDRESS = 16;
    private static final int ADDRESS_BYTES = 128;

    private static final int F_SETFD = 2;
    private static final int FD_CLOEXEC = 1;
    private static final int FIRST_OF_OURS = 3;

    /// A process that has only just begun has few.
    static final int MOST_DESCRIPTORS = 1_024;

    /// Makes a number stand for the file that another one stands for; negative if that cannot be.
    static int dup2(int descriptor, int to) {
        return call("dup2", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT), descriptor, to);
    }

    /// The port that a socket is bound to; 0 if the number is of no socket of the internet's.
    static int localPort(int descriptor) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment address = arena.allocate(ADDRESS_BYTES);
            MemorySegment length = arena.allocateFrom(JAVA_INT, ADDRESS_BYTES);
            int result = call(
                    "getsockname",
                    FunctionDescriptor.of(JAVA_INT, JAVA_INT, ADDRESS, ADDRESS),
                    descriptor,
                    address,
                    length);
            return result == 0 && length.get(JAVA_INT, 0) >= SMALLEST_ADDRESS
                    ? Short.toUnsignedInt(address.get(NETWORK_SHORT, PORT_OFFSET))
                    : 0;
        }
    }

    /// Runs a program in place of this one, in the same process: its number, parent and standard files stay.
    ///
    /// @throws IOException if it cannot be run; else this never returns
    static void exec(List<String> command, Map<String, String> environment) throws IOException {
        for (int descriptor = FIRST_OF_OURS; descriptor < MOST_DESCRIPTORS; descriptor++) {
            closeAtExec(descriptor);
        }
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment arguments = strings(arena, command);
            MemorySegment variables = strings(
                    arena,
                    environment.entrySet().stream()
                            .map(variable -> variable.getKey() + "=" + variable.getValue())
                            .toList());
            int result = call(
                    "execve",
                    FunctionDescriptor.of(JAVA_INT, ADDRESS, ADDRESS, ADDRESS),
                    arena.allocateFrom(command.getFirst()),
                    arguments,
                    variables);
            throw new IOException(command.getFirst() + " cannot be run in place of this process (" + result + ")");
        }
    }

    /// Libraries and whatever else is open here is nothing to the other program. `fcntl` takes further arguments of any
    /// number, which some systems pass in another way.
    private static void closeAtExec(int descriptor) {
        MethodHandle fcntl = LINKER.downcallHandle(
                LINKER.defaultLookup().findOrThrow("fcntl"),
                FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT),
                Linker.Option.firstVariadicArg(2));
        try {
            int ignored = (int) fcntl.invokeExact(descriptor, F_SETFD, FD_CLOEXEC);
        } catch (Throwable e) {
            throw new IllegalStateException("fcntl is not to be had on this system", e);
        }
    }

    /// An array of C strings, ended by null.
    private static MemorySegment strings(Arena arena, List<String> texts) {
        MemorySegment array = arena.allocate(MemoryLayout.sequenceLayout(texts.size() + 1L, ADDRESS));
        for (int i = 0; i < texts.size(); i++) {
            array.setAtIndex(ADDRESS, i, arena.allocateFrom(texts.get(i)));
        }
        array.setAtIndex(ADDRESS, texts.size(), MemorySegment.NULL);
        return array;
    }

    private static int call(String function, FunctionDescriptor descriptor, Object... arguments) {
        MethodHandle handle = LINKER.downcallHandle(LINKER.defaultLookup().findOrThrow(function), descriptor);
        try {
            return (int) handle.invokeWithArguments(arguments);
        } catch (Throwable e) {
            throw new IllegalStateException(function + " is not to be had on this system", e);
        }
    }

    private Posix() {}
}
