package io.hypaware.daemon;

import static org.assertj.core.api.Assertions.assertThat;

import io.hypaware.home.HypHome;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What a worker's heap took while calls were projected does not stand beside the engine's memory afterwards.
class WorkerHeapTest {

    private static final String MEGABYTES = "MB=";

    @TempDir
    private Path root;

    /// Holds a hundred megabytes for a moment.
    static final class Greedy {

        public static void main(String[] arguments) {
            List<byte[]> held = new ArrayList<>();
            for (int i = 0; i < 1_600; i++) {
                held.add(new byte[64 * 1024]);
            }
            int most = held.size();
            held.clear();
            System.gc();
            System.out.println(most + MEGABYTES + (Runtime.getRuntime().totalMemory() >> 20));
        }

        private Greedy() {}
    }

    @Test
    void isGivenBack() throws IOException {
        String said = greedy(HypProcess.worker(new HypHome(root), List.of()));

        assertThat(said).contains(MEGABYTES);
        assertThat(Integer.parseInt(said.substring(said.indexOf(MEGABYTES) + MEGABYTES.length())
                        .strip()))
                .as(said)
                .isLessThan(40);
    }

    /// A worker sets aside what it has no room for; the gateway is to end.
    @Test
    void exhaustedDoesNotEndAWorker() {
        assertThat(HypProcess.inherited(List.of("-Xmx64m", "-XX:+ExitOnOutOfMemoryError", "-Dx=y")))
                .containsExactly("-Dx=y");
    }

    /// Java warns of sizes that do not fit each other, and does not start with a cache of classes then.
    @Test
    void ofACommandThatLastsIsOfSizesThatFit() throws IOException {
        assertThat(greedy(HypProcess.lasting())).startsWith("1600" + MEGABYTES);
    }

    /// What is said by a process with a heap as a command has it.
    private String greedy(ProcessBuilder of) throws IOException {
        List<String> command = new ArrayList<>(
                List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString()));
        command.addAll(distributed());
        of.command().stream().filter(option -> option.startsWith("-Xm")).forEach(command::add);
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), Greedy.class.getName()));
        return output(command);
    }

    /// The options that every process of a distribution has.
    private List<String> distributed() throws IOException {
        Path script = Path.of("..", "launcher", "jvm-args.sh");
        return output(List.of("sh", script.toString(), root.toString()))
                .lines()
                .filter(option -> option.startsWith("-XX:"))
                .toList();
    }

    private static String output(List<String> command) throws IOException {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        return new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    }
}
