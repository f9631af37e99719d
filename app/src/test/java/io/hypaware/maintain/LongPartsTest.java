package io.hypaware.maintain;

import static io.hypaware.testing.RecordedCalls.message;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.hypaware.config.CacheConfig;
import io.hypaware.home.Cache;
import io.hypaware.home.Progress;
import io.hypaware.project.known.PartKey;
import io.hypaware.read.KnownRows;
import io.hypaware.read.Recorded;
import io.hypaware.secret.Secrets;
import io.hypaware.testing.Configs;
import io.hypaware.testing.Processes;
import io.hypaware.testing.RecordedCalls;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Thousands of long texts are read in a heap that holds a few hundred of them: the engine hands over two thousand
/// rows at once.
@Tag("slow")
class LongPartsTest {

    private static final String TEXT = "word ".repeat(12_000);
    private static final int TEXTS_OF_CALL = 140;

    @TempDir
    private Path home;

    @Test
    void areFedOneAfterTheOther() throws Exception {
        int calls = 15;
        record(calls, true);
        Ticks.run(cache(home).folder(), config(), Clock.systemUTC(), Ticks.FORCED);
        assertThat(said(Feeding.class, "-Xmx80m")).contains("fed " + (calls * TEXTS_OF_CALL + calls));
    }

    /// What is not flushed stands in the engine's memory without groups of any size.
    @Test
    void areLookedThroughOneAfterTheOther() throws Exception {
        record(7, false);
        assertThat(said(Scanning.class, "-Xmx48m")).containsPattern("scanned [0-9]{3}");
    }

    /// Who imports transcripts asks for what is known of their sessions.
    @Test
    void areKnownByWhatTheyHashTo() throws Exception {
        int calls = 15;
        record(calls, true);
        assertThat(said(Knowing.class, "-Xmx48m"))
                .contains("known " + calls * TEXTS_OF_CALL + " of " + calls * TEXTS_OF_CALL);
    }

    private void record(int count, boolean flushed) throws Exception {
        RecordedCalls calls = new RecordedCalls(cache(home).folder());
        for (int call = 0; call < count; call++) {
            List<ObjectNode> messages = new ArrayList<>();
            for (int i = 0; i < TEXTS_OF_CALL; i++) {
                messages.add(message(role(i), text(call, i)));
            }
            calls.call().session("s" + call).messages(messages).answer("A").record();
            calls.settle();
            if (flushed) {
                new Flush(cache(home), config().maintenance(), _ -> {}).run();
            }
        }
    }

    private static String role(int i) {
        return i % 2 == 0 ? "user" : "assistant";
    }

    private static String text(int call, int i) {
        return TEXT + "needle" + call + "x" + i;
    }

    private String said(Class<?> process, String heap) throws Exception {
        return Processes.output(process, home, Map.of("JAVA_TOOL_OPTIONS", heap), home.toString());
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

    /// Reads what is known of all sessions, and looks for what was said.
    static final class Knowing {
        public static void main(String[] arguments) throws Exception {
            Set<String> keys = new HashSet<>();
            Recorded recorded = new Recorded(
                    cache(Path.of(arguments[0])), config().maintenance().memoryBytes());
            KnownRows rows = new KnownRows(recorded);
            Set<String> sessions = rows.sessions();
            rows.read(sessions, part -> keys.add(part.key()));
            int known = 0;
            int all = 0;
            for (int call = 0; call < sessions.size(); call++) {
                for (int i = 0; i < TEXTS_OF_CALL; i++) {
                    PartKey.Columns said = new PartKey.Columns(role(i), "text", "", "", text(call, i), "", "");
                    known += keys.contains(PartKey.of(said)) ? 1 : 0;
                    all++;
                }
            }
            System.out.println("known " + known + " of " + all);
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
