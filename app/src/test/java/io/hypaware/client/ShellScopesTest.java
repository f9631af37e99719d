package io.hypaware.client;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Addresses in the files of shells: what counts, what is a comment, and that no file takes long.
class ShellScopesTest {

    @TempDir
    private Path home;

    @Test
    void whatIsSetIsFoundAndCommentsAreNot() throws IOException {
        Files.writeString(home.resolve(".bashrc"), """
                  # export ANTHROPIC_BASE_URL=http://127.0.0.1:1
                x=1 # ANTHROPIC_BASE_URL=http://127.0.0.1:2
                  export ANTHROPIC_BASE_URL="http://127.0.0.1:3"
                """);
        Files.createDirectories(home.resolve(".config/fish"));
        Files.writeString(home.resolve(".config/fish/config.fish"), "set -gx OPENAI_BASE_URL http://localhost:4/v1\n");
        Files.writeString(home.resolve(".zshrc"), "ANTHROPIC_BASE_URL=" + "=".repeat(900_000));
        assertThat(ShellScopes.of(Map.of("HOME", home.toString(), "OPENAI_BASE_URL", "https://llm.example")))
                .extracting(given -> given.localPort().orElse(0))
                .containsExactly(0, 3, 4);
    }
}
