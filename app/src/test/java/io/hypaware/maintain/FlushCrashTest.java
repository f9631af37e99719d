package io.hypaware.maintain;

import static io.hypaware.testing.RecordedCalls.message;
import static org.assertj.core.api.Assertions.assertThat;

import io.hypaware.config.MaintenanceConfig;
import io.hypaware.home.Cache;
import io.hypaware.testing.Configs;
import io.hypaware.testing.Processes;
import io.hypaware.testing.Queries;
import io.hypaware.testing.RecordedCalls;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// R1: whatever step a flush dies at, no projected row is lost and none is there twice, for readers at that
/// moment and after the next flush.
class FlushCrashTest {

    private static final int ROWS = 6;

    @TempDir
    private Path folder;

    @ParameterizedTest
    @EnumSource(names = {"COMMITTED"})
    void dyingAtAStepLosesAndDoublesNothing(FlushStep step) throws Exception {
        dyingLosesAndDoublesNothing(step);
    }

    @Tag("slow")
    @ParameterizedTest
    @EnumSource(
            mode = EnumSource.Mode.EXCLUDE,
            names = {"COMMITTED"})
    void dyingAtAnyStepLosesAndDoublesNothing(FlushStep step) throws Exception {
        dyingLosesAndDoublesNothing(step);
    }

    private void dyingLosesAndDoublesNothing(FlushStep step) throws Exception {
        RecordedCalls calls = new RecordedCalls(folder);
        calls.call()
                .session("s")
                .system("x".repeat(2_000))
                .messages(message("user", "a"))
                .answer("A")
                .record();
        calls.settle();
        flush();
        calls.call()
                .session("s")
                .system("y".repeat(2_000))
                .messages(message("user", "a"), message("assistant", "A"), message("user", "b"))
                .answer("B")
                .record();
        calls.call().session("t").messages(message("user", "c")).answer("C").record();
        calls.settle();

        // the first and the last of the datasets that the flush comes to, or each
        for (int occurrence : Processes.EACH_DEATH ? List.of(1, 2, 3) : List.of(1, 3)) {
            Process dying = Processes.java(
                    DyingFlush.class, folder, folder.toString(), step.name(), Integer.toString(occurrence));
            assertThat(dying.waitFor(60, TimeUnit.SECONDS)).isTrue();
            assertThat(read("""
                    select {
                      texts: (select list(content_text order by content_text) from ai_gateway_messages),
                      exchanges: (select count(*) from exchanges),
                      bodies: (select count(distinct sha256(request_body)) from exchanges),
                      large: (select count(*) from payloads where size = 2000),
                      twice: (select count(*) - count(distinct hash) from payloads)}::json""")).containsExactly("""
                            {"texts":["A","B","C","a","b","c"],"exchanges":3,"bodies":3,"large":2,"twice":0}""");
        }

        flush();
        assertThat(read("select _row_id from ai_gateway_messages"))
                .hasSize(ROWS)
                .doesNotHaveDuplicates();
        assertThat(read("select count(*) from ai_gateway_messages where system_text = repeat('y', 2000)"))
                .containsExactly("2");
        assertThat(calls.messages()).isEmpty();
    }

    private void flush() throws Exception {
        new Flush(new Cache(folder), config(), _ -> {}).run();
    }

    private List<String> read(String sql) throws Exception {
        return Queries.values(folder, sql);
    }

    private static MaintenanceConfig config() {
        return Configs.defaults().query().cache().maintenance();
    }

    /// A flush that dies, as by SIGKILL, at the n-th time it comes to a step.
    static final class DyingFlush {
        public static void main(String[] arguments) throws Exception {
            new Flush(
                            new Cache(Path.of(arguments[0])),
                            config(),
                            Processes.dyingAt(arguments[1], Integer.parseInt(arguments[2])))
                    .run();
        }
    }
}
