package io.hypaware.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

class WarmUpTest {

    /// As a class of the engine's would whose library is not there.
    static final class Unloadable {
        static final int LOADED = load();

        private static int load() {
            throw new UnsatisfiedLinkError("/opt/engine.so: cannot open shared object file");
        }

        private Unloadable() {}
    }

    @Test
    void endsByItself() {
        Instant begun = Instant.now();
        WarmUp.begin(List.of("query", "sql")).await();
        WarmUp.begin(List.of("status")).await();
        assertThat(Duration.between(begun, Instant.now())).isLessThan(Duration.ofSeconds(20));
        assertThat(Thread.getAllStackTraces().keySet())
                .extracting(Thread::getName)
                .doesNotContain("warm-up");
    }

    @Test
    void isNotForProcessesThatNobodyWaitsFor() {
        for (List<String> arguments :
                List.of(List.of("daemon", "run"), List.of("worker"), List.of("--version"), List.<String>of())) {
            WarmUp warmUp = WarmUp.begin(arguments);
            assertThat(Thread.getAllStackTraces().keySet())
                    .extracting(Thread::getName)
                    .doesNotContain("warm-up");
            warmUp.await();
        }
    }

    @Test
    void whatDidNotLoadIsSaidByWhoNeedsIt() {
        assertThat(failure()).isInstanceOf(UnsatisfiedLinkError.class);
        Throwable second = failure();
        assertThat(second).isInstanceOf(NoClassDefFoundError.class);
        assertThat(Faults.describe(second)).contains("/opt/engine.so: cannot open shared object file");
    }

    private static Throwable failure() {
        try {
            throw new AssertionError("loaded: " + Unloadable.LOADED);
        } catch (LinkageError e) {
            return e;
        }
    }
}
