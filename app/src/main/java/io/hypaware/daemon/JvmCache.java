package io.hypaware.daemon;

import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/// The JVM's caches of classes that belong to a distribution, one for each kind of process. All classes of a cache are
/// loaded at a process's start, whether it needs them or not, so that one for all would make each slower and larger.
///
/// A cache may be missing, cut or of other libraries: the JVM then starts without it.
public enum JvmCache {
    /// For the gateway.
    GATEWAY,
    /// For commands that open neither engine nor lake.
    PLAIN,
    /// For commands that query.
    QUERY,
    /// For workers and for all other commands.
    WORK;

    /// The folder of the caches; absent where a process is not of a distribution.
    private static final String FOLDER = "hypaware.jvm.caches";

    /// What each option of the JVM about caches begins with.
    private static final String OPTIONS = "-XX:AOT";

    /// Others may need it as well, so that it is not one of these options.
    private static final String UNLOCKED = "-XX:+UnlockDiagnosticVMOptions";

    private static final String WITHOUT_PROFILES = "-XX:-AOTRecordTraining";

    /// Looks at a cache's sum, too, which takes a millisecond for each megabyte. One with other bytes than were
    /// written, as a loss of power may leave behind, would end its process. For those that nobody starts by hand.
    static final String VERIFIED = "-XX:+VerifySharedSpaces";

    /// The options with which a JVM uses this cache.
    List<String> options() {
        return Optional.ofNullable(System.getProperty(FOLDER))
                .map(folder -> OPTIONS + "Cache=" + folder + "/" + name().toLowerCase(Locale.ROOT) + ".aot")
                .stream()
                .toList();
    }

    /// The options with which a JVM writes a cache when it ends. What it writes down for the optimizing compiler, which
    /// only commands have that take minutes, would be loaded at each start.
    static List<String> writing(Path cache) {
        return List.of(UNLOCKED, WITHOUT_PROFILES, OPTIONS + "CacheOutput=" + cache);
    }

    /// Whether an option says which cache a JVM uses or makes, and how.
    static boolean isOption(String argument) {
        return argument.startsWith(OPTIONS)
                || List.of(VERIFIED, WITHOUT_PROFILES).contains(argument);
    }
}
