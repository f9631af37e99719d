package io.hypaware.testing;

import io.hypaware.spark.SparkJars;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/// A Spark for tests, where `HYP_SPARK` names a folder of its jars or a file that says its class path
/// (`./check --interop`).
public final class Sparks {

    private static final String NAMED = System.getenv().getOrDefault("HYP_SPARK", "");

    public static Optional<SparkJars> jars() throws IOException, ReflectiveOperationException {
        if (NAMED.isEmpty()) {
            return Optional.empty();
        }
        Path named = Path.of(NAMED);
        if (Files.isDirectory(named)) {
            return Optional.of(SparkJars.of(named, Map.of()));
        }
        String driver = Class.forName("org.postgresql.Driver")
                .getProtectionDomain()
                .getCodeSource()
                .getLocation()
                .getPath();
        return Optional.of(new SparkJars(
                Path.of(System.getProperty("java.home"), "bin", "java"),
                Files.readString(named).strip() + ":" + driver,
                "1g"));
    }

    private Sparks() {}
}
