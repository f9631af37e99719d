package io.hypaware.daemon;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Each process uses the cache of its kind, and none needs it.
class JvmCacheTest {

    private static final String FOLDER = "hypaware.jvm.caches";

    @TempDir
    private Path folder;

    /// What a process would say, were it a command.
    static final class Speaker {

        public static void main(String[] words) {
            System.out.print(String.join(" ", words));
        }

        private Speaker() {}
    }

    @AfterEach
    void notOfADistribution() {
        System.clearProperty(FOLDER);
    }

    @Test
    void isThatOfTheProcessToBeStarted() {
        System.setProperty(FOLDER, folder.toString());
        assertThat(HypProcess.command("status").command()).contains("-XX:AOTCache=" + folder + "/work.aot");
        System.clearProperty(FOLDER);
        assertThat(HypProcess.command("status").command()).noneMatch(JvmCache::isOption);
        assertThat(HypProcess.inherited(List.of("-XX:AOTCache=/gateway.aot", "-XX:AOTCacheOutput=/x", "-Dx=y")))
                .containsExactly("-Dx=y");
    }

    @Test
    void aProcessStartsWithoutOneAndWithADamagedOne() throws IOException {
        Path cache = folder.resolve("work.aot");
        assertThat(said(cache)).isEqualTo("done");
        Files.writeString(cache, "");
        assertThat(said(cache)).isEqualTo("done");
        Files.writeString(cache, "no cache\n".repeat(10_000));
        assertThat(said(cache)).isEqualTo("done");
    }

    /// With the options that every process of a distribution has.
    private String said(Path cache) throws IOException {
        List<String> command = new ArrayList<>(
                List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-XX:AOTCache=" + cache));
        output(List.of("sh", Path.of("..", "launcher", "jvm-args.sh").toString(), folder.toString()))
                .lines()
                .filter(option -> option.startsWith("-X"))
                .forEach(command::add);
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), Speaker.class.getName(), "done"));
        return output(command);
    }

    private static String output(List<String> command) throws IOException {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        return new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    }
}
