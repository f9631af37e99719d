package io.hypaware.maintain;

import static org.assertj.core.api.Assertions.assertThat;

import io.hypaware.journal.Journal;
import io.hypaware.legacy.AdoptionStep;
import io.hypaware.testing.Configs;
import io.hypaware.testing.OlderHome;
import io.hypaware.testing.Processes;
import io.hypaware.testing.Queries;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A partition at which workers die does not keep the others from being maintained.
class SetAsideTest {

    @TempDir
    private Path home;

    @Test
    void afterThreeDeathsAPartitionIsSetAsideAndTheOthersGoOn() throws Exception {
        Path cache = OlderHome.copyTo(home, Instant.now().minus(Duration.ofDays(3)));
        for (int death = 0; death < 3; death++) {
            Process worker = Processes.java(Dying.class, home, cache.toString());
            assertThat(worker.waitFor(60, TimeUnit.SECONDS)).isTrue();
            assertThat(worker.exitValue()).isEqualTo(137);
        }

        Report report = tick(cache, Ticks.WHOLE);

        assertThat(report.failed()).singleElement().satisfies(f -> {
            assertThat(f.partition()).isEqualTo("source=claude");
            assertThat(f.why()).contains("set aside after 3").contains("--force");
        });
        assertThat(OlderHome.storedRows(cache)).hasSize(324 - 223);
        try (Journal journal = Journal.open(cache.resolve("journal.db"))) {
            assertThat(journal.problems().newest(5)).anyMatch(p -> p.message().contains("set aside"));
        }

        assertThat(tick(cache, Ticks.FORCED).failed()).isEmpty();
        assertThat(OlderHome.storedRows(cache)).hasSize(324);
    }

    private static Report tick(Path cache, Maintenance.Options options) throws Exception {
        return Ticks.run(cache, Configs.defaults().query().cache(), Clock.systemUTC(), options);
    }

    /// Dies whenever it comes to the partition that has duplicates.
    static final class Dying {
        public static void main(String[] arguments) throws Exception {
            Path cache = Path.of(arguments[0]);
            Ticks.run(cache, Configs.defaults().query().cache(), Clock.systemUTC(), Ticks.WHOLE, step -> {
                if (step == AdoptionStep.IDS_READ && atTheLarge(cache)) {
                    Runtime.getRuntime().halt(137);
                }
            });
        }

        private static boolean atTheLarge(Path cache) {
            try {
                return Queries.values(cache, "select count(*) from ai_gateway_messages")
                        .contains("41");
            } catch (Exception e) {
                return false;
            }
        }
    }
}
