package io.hypaware.store;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/// What is put.
public sealed interface Content {

    /// A file on this machine, which nobody changes meanwhile.
    record InFile(Path path) implements Content {}

    /// What is short enough to be held.
    record InMemory(byte[] bytes) implements Content {}

    static Content of(Path path) {
        return new InFile(path);
    }

    static Content of(byte[] bytes) {
        return new InMemory(bytes);
    }

    static Content of(String text) {
        return new InMemory(text.getBytes(StandardCharsets.UTF_8));
    }
}
