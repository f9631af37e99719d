package io.hypaware.maintain;

import static io.hypaware.testing.RecordedCalls.message;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.hypaware.config.CacheConfig;
import io.hypaware.home.Cache;
import io.hypaware.home.Progress;
import io.hypaware.secret.Secrets;
import io.hypaware.testing.Configs;
import io.hypaware.testing.Processes;
import io.hypaware.testing.RecordedCalls;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Thousands of long texts are read in a heap that holds a few hundred of them: the engine hands over two thousand
/// rows at once.
class LongPartsTest {

    private static final String HEAP = "-Xmx80m";
    private static final int TEXTS = 2_100;
    private static final int CALLS = 15;

    @TempDir
    private static Path home;

    @BeforeAll
    static void recorded() throws Exception {
        Cache cache = cache(home);
        RecordedCalls calls = new RecordedCalls(cache.folder());
        String text = "word ".repeat(12_000);
        for (int call = 0; call < CALLS; call++) {
            List<ObjectNode> messages = new ArrayList<>();
            for (int i = 0; i < TEXTS / CALLS; i++) {
                messages.add(message(i % 2 == 0 ? "user" : "assistant", text + "needle" + call + "x" + i));
            }
            calls.call().session("s" + call).messages(messages).answer("A").record();
            calls.settle();
            new Flush(cache, config().maintenance(), _ -> {}).run();
        }
        Ticks.run(cache.folder(), config(), Clock.systemUTC(), Ticks.FORCED);
    }

    @Test
    void areFedOneAfterTheOther() throws Exception {
        assertThat(said(Feeding.class)).contains("fed " + (TEXTS + CALLS));
    }

    @Test
    void areLookedThroughOneAfterTheOther() throws Exception {
        assertThat(said(Scanning.class)).containsPattern("scanned [0-9]{4}");
    }

    private static String said(Class<?> process) throws Exception {
        return Processes.output(process, home, Map.of("JAVA_TOOL_OPTIONS", HEAP), home.toString());
    }

    /// Feeds the index of a home, in a process of its own.
    static final class Feeding {
        public static void main(String[] arguments) throws Exception {
            SearchFeed feed = new SearchFeed(
                    cache(Path.of(arguments[0])), config().maintenance().memoryBytes());
            feed.forget();
            System.out.println("fed "
                    + feed.run(Optional.empty(), Progress.NONE, () -> false).orElseThrow());
        }
    }

    /// Looks for secrets in all that a home has.
    static final class Scanning {
        public static void main(String[] arguments) throws Exception {
            SecretScan scan = new SecretScan(
                    cache(Path.of(arguments[0])),
                    config().maintenance().memoryBytes(),
                    Secrets.of(new byte[32], List.of()));
            System.out.println("scanned " + scan.run(Progress.NONE, () -> false));
        }
    }

    private static Cache cache(Path home) {
        return new Cache(home.resolve("cache"));
    }

    private static CacheConfig config() {
        return Configs.withCache("{\"retention\": {\"default_days\": 0}}")
                .query()
                .cache();
    }
}
