package io.hypaware.testing;

import io.hypaware.dataset.Hashes;
import io.hypaware.home.Folders;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/// Lets processes that tests start begin sooner: the JVM's archive of the classes under test, made once for
/// each build. The JVM archives no folders, so that these are packed as jars beside it.
///
/// Making it takes as long as some starts, so that the first few of a run go without.
final class SharedClasses {

    private static final int STARTS_WITHOUT = 3;
    private static final int MOST_SECONDS = 120;
    private static final String ARCHIVE = "classes.jsa";

    private static final AtomicInteger STARTS = new AtomicInteger();

    private static List<String> made = List.of();

    /// What a process's JVM is to be told about where its classes are.
    ///
    /// @param jvm the command that starts it, up to there
    static List<String> options(List<String> jvm) throws IOException {
        if (STARTS.incrementAndGet() <= STARTS_WITHOUT) {
            return List.of("-cp", classPath());
        }
        return shared(jvm);
    }

    private static synchronized List<String> shared(List<String> jvm) throws IOException {
        if (made.isEmpty()) {
            Path folder = Files.createDirectories(Path.of("target", "shared-classes"));
            try (FileChannel lock = FileChannel.open(
                            folder.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
                    var _ = lock.lock()) {
                made = make(folder.toAbsolutePath(), jvm);
            }
        }
        return made;
    }

    private static List<String> make(Path folder, List<String> jvm) throws IOException {
        Path own = folder.resolve(build(jvm));
        String classPath = Arrays.stream(entries())
                .map(entry ->
                        Files.isDirectory(Path.of(entry)) ? jar(own, entry).toString() : entry)
                .collect(Collectors.joining(":"));
        Path archive = own.resolve(ARCHIVE);
        if (!Files.isDirectory(own)) {
            forget(folder);
            Files.createDirectories(own);
            for (String entry : entries()) {
                if (Files.isDirectory(Path.of(entry))) {
                    pack(Path.of(entry), jar(own, entry));
                }
            }
            train(jvm, classPath, archive);
        }
        // Where it could not be made, processes start as they do without.
        return Files.exists(archive)
                ? List.of("-XX:SharedArchiveFile=" + archive, "-Xlog:cds*=off", "-Xlog:aot*=off", "-cp", classPath)
                : List.of("-cp", classPath());
    }

    /// Walks through what commands and workers do, in a home that is thrown away.
    private static void train(List<String> jvm, String classPath, Path archive) throws IOException {
        Path home = Files.createTempDirectory("hypaware-shared-classes");
        try {
            RecordedCalls calls = new RecordedCalls(home.resolve("hypaware/cache"));
            for (int i = 0; i < 3; i++) {
                calls.call()
                        .session("s" + i)
                        .system("word ".repeat(1_000))
                        .messages(RecordedCalls.message("user", "say more " + i))
                        .answer("more")
                        .record();
            }
            Path aside = archive.resolveSibling(ARCHIVE + ".new");
            List<String> command = new ArrayList<>(jvm);
            command.addAll(
                    List.of("-XX:ArchiveClassesAtExit=" + aside, "-cp", classPath, "io.hypaware.cli.Training", "work"));
            ProcessBuilder builder = new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD);
            builder.environment()
                    .putAll(Map.of(
                            "HYP_HOME",
                            home.toString(),
                            "HOME",
                            home.resolve("user").toString()));
            Process training = builder.start();
            if (!training.waitFor(MOST_SECONDS, TimeUnit.SECONDS)) {
                training.destroyForcibly().waitFor();
            } else if (training.exitValue() == 0 && Files.exists(aside)) {
                Files.move(aside, archive, StandardCopyOption.ATOMIC_MOVE);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            Folders.delete(home);
        }
    }

    private static String[] entries() {
        return classPath().split(":", -1);
    }

    private static String classPath() {
        return System.getProperty("java.class.path");
    }

    private static Path jar(Path own, String folder) {
        return own.resolve(Path.of(folder).getFileName() + ".jar");
    }

    /// A name for what is built now.
    private static String build(List<String> jvm) throws IOException {
        StringBuilder said = new StringBuilder(String.join(" ", jvm)).append(classPath());
        for (String entry : entries()) {
            if (!Files.exists(Path.of(entry))) {
                continue;
            }
            try (Stream<Path> files = Files.walk(Path.of(entry))) {
                for (Path file : files.sorted().toList()) {
                    BasicFileAttributes attributes = Files.readAttributes(file, BasicFileAttributes.class);
                    said.append(file).append(attributes.lastModifiedTime().toMillis());
                }
            }
        }
        return Hashes.sha256(said.toString().getBytes(StandardCharsets.UTF_8)).substring(0, 16);
    }

    /// Takes builds from before away.
    private static void forget(Path folder) throws IOException {
        List<Path> before;
        try (Stream<Path> builds = Files.list(folder)) {
            before = builds.filter(Files::isDirectory).toList();
        }
        for (Path build : before) {
            Folders.delete(build);
        }
    }

    /// As they are: to pack them tighter would cost each start.
    private static void pack(Path folder, Path jar) throws IOException {
        try (OutputStream out = Files.newOutputStream(jar);
                ZipOutputStream zip = new ZipOutputStream(out);
                Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.filter(Files::isRegularFile).sorted().toList()) {
                byte[] bytes = Files.readAllBytes(file);
                ZipEntry entry = new ZipEntry(folder.relativize(file).toString());
                CRC32 sum = new CRC32();
                sum.update(bytes);
                entry.setMethod(ZipEntry.STORED);
                entry.setSize(bytes.length);
                entry.setCrc(sum.getValue());
                zip.putNextEntry(entry);
                zip.write(bytes);
            }
        }
    }

    private SharedClasses() {}
}
