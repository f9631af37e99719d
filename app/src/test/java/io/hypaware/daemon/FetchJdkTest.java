package io.hypaware.daemon;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.hypaware.dataset.Hashes;
import io.hypaware.testing.FakeProvider;
import io.hypaware.testing.Processes;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The launcher on a machine without Java: it fetches the one that is pinned, or nothing.
class FetchJdkTest {

    private static final Path LAUNCHER = Path.of("..", "launcher");
    private static final List<String> TOOLS = List.of(
            "sh",
            "sed",
            "uname",
            "tr",
            "curl",
            "sha256sum",
            "cut",
            "tar",
            "gzip",
            "rm",
            "mkdir",
            "mv",
            "dirname",
            "readlink",
            "cat");

    @TempDir
    private Path folder;

    private byte[] archive = {};

    @BeforeEach
    void aSourceTreeAndAnArchive() throws Exception {
        assumeThat(Processes.has("curl")).as("curl is there").isTrue();
        Path launcher = Files.createDirectories(folder.resolve("root/launcher"));
        Files.copy(Path.of("..", "hyp"), folder.resolve("root/hyp"));
        for (String script : List.of("java-home.sh", "fetch-jdk.sh")) {
            // The folders of this machine may hold one.
            String text =
                    Files.readString(LAUNCHER.resolve(script)).replaceAll("/(usr|opt|Library)/[^ ;\\n]*", "/nowhere");
            Files.writeString(launcher.resolve(script), text);
        }
        executable(launcher.resolve("build.sh"), "echo building with $JAVA_HOME; exit 1");
        Path jdk = Files.createDirectories(folder.resolve("archive/jdk-25/bin"));
        executable(jdk.resolve("java"), "exit 0");
        executable(jdk.resolve("javac"), "exit 0");
        Files.writeString(jdk.resolve("../release"), "JAVA_VERSION=\"25.0.9\"\n");
        run(List.of(
                "tar",
                "-czf",
                folder.resolve("a.tar.gz").toString(),
                "-C",
                folder.resolve("archive").toString(),
                "jdk-25"));
        archive = Files.readAllBytes(folder.resolve("a.tar.gz"));
        Path tools = Files.createDirectories(folder.resolve("tools"));
        for (String tool : TOOLS) {
            Path there = Stream.of("/usr/bin", "/bin")
                    .map(bin -> Path.of(bin, tool))
                    .filter(Files::exists)
                    .findFirst()
                    .orElseThrow();
            Files.createSymbolicLink(tools.resolve(tool), there);
        }
    }

    @Test
    void whatIsPinnedIsFetchedOnceAndUsed() throws Exception {
        pin(Hashes.sha256(archive));
        try (FakeProvider source = source(archive)) {
            assertThat(hyp(source, "up")).contains("Or let hyp fetch one", "hyp --yes up");
            assertThat(jdk()).doesNotExist();
            assertThat(hyp(source, "--yes", "up")).contains("building with " + jdk());
            assertThat(source.requests()).hasSize(1);
            assertThat(hyp(source, "up")).contains("building with " + jdk());
            assertThat(source.requests()).hasSize(1);
        }
    }

    @Test
    void anythingElseIsRefused() throws Exception {
        pin(Hashes.sha256(archive));
        byte[] other = archive.clone();
        other[other.length / 2]++;
        try (FakeProvider source = source(other)) {
            assertThat(hyp(source, "--yes", "up")).contains("is not what it should be", "Nothing of it was used");
        }
        try (FakeProvider gone = new FakeProvider((_, out) -> out.respond(404, "text/plain", ""))) {
            assertThat(hyp(gone, "--yes", "up")).contains("could not be fetched");
        }
        assertThat(jdk()).doesNotExist();
        try (Stream<Path> left = Files.list(jdk().resolveSibling(""))) {
            assertThat(left).isEmpty();
        }
    }

    private Path jdk() {
        return folder.resolve("home/.local/share/hypaware/jdk");
    }

    private void pin(String sha256) throws Exception {
        String platform = run(List.of("sh", "-c", "echo $(uname -s | tr A-Z a-z)-$(uname -m)"))
                .strip();
        Files.writeString(
                folder.resolve("root/launcher/jdk.txt"),
                "source http://127.0.0.1:1\n" + platform + " a.tar.gz " + sha256 + "\n");
    }

    private static FakeProvider source(byte[] bytes) {
        return new FakeProvider((_, out) -> out.respond(200, List.of("content-type: application/gzip"), bytes));
    }

    private String hyp(FakeProvider source, String... arguments) throws Exception {
        return run(Stream.concat(
                        Stream.of(
                                "env",
                                "-i",
                                "HOME=" + folder.resolve("home"),
                                "PATH=" + folder.resolve("tools"),
                                "HYP_JDK_SOURCE=" + source.url(),
                                "sh",
                                folder.resolve("root/hyp").toString()),
                        Stream.of(arguments))
                .toList());
    }

    private static String run(List<String> command) throws Exception {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        process.getOutputStream().close();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        process.waitFor();
        return said;
    }

    private static void executable(Path file, String text) throws IOException {
        Files.writeString(file, "#!/bin/sh\n" + text + "\n");
        assertThat(file.toFile().setExecutable(true)).isTrue();
    }
}
