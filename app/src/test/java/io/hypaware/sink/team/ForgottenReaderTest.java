package io.hypaware.sink.team;

import static io.hypaware.testing.RecordedCalls.message;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.hypaware.dataset.Datasets;
import io.hypaware.home.Cache;
import io.hypaware.lake.Fence;
import io.hypaware.lake.ForgottenLists;
import io.hypaware.lake.LakeException;
import io.hypaware.lake.TeamLake;
import io.hypaware.testing.Configs;
import io.hypaware.testing.RecordedCalls;
import io.hypaware.testing.TeamWarehouse;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/// A payload that the team's lake has forgotten is sent again when a row needs it, whenever a machine hears of it.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ForgottenReaderTest {

    private Path folder;
    private TeamWarehouse warehouse;
    private int runs;

    TeamWarehouse.Kind kind() {
        return TeamWarehouse.Kind.POSTGRES_AND_FOLDER;
    }

    @BeforeAll
    void begin(@TempDir Path temporary) throws Exception {
        folder = temporary;
        warehouse = new TeamWarehouse(folder.resolve("warehouse"), kind());
    }

    @AfterAll
    void end() throws Exception {
        warehouse.close();
    }

    /// A machine with a namespace of its own.
    private final class Machine {

        private final String name;
        private final Cache cache;
        private final RecordedCalls calls;

        private Machine(String name) {
            this.name = name;
            this.cache = new Cache(folder.resolve(name).resolve("hypaware/cache"));
            this.calls = new RecordedCalls(cache.folder());
        }

        /// All calls have the same large value, and rows of their own.
        private void call(String session) {
            calls.call()
                    .session(session)
                    .system("be brief ".repeat(400))
                    .messages(message("user", "said in " + session))
                    .answer("answer")
                    .record();
            calls.settle();
        }

        private String section() {
            return warehouse.in(name).section(name);
        }

        private TeamLake lake() throws InterruptedException {
            return TeamLake.open(Configs.withLake(section()).lake().team().orElseThrow());
        }

        private void forward() throws Exception {
            forward(_ -> {});
        }

        private void forward(Consumer<ForwardStep> steps) throws Exception {
            new Forward(
                            new Forward.Environment(
                                    cache, Configs.defaults().query().cache().maintenance(), Clock.systemUTC(), steps),
                            Configs.withLake(section()).lake().team().orElseThrow())
                    .run(Optional.empty());
        }

        private List<String> payloads(String what) throws Exception {
            return warehouse.in(name).values(Datasets.PAYLOADS, "SELECT " + what + " FROM %s");
        }

        /// How often the large value is there.
        private String copies() throws Exception {
            return warehouse
                    .in(name)
                    .values(
                            Datasets.PAYLOADS,
                            "SELECT max(n)::VARCHAR FROM (SELECT count(*) AS n FROM %s"
                                    + " WHERE contains(text, 'be brief be brief') GROUP BY hash)")
                    .getFirst();
        }

        /// All payloads that are there are forgotten.
        private Fence forget() throws Exception {
            List<String> hashes = payloads("DISTINCT hash");
            String machine = payloads("DISTINCT _machine").getFirst();
            try (TeamLake lake = lake()) {
                return ForgottenLists.forget(lake, machine, hashes, "run" + runs++);
            }
        }

        private void raise(Fence fence) throws Exception {
            try (TeamLake lake = lake()) {
                lake.raise(fence);
            }
        }
    }

    @Test
    void whatIsForgottenIsSentAgainOnceAndOnlyWhenARowNeedsIt() throws Exception {
        Machine machine = new Machine("again");
        machine.call("a");
        machine.forward();
        assertThat(machine.copies()).isEqualTo("1");
        machine.call("b");
        machine.forward();
        assertThat(machine.copies()).isEqualTo("1");
        Fence fence = machine.forget();
        machine.raise(fence);
        machine.forward();
        assertThat(machine.copies()).as("nothing needs it").isEqualTo("1");
        machine.call("c");
        machine.forward();
        assertThat(machine.copies()).isEqualTo("2");
        try (TeamLake lake = machine.lake()) {
            assertThat(lake.forgotten().orElseThrow().read())
                    .containsExactly(
                            Map.entry(machine.payloads("DISTINCT _machine").getFirst(), fence.sequence()));
            machine.raise(ForgottenLists.forget(lake, "another", List.of("0".repeat(64)), "other"));
        }
        machine.call("d");
        machine.forward();
        assertThat(machine.copies()).as("one run has forgotten it once").isEqualTo("2");
    }

    @Tag("slow")
    @Test
    void rowsOfAForwardThatReadBeforeDoNotCome() throws Exception {
        for (ForwardStep step : List.of(ForwardStep.READ, ForwardStep.UPLOADED)) {
            Machine machine = new Machine("late_" + step.name().toLowerCase(Locale.ROOT));
            machine.call("a");
            machine.forward();
            machine.call("b");
            AtomicBoolean isDone = new AtomicBoolean();
            machine.forward(at -> {
                if (at == step && isDone.compareAndSet(false, true)) {
                    try {
                        machine.raise(machine.forget());
                    } catch (Exception e) {
                        throw new IllegalStateException(e);
                    }
                }
            });
            assertThat(isDone).isTrue();
            assertThat(machine.copies()).as(step.name()).isEqualTo("2");
        }
    }

    @Test
    void aDeathWhileItIsReadChangesNothing() throws Exception {
        Machine machine = new Machine("death");
        machine.call("a");
        machine.forward();
        machine.raise(machine.forget());
        machine.call("b");
        assertThatThrownBy(() -> machine.forward(step -> {
                    if (step == ForwardStep.FORGOTTEN) {
                        throw new IllegalStateException("dead");
                    }
                }))
                .hasMessage("dead");
        machine.forward();
        assertThat(machine.copies()).isEqualTo("2");
    }

    @Tag("slow")
    @Test
    void withoutTheListNothingGoesAndWithAnotherOneAllIsSentAgain() throws Exception {
        Machine machine = new Machine("lost");
        machine.call("a");
        machine.forward();
        Fence fence;
        try (TeamLake lake = machine.lake()) {
            fence = ForgottenLists.forget(lake, "another", List.of("0".repeat(64)), "other");
        }
        machine.raise(fence);
        machine.call("b");
        machine.forward();
        assertThat(machine.copies()).isEqualTo("1");
        try (TeamLake lake = machine.lake()) {
            ForgottenLists.drop(lake);
            machine.raise(new Fence(fence.list(), fence.sequence() + 1));
        }
        machine.call("c");
        assertThatThrownBy(machine::forward).isInstanceOf(LakeException.class).hasMessageContaining("is gone");
        try (TeamLake lake = machine.lake()) {
            machine.raise(lake.forgottenOrCreate().fence());
        }
        machine.forward();
        assertThat(machine.copies()).isEqualTo("2");
    }
}
