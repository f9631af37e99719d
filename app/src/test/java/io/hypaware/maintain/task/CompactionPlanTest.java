package io.hypaware.maintain.task;

import static org.assertj.core.api.Assertions.assertThat;

import io.hypaware.testing.Configs;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/// Which files are written together.
class CompactionPlanTest {

    @Test
    void aDayThatGoesOnIsCompactedOnlyWhenItHasManyFiles() {
        var measures = new CompactionPlan.Measures<Long>(size -> size, _ -> true, _ -> false);
        var config = Configs.defaults().query().cache().maintenance();
        List<Long> few = java.util.Collections.nCopies(20, 1_000_000L);
        List<Long> many = java.util.Collections.nCopies(40, 1_000_000L);

        assertThat(CompactionPlan.of(few, measures, config, false, false).bins())
                .isEmpty();
        assertThat(CompactionPlan.of(many, measures, config, false, false).bins())
                .hasSize(1);
        assertThat(CompactionPlan.of(few, measures, config, true, false).bins()).hasSize(1);
        assertThat(CompactionPlan.of(few, measures, config, false, true).bins()).hasSize(1);
    }

    /// Whatever the sizes: no file twice, no bin over the target, none of one file, and planning what came out
    /// gives nothing more.
    @Test
    void plansOfRandomDaysEnd() {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        var measures = new CompactionPlan.Measures<Long>(size -> size, _ -> true, _ -> false);
        var config = Configs.defaults().query().cache().maintenance();
        for (int day = 0; day < 500; day++) {
            List<Long> files = new java.util.ArrayList<>(random.longs(random.nextInt(200), 1_000, 200_000_000)
                    .boxed()
                    .toList());
            for (int round = 0; round < 50; round++) {
                CompactionPlan<Long> plan = CompactionPlan.of(files, measures, config, true, false);
                if (plan.bins().isEmpty()) {
                    break;
                }
                int before = files.size();
                for (List<Long> bin : plan.bins()) {
                    assertThat(bin).as("seed " + seed).hasSizeGreaterThan(1);
                    long sum = bin.stream().mapToLong(Long::longValue).sum();
                    assertThat(sum).as("seed " + seed).isLessThanOrEqualTo(config.targetFileBytes());
                    bin.forEach(file ->
                            assertThat(files.remove(file)).as("seed " + seed).isTrue());
                    files.add(sum);
                }
                assertThat(files.size()).as("seed " + seed).isLessThan(before);
                assertThat(round).as("seed " + seed).isLessThan(49);
            }
        }
    }
}
