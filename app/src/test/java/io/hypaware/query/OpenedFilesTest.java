package io.hypaware.query;

import static io.hypaware.testing.RecordedCalls.message;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.hypaware.dataset.Dataset;
import io.hypaware.dataset.Datasets;
import io.hypaware.home.Cache;
import io.hypaware.lake.Lake;
import io.hypaware.lake.LiveFile;
import io.hypaware.maintain.Flush;
import io.hypaware.testing.Configs;
import io.hypaware.testing.Queries;
import io.hypaware.testing.RecordedCalls;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.LocalDate;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// A query of a day opens that day's files, however many others there are: here the others are gone.
class OpenedFilesTest {

    private static final LocalDate ASKED = LocalDate.of(2026, 3, 3);
    private static final int DAYS = 4;

    @TempDir
    private Path folder;

    @BeforeEach
    void recordDaysAndLoseAllButOne() throws Exception {
        for (int day = 1; day <= DAYS; day++) {
            RecordedCalls calls = new RecordedCalls(folder);
            calls.call()
                    .session("s" + day)
                    .system(("system of day " + day + " ").repeat(300))
                    .messages(message("user", "question of day " + day))
                    .startedAt(Instant.parse("2026-03-0" + day + "T10:00:00Z"))
                    .answer("A")
                    .record();
            calls.settle();
            new Flush(new Cache(folder), Configs.defaults().query().cache().maintenance(), _ -> {}).run();
        }
        try (Lake lake = Lake.open(new Cache(folder))) {
            for (Dataset dataset : Datasets.all()) {
                for (LiveFile file :
                        lake.table(dataset).map(table -> table.files()).orElse(java.util.List.of())) {
                    if (!file.day().equals(Optional.of(ASKED))) {
                        Files.delete(file.path());
                    }
                }
            }
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "select count(*) from ai_gateway_messages where date = '2026-03-03' and role = 'user'",
                "select count(*) from ai_gateway_messages where role = 'user' and message_created_at"
                        + " between timestamptz '2026-03-03 00:00:00Z' and timestamptz '2026-03-03 23:00:00Z'",
                "select count(*) from exchanges where started_at::date = date '2026-03-03'",
                "select count(*) from ai_gateway_messages m join exchanges e using (exchange_id) where m.role = 'user'"
                        + " and m.date = '2026-03-03' and e.started_at > '2026-03-03' and e.started_at < '2026-03-04'",
            })
    void aDayThatIsAskedFor(String sql) throws Exception {
        assertThat(Queries.values(folder, sql)).containsExactly("1");
    }

    /// The day on which a payload came is known, so that its value is looked for there.
    @Test
    void valuesOfItsPayloads() throws Exception {
        assertThat(
                        Queries.values(
                                folder,
                                "select left(system_text, 15) from ai_gateway_messages where date = '2026-03-03' and role = 'user'"))
                .containsExactly("system of day 3");
        assertThat(Queries.values(
                        folder, "select count(request_body) from exchanges where started_at::date = '2026-03-03'"))
                .containsExactly("1");
    }

    @Test
    void aQueryOfAllDaysSaysThatFilesAreGone() {
        assertThatThrownBy(() -> Queries.values(folder, "select count(*) from ai_gateway_messages where role = 'user'"))
                .isInstanceOf(Exception.class);
    }
}
