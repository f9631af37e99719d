package io.hypaware.daemon;

import static org.assertj.core.api.Assertions.assertThat;

import io.hypaware.testing.TestGateway;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The launcher of a bundle, which makes the JVM's caches beside its first start. A script stands for the JVM.
class BundleLauncherTest {

    private static final List<String> CACHES = List.of("gateway", "plain", "query", "work");

    /// Writes what it is told to, as a JVM does when it ends.
    private static final String JAVA = """
            #!/bin/sh
            for last; do
              case $last in -XX:AOTCacheOutput=*) [ -e "${0%/*}/refuses" ] || echo made > "${last#*=}" ;; esac
            done
            case "$*" in *GatewayTraining*) echo made > "$last" ;; esac
            echo "$*"
            echo "$*" >> "${0%/*}/calls"
            """;

    @TempDir
    private Path folder;

    private Path root;

    @BeforeEach
    void bundle() throws IOException {
        root = folder.toRealPath().resolve("a bundle");
        for (String inside : List.of("bin", "launcher", "lib", "runtime/bin")) {
            Files.createDirectories(root.resolve(inside));
        }
        for (String script : List.of("jvm-args.sh", "caches.sh", "statusline.sh")) {
            Files.copy(
                    Path.of("..", "launcher", script), root.resolve("launcher").resolve(script));
        }
        Files.copy(Path.of("..", "launcher", "bundle-hyp.sh"), root.resolve("bin/hyp"));
        Files.writeString(root.resolve("lib/one.jar"), "");
        Files.writeString(root.resolve("gateway.args"), "-Xmx64m\n");
        Files.writeString(root.resolve("version"), "1\n");
        Files.writeString(root.resolve("runtime/bin/java"), JAVA);
        Files.setPosixFilePermissions(root.resolve("runtime/bin/java"), PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    @Test
    void itsFirstStartMakesThemAndEachCommandUsesItsOwn() throws IOException {
        assertThat(hyp("status")).contains("io.hypaware.cli.Hyp status").contains("plain.aot");
        TestGateway.await(() -> CACHES.stream().allMatch(cache -> Files.exists(cache(cache)))
                && !Files.exists(root.resolve("training")));
        assertThat(hyp("query", "sql", "select 1")).contains("-XX:AOTCache=" + cache("query"));
        assertThat(hyp("daemon", "run", "-f")).contains("-XX:AOTCache=" + cache("gateway"));
        assertThat(hyp("worker")).contains("-XX:AOTCache=" + cache("work"));
        assertThat(hyp("web")).contains("-XX:AOTCache=" + cache("work"), "-Xmx128m");
        assertThat(Files.readString(root.resolve("jvm.args")))
                .contains("-Dhypaware.jvm.caches=\"" + root + "\"")
                .contains(root + "/lib/one.jar");
        assertThat(trainings()).isEqualTo(CACHES.size());
    }

    @Test
    void thoseOfAnotherPlaceAreMadeAgain() throws IOException {
        Files.writeString(root.resolve("jvm.args"), "# /elsewhere\n");
        for (String cache : CACHES) {
            Files.writeString(cache(cache), "stale");
        }
        hyp("status");
        TestGateway.await(
                () -> CACHES.stream().allMatch(cache -> said(cache(cache)).equals("made\n")));
    }

    @Test
    void whatFailsIsTriedAgainLaterAndNoCommandFailsForIt() throws IOException {
        Files.writeString(root.resolve("runtime/bin/refuses"), "");
        hyp("status");
        TestGateway.await(() -> trainings() == CACHES.size());
        assertThat(hyp("status")).contains("io.hypaware.cli.Hyp status");
        assertThat(trainings()).isEqualTo(CACHES.size());

        Files.delete(root.resolve("runtime/bin/refuses"));
        Files.setLastModifiedTime(
                root.resolve("training"), FileTime.from(Instant.now().minus(Duration.ofMinutes(30))));
        hyp("status");
        TestGateway.await(() -> CACHES.stream().allMatch(cache -> Files.exists(cache(cache))));
        // The gateway's was there.
        assertThat(trainings()).isEqualTo(2 * CACHES.size() - 1);
    }

    private Path cache(String name) {
        return root.resolve(name + ".aot");
    }

    private int trainings() {
        return (int) said(root.resolve("runtime/bin/calls"))
                .lines()
                .filter(call -> call.contains("Training"))
                .count();
    }

    private static String said(Path file) {
        try {
            return Files.exists(file) ? Files.readString(file) : "";
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private String hyp(String... arguments) throws IOException {
        List<String> command =
                new ArrayList<>(List.of("sh", root.resolve("bin/hyp").toString()));
        command.addAll(List.of(arguments));
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
        builder.environment().put("HOME", folder.toString());
        return new String(builder.start().getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    }
}
