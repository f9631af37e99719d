package io.hypaware.query;

import static org.assertj.core.api.Assertions.assertThat;

import io.hypaware.engine.Engine;
import io.hypaware.lake.RowCondition;
import io.hypaware.lake.TeamLake;
import io.hypaware.project.Messages;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// What a query says of the rows that it needs is understood where it surely holds, and nothing else is.
class RowConditionsTest {

    private static final long DAY = 86_400_000_000L;
    private static final long BEGIN = Instant.parse("2026-01-05T00:00:00Z").toEpochMilli() * 1000;

    @TempDir
    private Path folder;

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '"', textBlock = """
            from M where message_created_at >= '2026-01-05'                              | AT_LEAST 0
            from M where message_created_at::date = '2026-01-05'                         | AT_LEAST 0, LESS 1
            from M where message_created_at between date '2026-01-05' and '2026-01-06'   | AT_LEAST 0, AT_MOST 1
            from M where timestamptz '2026-01-06' > message_created_at and true          | LESS 1
            from M m join exchanges e using (exchange_id) where m.message_created_at < date '2026-01-05' + interval 1 day | LESS 1
            from M where _machine = 'm' and _user in ('a', 'b')                          | _machine EQUAL m, _user EQUAL a b
            from M where _machine = 'm' or _user = 'a'                                   |
            from M m positional join exchanges e where m._machine = 'm'                  |
            from M m asof join exchanges e on m.message_created_at >= e.started_at where m._machine = 'm' |
            from M m join exchanges e using (exchange_id) where _machine = 'm'           |
            from M where cwd = '/work'                                                   |
            from M where tools = 'x'                                                     |
            from M where message_index = '5'                                             |
            from M where message_index = 5                                               | message_index EQUAL 5
            from M where _machine = lower(_user)                                         |
            from M where _machine = getenv_like(random()::varchar)                       |
            from (select * from M) where _machine = 'm'                                  |
            from M tablesample 10% where _machine = 'm'                                  |
            from M as t(_machine, a) where _machine = 'm'                                |
            from M where _machine = 'm' union all select 1 from M where _machine = 'n'   | _machine EQUAL m; _machine EQUAL n
            from exchanges where session_id in (select session_id from M where _machine = 'm') | _machine EQUAL m
            """)
    void conditionsAreOfTheTableThatIsNamed(String sql, String expected) throws Exception {
        try (Engine engine = Engine.open(64L << 20, 1, folder)) {
            SafeSql safe = SafeSql.check(
                    engine,
                    "select 1 " + sql.replace("M ", "ai_gateway_messages ").replace("M)", "ai_gateway_messages)"),
                    Set.of());
            List<List<RowCondition>> found = RowConditions.of(engine, safe, TeamLake.shared(Messages.DATASET));
            assertThat(found.stream()
                            .map(all ->
                                    all.stream().map(RowConditionsTest::text).collect(Collectors.joining(", ")))
                            .collect(Collectors.joining("; ")))
                    .isEqualTo(expected == null ? "" : expected);
        }
    }

    /// Times as days after the first.
    private static String text(RowCondition one) {
        boolean time = one.column().equals(Messages.DATASET.primaryTime());
        String values = one.values().stream()
                .map(value -> time ? Long.toString(((Long) value - BEGIN) / DAY) : value.toString())
                .collect(Collectors.joining(" "));
        return (time ? "" : one.column() + " ") + one.comparison() + " " + values;
    }
}
