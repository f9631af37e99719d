package io.hypaware.testing;

import io.hypaware.config.S3Config;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;

/// A server that speaks S3, in a process of its own, which checks signatures and keeps buckets as folders. One serves
/// all tests of a process; each has a bucket of its own.
public final class S3Server {

    public static final String ACCESS_KEY = "AKIATESTTESTTEST";

    /// Nothing of ours may ever write it down.
    public static final String SECRET_KEY = "secretForTestsAloneSecretForTests";

    private static final AtomicInteger BUCKETS = new AtomicInteger();

    private static S3Server running;

    private final Path folder;
    private final int port;

    private S3Server(Path folder, int port) {
        this.folder = folder;
        this.port = port;
    }

    /// The server, started if it does not run.
    public static synchronized S3Server get() throws IOException, InterruptedException {
        if (running == null) {
            running = start();
        }
        return running;
    }

    private static S3Server start() throws IOException, InterruptedException {
        Path libraries = ServerModule.libraries("s3");
        Path folder = Files.createTempDirectory("hypaware-s3");
        Path buckets = Files.createDirectory(folder.resolve("buckets"));
        for (int attempt = 0; attempt < 5; attempt++) {
            int port = ServerModule.freePort();
            Path settings =
                    Files.writeString(folder.resolve("settings"), """
                    s3proxy.endpoint=http://127.0.0.1:%d
                    s3proxy.authorization=aws-v2-or-v4
                    s3proxy.identity=%s
                    s3proxy.credential=%s
                    jclouds.provider=filesystem-nio2
                    jclouds.filesystem.basedir=%s
                    """.formatted(port, ACCESS_KEY, SECRET_KEY, buckets));
            Process process = new ProcessBuilder(
                            Path.of(System.getProperty("java.home"), "bin", "java")
                                    .toString(),
                            "-Xmx128m",
                            "-XX:TieredStopAtLevel=1",
                            "-XX:+UseSerialGC",
                            "-cp",
                            libraries + "/*",
                            "org.gaul.s3proxy.Main",
                            "--properties",
                            settings.toString())
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start();
            Runtime.getRuntime().addShutdownHook(new Thread(() -> stop(process, folder)));
            if (answers(process, port)) {
                return new S3Server(buckets, port);
            }
        }
        throw new IOException("the S3 server does not start");
    }

    private static boolean answers(Process process, int port) throws InterruptedException {
        for (int i = 0; i < 600 && process.isAlive(); i++) {
            try (Socket _ = new Socket(InetAddress.getLoopbackAddress(), port)) {
                return true;
            } catch (IOException e) {
                Thread.sleep(50);
            }
        }
        return false;
    }

    private static void stop(Process process, Path folder) {
        try {
            process.destroyForcibly().waitFor(10, TimeUnit.SECONDS);
            try (Stream<Path> files = Files.walk(folder)) {
                for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                    Files.deleteIfExists(file);
                }
            }
        } catch (IOException | InterruptedException e) {
            // It is in the folder for temporary files.
        }
    }

    public int port() {
        return port;
    }

    /// A new bucket.
    public String bucket() throws IOException {
        String name = "bucket-" + BUCKETS.incrementAndGet();
        Files.createDirectory(folder.resolve(name));
        return name;
    }

    /// Where a bucket's files are.
    public Path files(String bucket) {
        return folder.resolve(bucket);
    }

    /// The settings of a bucket, reached directly or by a proxy before it.
    public static S3Config config(String bucket, String prefix, int port) {
        return new S3Config(
                bucket,
                prefix,
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.of("http://127.0.0.1:" + port),
                true);
    }

    /// For clients in this process: where the SDK looks for credentials first.
    public static void useCredentials() {
        System.setProperty("aws.accessKeyId", ACCESS_KEY);
        System.setProperty("aws.secretAccessKey", SECRET_KEY);
    }

    /// For those in another.
    public static List<String> environment() {
        return List.of("AWS_ACCESS_KEY_ID=" + ACCESS_KEY, "AWS_SECRET_ACCESS_KEY=" + SECRET_KEY);
    }
}
