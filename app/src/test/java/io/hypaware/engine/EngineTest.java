package io.hypaware.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// What callers name is put into SQL as it is.
class EngineTest {

    @TempDir
    private Path spill;

    @ParameterizedTest
    @ValueSource(strings = {"", "it's", "a\0b", "\0", "'\0'", "a\0' or true --"})
    void aLiteralIsItsText(String text) throws Exception {
        try (Engine engine = Engine.open(64 << 20, 1, spill)) {
            assertThat(engine.strings("SELECT " + Engine.literal(text))).containsExactly(text);
        }
    }
}
