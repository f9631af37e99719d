package io.hypaware.daemon;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
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
        assertThat(HypProcess.inherited(List.of("-XX:AOTCache=/gateway.aot", "-Dx=y")))
                .containsExactly("-Dx=y");
        assertThat(HypProcess.inherited(JvmCache.writing(folder))).noneMatch(option -> option.contains("AOT"));
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

    /// As after a loss of power: as long as it was, with nothing in its second half.
    @Test
    void aProcessStartsWithOneOfWhichBytesAreLost() throws IOException {
        Path cache = folder.resolve("work.aot");
        List<String> training = command(cache, "-XX:AOTCacheOutput=");
        assertThat(output(training)).startsWith("done");
        assertThat(said(cache)).isEqualTo("done");
        long size = Files.size(cache);
        try (FileChannel channel = FileChannel.open(cache, StandardOpenOption.WRITE)) {
            channel.truncate(size / 2);
            channel.write(ByteBuffer.allocate(1), size - 1);
        }
        assertThat(said(cache)).isEqualTo("done");
    }

    /// With the options that every process of a distribution has.
    private String said(Path cache) throws IOException {
        return output(command(cache, "-XX:AOTCache="));
    }

    private List<String> command(Path cache, String use) throws IOException {
        List<String> line = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(), use + cache, JvmCache.VERIFIED));
        output(List.of("sh", Path.of("..", "launcher", "jvm-args.sh").toString(), folder.toString()))
                .lines()
                .filter(option -> option.startsWith("-X"))
                .forEach(line::add);
        line.addAll(List.of("-cp", library().toString(), Speaker.class.getName(), "done"));
        return line;
    }

    /// Of that one class: folders of classes have no cache.
    private Path library() throws IOException {
        Path library = folder.resolve("speaker.jar");
        if (!Files.exists(library)) {
            String entry = Speaker.class.getName().replace('.', '/') + ".class";
            try (JarOutputStream jar = new JarOutputStream(Files.newOutputStream(library));
                    InputStream bytes = JvmCacheTest.class.getClassLoader().getResourceAsStream(entry)) {
                jar.putNextEntry(new JarEntry(entry));
                bytes.transferTo(jar);
            }
        }
        return library;
    }

    private static String output(List<String> command) throws IOException {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        return new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    }
}
