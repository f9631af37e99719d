package io.hypaware.spark;

import static java.util.Objects.requireNonNull;

import io.hypaware.home.HypHome;
import java.io.File;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/// A Spark that is on this machine: the user's own, as `SPARK_HOME` names it, or the one that `hyp lake spark` fetched.
///
/// @param java that runs it
/// @param classPath its jars
/// @param heap of the driver, as `-Xmx` takes it
public record SparkJars(Path java, String classPath, String heap) {

    static final String SPARK_VERSION = "4.1.1";
    static final String ICEBERG_VERSION = "1.12.0";

    /// The first whose client runs on this program's Java; Spark 4.1 itself names 3.4.2, which does not.
    static final String HADOOP_VERSION = "3.4.3";

    /// About what is fetched.
    public static final int DOWNLOAD_MB = 420;

    private static final String HEAP = "2g";
    private static final String DONE = "complete-with-s3";

    /// The Spark to be used.
    ///
    /// @throws SparkException if there is none
    public static SparkJars find(HypHome home, Map<String, String> environment) throws IOException {
        Path fetched = folder(home);
        if (!Files.exists(fetched.resolve(DONE))) {
            throw new SparkException("there is no Spark on this machine. Fetch one (about " + DOWNLOAD_MB
                    + " MB, from Maven Central): hyp lake spark");
        }
        return of(fetched.resolve("lib"), environment);
    }

    /// The Spark whose jars are in a folder, or the user's own with the Iceberg that is there.
    public static SparkJars of(Path lib, Map<String, String> environment) throws IOException {
        List<String> jars = new ArrayList<>();
        String own = environment.getOrDefault("SPARK_HOME", "");
        if (own.isEmpty()) {
            jars.add(lib + "/*");
        } else {
            Path folder = Path.of(own, "jars");
            if (!Files.isDirectory(folder)) {
                throw new SparkException("SPARK_HOME names " + own + ", in which there is no folder jars");
            }
            jars.add(folder + "/*");
            jars.addAll(iceberg(lib));
        }
        driver("org.postgresql.Driver").ifPresent(jars::add);
        driver("org.sqlite.JDBC").ifPresent(jars::add);
        return new SparkJars(java(environment, !own.isEmpty()), String.join(File.pathSeparator, jars), HEAP);
    }

    /// Where the program's own Spark is.
    static Path folder(HypHome home) {
        return home.root().resolve("hypaware/spark/" + SPARK_VERSION);
    }

    private static List<String> iceberg(Path lib) throws IOException {
        try (Stream<Path> files = Files.list(lib)) {
            return files.map(Path::toString)
                    .filter(name -> name.contains("/iceberg-"))
                    .toList();
        }
    }

    /// A Spark of the user's may need an older Java than ours; `JAVA_HOME` is then theirs.
    private static Path java(Map<String, String> environment, boolean isForeign) {
        String named = environment.getOrDefault("SPARK_JAVA_HOME", environment.getOrDefault("JAVA_HOME", ""));
        String home = isForeign && !named.isEmpty() ? named : System.getProperty("java.home");
        return Path.of(home, "bin", "java");
    }

    /// The jar in which the program itself has a database driver.
    private static Optional<String> driver(String name) {
        try {
            Class<?> driver = Class.forName(name, false, SparkJars.class.getClassLoader());
            return Optional.of(Path.of(driver.getProtectionDomain()
                            .getCodeSource()
                            .getLocation()
                            .toURI())
                    .toString());
        } catch (ClassNotFoundException | URISyntaxException e) {
            return Optional.empty();
        }
    }

    /// Fetches Spark by Maven, where it is not there yet.
    ///
    /// @param maven the program that is called
    /// @return bytes of its jars
    public static long fetch(HypHome home, Path maven) throws IOException, InterruptedException {
        Path folder = HypHome.privateFolder(folder(home));
        Path lib = folder.resolve("lib");
        if (!Files.exists(folder.resolve(DONE))) {
            Path project = folder.resolve("pom.xml");
            try (var pom = SparkJars.class.getResourceAsStream("pom.xml")) {
                String text = new String(
                        requireNonNull(pom, "the list of jars is not in the program")
                                .readAllBytes(),
                        StandardCharsets.UTF_8);
                Files.writeString(
                        project,
                        text.replace("SPARK_VERSION", SPARK_VERSION)
                                .replace("ICEBERG_VERSION", ICEBERG_VERSION)
                                .replace("HADOOP_VERSION", HADOOP_VERSION));
            }
            int code = new ProcessBuilder(
                            maven.toString(),
                            "-B",
                            "-q",
                            "-Dstyle.color=never",
                            "-f",
                            project.toString(),
                            "org.apache.maven.plugins:maven-dependency-plugin:3.11.0:copy-dependencies",
                            "-DoutputDirectory=" + lib,
                            "-DincludeScope=runtime")
                    .inheritIO()
                    .start()
                    .waitFor();
            if (code != 0) {
                throw new SparkException("Maven could not fetch Spark (exit code " + code
                        + "); what it fetched stays, and the" + " next attempt goes on: hyp lake spark");
            }
            Files.writeString(folder.resolve(DONE), SPARK_VERSION + "\n");
        }
        try (Stream<Path> jars = Files.list(lib)) {
            return jars.mapToLong(jar -> jar.toFile().length()).sum();
        }
    }
}
