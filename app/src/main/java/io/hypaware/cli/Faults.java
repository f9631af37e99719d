package io.hypaware.cli;

import io.hypaware.home.AsideFile;
import io.hypaware.home.HypHome;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Optional;

/// Says failures that no one foresaw in a line that people can act on, and keeps what they should report.
final class Faults {

    static String describe(Throwable fault) {
        Throwable cause = fault instanceof UncheckedIOException && fault.getCause() != null ? fault.getCause() : fault;
        return switch (cause) {
            case OutOfMemoryError _ ->
                "this needs more memory than the command has. Ask for less at a time: fewer columns, a limit, or a"
                        + " part of the value (substring)";
            // Why is said by the one who came first, whom nobody asked.
            case NoClassDefFoundError e when e.getCause() != null -> describe(e.getCause());
            case StackOverflowError _ -> "the input is nested too deeply";
            case NoSuchFileException e ->
                e.getFile() + " does not exist. If it was named, name one that is there; else see: hyp cache check";
            case FileSystemException e ->
                e.getFile() + " cannot be used: "
                        + (e.getReason() == null ? e.getClass().getSimpleName() : e.getReason())
                        + ". Look at its permissions and the room on its disk, or set HYP_HOME to another folder";
            default -> cause.getMessage() == null ? cause.getClass().getSimpleName() : cause.getMessage();
        };
    }

    /// Writes the stack to a file of the log folder, if that can be written.
    static Optional<Path> keep(Throwable fault) {
        Path file = HypHome.of(System.getenv()).logs().resolve("last-fault.txt");
        if (!Files.isDirectory(file.resolveSibling(""))) {
            return Optional.empty();
        }
        StringWriter stack = new StringWriter();
        fault.printStackTrace(new PrintWriter(stack, true));
        try {
            AsideFile.write(file, stack.toString());
            return Optional.of(file);
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    private Faults() {}
}
