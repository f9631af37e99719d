package io.hypaware.testing;

import java.io.File;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/// How processes of the tests start fast: with the classes under test as jars, and a cache that the JVM made of them
/// once
/// (JEP 514). Hundreds are started to be killed, and loading classes is most of their life.
final class ChildClasses {

    private static final List<String> OPTIONS = List.of(
            "--enable-native-access=ALL-UNNAMED",
            "--sun-misc-unsafe-memory-access=allow",
            "-XX:TieredStopAtLevel=1",
            "-XX:+UseSerialGC",
            // A sixth of such a short life.
            "-XX:+UnlockDiagnosticVMOptions",
            "-XX:-BytecodeVerificationRemote",
            "-Dvertx.disableDnsResolver=true",
            "-Dstdout.encoding=UTF-8",
            "-Dstderr.encoding=UTF-8",
            "-Djava.util.logging.config.file=" + System.getProperty("java.util.logging.config.file"));

    private static final int PATIENCE_SECONDS = 120;

    private static final List<String> JAVA = made();

    /// The command that starts a process, up to the name of its class.
    static List<String> java() {
        return JAVA;
    }

    private static List<String> made() {
        String[] path = System.getProperty("java.class.path").split(File.pathSeparator, -1);
        try {
            Path folder =
                    Files.createDirectories(Path.of("target", "child-classes").toAbsolutePath());
            try (FileChannel channel = FileChannel.open(
                            folder.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
                    FileLock _ = channel.lock()) {
                return made(folder, path);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new IllegalStateException("interrupted", e);
        }
    }

    private static List<String> made(Path folder, String[] path) throws IOException, InterruptedException {
        // Another test process, or an earlier run, may have made them of the same classes.
        Path made = folder.resolve(Long.toHexString(fingerprint(path)));
        Path cache = made.resolve("classes.aot");
        boolean isNew = !Files.isDirectory(made);
        if (isNew) {
            try (Stream<Path> older = Files.list(folder)) {
                for (Path file : older.filter(Files::isDirectory).toList()) {
                    Trees.delete(file);
                }
            }
            Files.createDirectories(made);
        }
        List<String> jars = new ArrayList<>();
        for (String element : path) {
            Path classes = Path.of(element);
            if (Files.isDirectory(classes)) {
                Path jar = made.resolve(jars.size() + ".jar");
                if (isNew) {
                    write(classes, jar);
                }
                jars.add(jar.toString());
            } else if (Files.isRegularFile(classes)) {
                jars.add(element);
            }
        }
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(OPTIONS);
        command.add("-cp");
        command.add(String.join(File.pathSeparator, jars));
        if (isNew) {
            train(command, cache, folder.resolve("home"));
        }
        if (Files.exists(cache)) {
            command.add(1, "-XX:AOTCache=" + cache);
            command.add(2, "-Xlog:aot*=off");
        }
        return List.copyOf(command);
    }

    /// As it is done when the distribution is built.
    private static void train(List<String> java, Path cache, Path home) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(java);
        command.add(1, "-XX:AOTCacheOutput=" + cache);
        command.add("io.hypaware.cli.Training");
        ProcessBuilder training = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(cache.resolveSibling("training.log").toFile());
        training.environment().put("HYP_HOME", home.toString());
        Process process = training.start();
        if (!process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
            process.destroyForcibly();
        }
        if (process.waitFor() != 0) {
            throw new IllegalStateException("the training of fast starts ended with " + process.exitValue() + "; see "
                    + cache.resolveSibling("training.log"));
        }
    }

    private static long fingerprint(String[] path) throws IOException {
        CRC32 sum = new CRC32();
        for (String element : path) {
            sum.update(element.getBytes(StandardCharsets.UTF_8));
            try (Stream<Path> files = Files.exists(Path.of(element)) ? Files.walk(Path.of(element)) : Stream.empty()) {
                for (Path file : files.filter(Files::isRegularFile).sorted().toList()) {
                    sum.update((file + " " + Files.size(file) + " "
                                    + Files.getLastModifiedTime(file).toMillis())
                            .getBytes(StandardCharsets.UTF_8));
                }
            }
        }
        return sum.getValue();
    }

    private static void write(Path classes, Path jar) throws IOException {
        try (OutputStream out = Files.newOutputStream(jar);
                ZipOutputStream zip = new ZipOutputStream(out);
                Stream<Path> files = Files.walk(classes)) {
            zip.setLevel(0);
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                zip.putNextEntry(
                        new ZipEntry(classes.relativize(file).toString().replace(File.separatorChar, '/')));
                Files.copy(file, zip);
                zip.closeEntry();
            }
        }
    }

    private ChildClasses() {}
}
