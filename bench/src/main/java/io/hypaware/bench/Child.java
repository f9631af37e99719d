package io.hypaware.bench;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// A process that a benchmark starts, measures and ends.
record Child(Process process, int port) implements AutoCloseable {

    /// A main class of this module, which listens on the port that is its first argument.
    static Child java(Class<?> main, String... more) throws IOException, InterruptedException {
        int port = freePort();
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:+UseSerialGC",
                "-Xmx256m",
                "--enable-native-access=ALL-UNNAMED",
                "--sun-misc-unsafe-memory-access=allow",
                "-cp",
                System.getProperty("java.class.path"),
                main.getName(),
                Integer.toString(port)));
        command.addAll(Arrays.asList(more));
        return started(new ProcessBuilder(command), port);
    }

    /// Any program that comes to listen on a port.
    static Child program(int port, String... command) throws IOException, InterruptedException {
        return started(new ProcessBuilder(command), port);
    }

    /// Runs a main class of this module to its end, with the limits of a worker.
    static void worker(Class<?> main, String... arguments) throws IOException, InterruptedException {
        run(worker(main, List.of(arguments)).inheritIO());
    }

    /// The same; what it says goes to a file.
    static void worker(Class<?> main, Path out, String... arguments) throws IOException, InterruptedException {
        run(worker(main, List.of(arguments)).redirectErrorStream(true).redirectOutput(out.toFile()));
    }

    private static void run(ProcessBuilder builder) throws IOException, InterruptedException {
        if (builder.start().waitFor() != 0) {
            throw new IOException("the measured process failed");
        }
    }

    private static ProcessBuilder worker(Class<?> main, List<String> arguments) {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-Xmx160m",
                "-Xms16m",
                "-Xmn8m",
                "-XX:MinHeapFreeRatio=10",
                "-XX:MaxHeapFreeRatio=20",
                "-XX:-ShrinkHeapInSteps",
                "--enable-native-access=ALL-UNNAMED",
                "--sun-misc-unsafe-memory-access=allow",
                "-cp",
                System.getProperty("java.class.path"),
                main.getName()));
        command.addAll(arguments);
        ProcessBuilder builder = new ProcessBuilder(command);
        builder.environment().put("MALLOC_ARENA_MAX", "2");
        return builder;
    }

    /// A gateway as `hyp up` starts it, in a home of its own, before one provider.
    static Child gateway(Path root, Path home, int providerPort) throws IOException, InterruptedException {
        return gateway(root, home, providerPort, providerPort);
    }

    /// The same with a second upstream, `stalling`.
    static Child gateway(Path root, Path home, int providerPort, int stallingPort)
            throws IOException, InterruptedException {
        return gateway(root, home, List.of(providerPort, stallingPort), "");
    }

    /// The same with one upstream, and with telemetry.
    static Child receivingGateway(Path root, Path home, int providerPort, int telemetryPort)
            throws IOException, InterruptedException {
        return gateway(
                root,
                home,
                List.of(providerPort, providerPort),
                ", {\"name\": \"@hypaware/otel\", \"config\": {\"listen_port\": " + telemetryPort
                        + ", \"grpc_port\": 0}}");
    }

    private static Child gateway(Path root, Path home, List<Integer> providers, String morePlugins)
            throws IOException, InterruptedException {
        int port = freePort();
        Files.createDirectories(home);
        Files.writeString(home.resolve("hypaware-config.json"), """
                {"version": 2, "plugins": [{"name": "@hypaware/ai-gateway", "config": {"port": %d, "upstreams": [
                  {"name": "anthropic", "base_url": "http://127.0.0.1:%d", "provider": "anthropic"},
                  {"name": "openai", "base_url": "http://127.0.0.1:%d", "provider": "openai"},
                  {"name": "stalling", "base_url": "http://127.0.0.1:%d", "provider": "anthropic"}]}}%s]}""".formatted(
                        port, providers.getFirst(), providers.getFirst(), providers.getLast(), morePlugins));
        ProcessBuilder up = new ProcessBuilder(root.resolve("hyp").toString(), "up").inheritIO();
        up.environment().put("HYP_HOME", home.toString());
        up.redirectOutput(ProcessBuilder.Redirect.DISCARD);
        if (up.start().waitFor() != 0) {
            throw new IOException("hyp up failed");
        }
        String json = Files.readString(home.resolve("hypaware/run/gateway.json"));
        long pid = Long.parseLong(json.replaceAll(".*\"pid\":(\\d+).*", "$1"));
        return new Child(new Attached(ProcessHandle.of(pid).orElseThrow()), port);
    }

    /// Resident memory in megabytes, now.
    double rssMb() {
        return memory("VmRSS:");
    }

    /// The most it ever was.
    double peakMb() {
        return memory("VmHWM:");
    }

    @Override
    public void close() {
        process.destroy();
        try {
            process.waitFor();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        }
    }

    /// Resident memory of any process in megabytes; 0 if it has ended.
    static double residentMb(long pid) {
        return memory(pid, "VmRSS:");
    }

    /// The most resident memory that any process ever had, in megabytes; 0 if it has ended.
    static double peakMb(long pid) {
        return memory(pid, "VmHWM:");
    }

    private double memory(String key) {
        return memory(process.pid(), key);
    }

    private static double memory(long pid, String key) {
        Path status = Path.of("/proc/" + pid + "/status");
        if (!Files.exists(status)) {
            return 0;
        }
        try {
            return Files.readAllLines(status).stream()
                            .filter(l -> l.startsWith(key))
                            .mapToLong(l -> Long.parseLong(l.replaceAll("\\D", "")))
                            .sum()
                    / 1024.0;
        } catch (IOException e) {
            // it has just ended
            return 0;
        }
    }

    private static Child started(ProcessBuilder builder, int port) throws IOException, InterruptedException {
        Process process = builder.redirectError(ProcessBuilder.Redirect.INHERIT).start();
        for (int i = 0; i < 500; i++) {
            try (Socket _ = new Socket(InetAddress.getLoopbackAddress(), port)) {
                return new Child(process, port);
            } catch (IOException e) {
                Thread.sleep(20);
            }
        }
        process.destroy();
        throw new IOException("no one listens on " + port);
    }

    /// A process that another one started.
    private static final class Attached extends Process {
        private final ProcessHandle handle;

        private Attached(ProcessHandle handle) {
            this.handle = handle;
        }

        @Override
        public java.io.OutputStream getOutputStream() {
            return java.io.OutputStream.nullOutputStream();
        }

        @Override
        public java.io.InputStream getInputStream() {
            return java.io.InputStream.nullInputStream();
        }

        @Override
        public java.io.InputStream getErrorStream() {
            return java.io.InputStream.nullInputStream();
        }

        @Override
        public int waitFor() {
            handle.onExit().join();
            return 0;
        }

        @Override
        public int exitValue() {
            return 0;
        }

        @Override
        public void destroy() {
            handle.destroy();
        }

        /// Not the inherited one, which only asks.
        @Override
        public Process destroyForcibly() {
            handle.destroyForcibly();
            return this;
        }

        @Override
        public long pid() {
            return handle.pid();
        }
    }
}
