package io.hypaware.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.hypaware.home.Progress;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/// Who waits sees how far it is; what is done at once leaves no trace.
class LateProgressTest {

    private final BlockingQueue<String> told = new LinkedBlockingQueue<>();

    private final Progress line = new Progress() {
        @Override
        public void begin(String what, long files, long bytes) {
            told.add("%s %d files %d bytes".formatted(what, files, bytes));
        }

        @Override
        public void begin(String what, String unit, long all) {
            told.add("%s %d %s".formatted(what, all, unit));
        }

        @Override
        public void advance(long files, long bytes) {
            told.add("+%d +%d".formatted(files, bytes));
        }

        @Override
        public void end() {
            told.add("end");
        }
    };

    private String next() throws InterruptedException {
        return String.valueOf(told.poll(20, TimeUnit.SECONDS));
    }

    @Test
    void whatIsDoneAtOnceIsNotShown() {
        try (LateProgress progress = new LateProgress(() -> Optional.of(line), Duration.ofDays(1))) {
            progress.begin("reading", "parts", 2);
            progress.advance(0, 2);
            progress.end();
        }
        assertThat(told).isEmpty();
    }

    @Test
    void whatTakesLongIsShownWithWhatIsDoneAlready() throws Exception {
        try (LateProgress progress = new LateProgress(() -> Optional.of(line), Duration.ofMillis(200))) {
            progress.begin("reading", "parts", 3);
            progress.advance(0, 1);
            assertThat(List.of(next(), next())).containsExactly("reading 3 parts", "+0 +1");
            progress.advance(0, 1);
            progress.end();
            progress.begin("checking", 5, 70);
            progress.advance(2, 30);
            assertThat(List.of(next(), next(), next(), next()))
                    .containsExactly("+0 +1", "end", "checking 5 files 70 bytes", "+2 +30");
        }
        assertThat(next()).isEqualTo("end");
    }

    @Test
    void nothingIsShownWhereNobodyLooks() throws Exception {
        BlockingQueue<String> asked = new LinkedBlockingQueue<>();
        try (LateProgress progress = new LateProgress(
                () -> {
                    asked.add("asked");
                    return Optional.empty();
                },
                Duration.ZERO)) {
            assertThat(asked.poll(20, TimeUnit.SECONDS)).isEqualTo("asked");
            progress.begin("reading", "parts", 3);
            progress.advance(0, 1);
        }
        assertThat(told).isEmpty();
    }
}
