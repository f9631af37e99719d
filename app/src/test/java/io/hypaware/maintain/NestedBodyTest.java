package io.hypaware.maintain;

import static io.hypaware.testing.RecordedCalls.message;
import static org.assertj.core.api.Assertions.assertThat;

import io.hypaware.testing.RecordedCalls;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A body that is made of brackets is kept, and keeps no other call from becoming rows.
class NestedBodyTest {

    @TempDir
    private Path folder;

    @Test
    void hidesNoOtherCall() throws Exception {
        RecordedCalls calls = new RecordedCalls(folder.resolve("home/hypaware/cache"));
        String body = "{\"model\":\"m\",\"metadata\":" + "{\"a\":".repeat(50_000);
        calls.call()
                .session("s")
                .request(body.getBytes(StandardCharsets.UTF_8))
                .answer("no")
                .record();
        calls.call()
                .session("t")
                .messages(message("user", "hello"))
                .answer("hi")
                .record();
        assertThat(calls.said()).contains("user: hello", "assistant: hi");
    }
}
