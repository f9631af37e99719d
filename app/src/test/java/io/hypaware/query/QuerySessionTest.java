package io.hypaware.query;

import static io.hypaware.testing.RecordedCalls.message;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.hypaware.dataset.Dataset;
import io.hypaware.dataset.Datasets;
import io.hypaware.home.Cache;
import io.hypaware.testing.Queries;
import io.hypaware.testing.RecordedCalls;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// What SQL can and cannot do here, and how its results look.
class QuerySessionTest {

    @TempDir
    private Path folder;

    private RecordedCalls calls;

    @BeforeEach
    void record() {
        calls = new RecordedCalls(folder);
        calls.call()
                .session("s")
                .system("be brief ".repeat(300))
                .tools("Read")
                .messages(message("user", "a\u001b[31m\n|b"))
                .answer("A")
                .record();
        calls.settle();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "copy exchanges to 'x.csv'",
                "copy (select 1) to '/tmp/hypaware-test-x.csv'",
                "attach '/tmp/x.db'",
                "install httpfs",
                "load httpfs",
                "pragma database_list",
                "set memory_limit = '10GB'",
                "create table x as select 1",
                "drop view exchanges",
                "insert into exchanges select * from exchanges",
                "delete from exchanges",
                "call pragma_version()",
                "export database '/tmp/x'",
                "select 1; drop view exchanges",
                "select * from read_parquet('x')",
                "select * from read_csv('/etc/passwd')",
                "select * from information_schema.views",
                "select * from information_schema.character_sets",
                "select * from read_text('/etc/passwd')",
                "select (select content from read_text('/etc/passwd'))",
                "select * from glob('/*')",
                "select * from '/etc/passwd'",
                "select * from '/tmp/x.parquet'",
                "with x as (select * from read_blob('/etc/passwd')) select * from x",
                "select * from duckdb_settings()",
                "select * from query('select 1')",
                "select * from query_table('exchanges')",
                "select * from sniff_csv('/etc/passwd')",
                "select * from exchanges where exists (from read_text('/etc/passwd'))",
                "explain analyze copy exchanges to 'x.csv'",
                "explain select * from read_text('/etc/passwd')",
                "summarize '/etc/passwd'",
                "describe select * from read_text('/etc/passwd')",
                "select getenv('HOME')",
                "select * from hot_exchanges",
                "select * from stored_exchanges",
                "select * from duckdb_settings where exists (with duckdb_settings as (select 1) select * from duckdb_settings)",
                "select (with catalog as (select 1 x) select x from catalog), * from catalog",
                "with a as (select * from b), b as (select 1) select * from a",
                "with sqlite_master as (select * from sqlite_master) select * from sqlite_master",
                "select json_serialize_plan('select 1')",
                "select sleep_ms(1000)",
                "summarize duckdb_settings",
                ""
            })
    void nothingButDatasetsIsRead(String sql) throws Exception {
        assertThatThrownBy(() -> read(sql)).isInstanceOf(QueryException.class);
        assertThat(Files.exists(Path.of("x.csv"))).isFalse();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "select count(*) from exchanges",
                "from exchanges select count(*)",
                "with e as (select * from exchanges) select count(*) from e",
                "with a as (select * from exchanges), b as (select * from a) select count(*) from b",
                "with a as (select 1 x) select count(*) from exchanges where exists (select x from a)",
                "with recursive t(n) as (select 1 union all select n + 1 from t where n < 5) select 1",
                "select count(*) from exchanges e join ai_gateway_messages m using (exchange_id) where m.role = 'user'",
                "select json_extract(attributes, '$.x') is null from ai_gateway_messages where role = 'user'",
                "values (1)",
                "select 1 -- a comment; not a statement",
                "select 1 /* ; */ ;",
                "select count(*) from main.exchanges",
                "select max(n) - 1 from range(3) t(n)",
                "select 1 where 'it''s ; fine' is not null"
            })
    void queriesRun(String sql) throws Exception {
        assertThat(read(sql)).hasSize(1).first().isIn("1", "true");
    }

    @Test
    void severalStatementsRunInTurn() throws Exception {
        assertThat(read("select 'a;b'; select role from ai_gateway_messages where role = 'user'; select 3"))
                .containsExactly("a;b", "user", "3");
    }

    @Test
    void payloadsAppearAsIfStoredInTheRow() throws Exception {
        assertThat(read("select system_text from ai_gateway_messages limit 1"))
                .containsExactly("be brief ".repeat(300));
        assertThat(read("select tools->>'$[0].name' from ai_gateway_messages limit 1"))
                .containsExactly("Read");
        assertThat(read("select count(*) from payloads where size = 2700")).containsExactly("1");
    }

    @Test
    void unknownNamesGetTheNearest() {
        assertThatThrownBy(() -> read("select * from exchange")).hasMessageContaining("did you mean exchanges?");
        assertThatThrownBy(() -> read("select content_txt from ai_gateway_messages"))
                .hasMessageContaining("did you mean content_text?");
        assertThatThrownBy(() -> read("select * from nothing_like_it"))
                .hasMessageContaining(
                        "ai_gateway_messages, claude_telemetry_events, exchanges, limits, logs, message_facts, metrics, payloads");
        assertThatThrownBy(() -> read("select from where")).hasMessageContaining("syntax error");
    }

    @Test
    void theRowIdIsThereForThoseWhoAskOnly() throws Exception {
        assertThat(read("select _row_id from ai_gateway_messages limit 1").getFirst())
                .endsWith("#0");
        assertThat(written(OutputFormat.JSONL, "select * from ai_gateway_messages limit 1"))
                .doesNotContain("_row_id");
    }

    @Test
    void overTheMemoryLimitThereIsAClearError() throws Exception {
        assertThatThrownBy(() -> {
                    try (QuerySession session = QuerySession.open(
                            new Cache(folder),
                            34 << 20,
                            "select list(repeat('x', 10000) || i order by i) from range(1000000) t(i)")) {
                        session.run(result -> {
                            while (result.next()) {}
                        });
                    }
                })
                .isInstanceOf(QueryException.class)
                .hasMessageContaining("query.memory_bytes");
        try (var left = Files.list(folder.resolve("spill"))) {
            assertThat(left).isEmpty();
        }
    }

    @Test
    void formats() throws Exception {
        String sql = "select role, message_index, content_text from ai_gateway_messages order by message_index";
        assertThat(written(OutputFormat.JSONL, sql))
                .isEqualTo("{\"role\":\"user\",\"message_index\":0,\"content_text\":\"a\\u001B[31m\\n|b\"}\n"
                        + "{\"role\":\"assistant\",\"message_index\":1,\"content_text\":\"A\"}\n");
        assertThat(RecordedCalls.JSON.readTree(written(OutputFormat.JSON, sql))).hasSize(2);
        assertThat(written(OutputFormat.CSV, "select 'a,b\"c' x, null y, 1.5 z"))
                .isEqualTo("x,y,z\n\"a,b\"\"c\",,1.5\n");
        assertThat(written(OutputFormat.MARKDOWN, sql))
                .isEqualTo("| role | message_index | content_text |\n| --- | ---: | --- |\n"
                        + "| user | 0 | a\\u001b[31m\\n\\|b |\n| assistant | 1 | A |\n");
    }

    /// Readers of ISO 8601 differ in whether they take a time without seconds.
    @Test
    void timesHaveSeconds() throws Exception {
        String times =
                "select timestamptz '2026-03-01 10:00:00Z' t, timestamptz '2026-03-01 10:00:00.5Z' u, time '10:00' v";
        assertThat(written(OutputFormat.CSV, times))
                .isEqualTo("t,u,v\n2026-03-01T10:00:00Z,2026-03-01T10:00:00.500Z,10:00:00\n");
        assertThat(written(OutputFormat.JSONL, "select [timestamptz '2026-03-01 10:00:00Z'] t, time '10:00' v"))
                .isEqualTo("{\"t\":[\"2026-03-01T10:00:00Z\"],\"v\":\"10:00:00\"}\n");
        assertThat(written(OutputFormat.TABLE, "select timestamptz '2026-03-01 10:00:00Z' t"))
                .contains("2026-03-01T10:00:00Z");
    }

    @Test
    void aTableFitsItsTerminalAndShowsNoControlCharacters() throws Exception {
        String table = written(
                OutputFormat.TABLE,
                "select role, message_index as n, repeat(content_text, 100) t from ai_gateway_messages order by n");
        assertThat(table.lines()).allSatisfy(line -> assertThat(line.length()).isLessThanOrEqualTo(60));
        assertThat(table).contains("a\\u001b[31m\\n|b").contains("2 rows").doesNotContain("\u001b");
    }

    @Test
    void showTablesNamesTheDatasets() throws Exception {
        assertThat(Queries.values(folder, "SHOW TABLES;"))
                .startsWith(
                        "ai_gateway_messages",
                        "claude_telemetry_events",
                        "exchanges",
                        "limits",
                        "logs",
                        "message_facts",
                        "metrics",
                        "payloads")
                .isEqualTo(Datasets.all().stream().map(Dataset::name).sorted().toList());
    }

    @Test
    void aTableFitsTheTerminalAndSaysWhatItLeftOut() throws Exception {
        String table = written(
                OutputFormat.TABLE,
                "select 'long '.repeat(30) as words, 1234567890123 as n, timestamp '2026-03-01 10:00:00' as t,"
                        + " 'second '.repeat(30) as more, 1 as last");
        assertThat(table.lines()).allMatch(line -> line.length() <= 60);
        assertThat(table)
                .contains("1234567890123", "2026-03-01 10:00:00", "long lo", "…")
                .endsWith("no room for: more, last\n");
    }

    @Test
    void anEmptyHomeHasEmptyDatasets() throws Exception {
        assertThat(read(folder.resolve("empty"), "select count(*) from ai_gateway_messages"))
                .containsExactly("0");
    }

    private List<String> read(String sql) throws Exception {
        return read(folder, sql);
    }

    private static List<String> read(Path cache, String sql) throws Exception {
        List<String> values = new ArrayList<>();
        try (QuerySession session = QuerySession.open(new Cache(cache), 256 << 20, sql)) {
            session.run(result -> {
                while (result.next()) {
                    values.add(result.getString(1));
                }
            });
        }
        return values;
    }

    private String written(OutputFormat format, String sql) throws Exception {
        StringWriter out = new StringWriter();
        ResultWriter writer = new ResultWriter(format, new PrintWriter(out), 60, 0, false);
        try (QuerySession session = QuerySession.open(new Cache(folder), 256 << 20, sql)) {
            session.run(writer::write);
        }
        return out.toString();
    }

    @Test
    void littleMemoryIsNotSharedByThreads() {
        assertThat(QuerySession.threads(112L << 20, 8)).isEqualTo(1);
        assertThat(QuerySession.threads(256L << 20, 8)).isEqualTo(4);
        assertThat(QuerySession.threads(256L << 20, 2)).isEqualTo(2);
        assertThat(QuerySession.threads(1 << 20, 1)).isEqualTo(1);
    }

    /// What the driver says where two thousand long values do not fit in the heap.
    @Test
    void saysWhatToDoAboutRowsThatAreTooLong() throws Exception {
        try (QuerySession session = QuerySession.open(new Cache(folder), 256 << 20, "select 1")) {
            assertThatThrownBy(() -> session.run(_ -> {
                        throw new SQLException("Invalid Error: Java heap space");
                    }))
                    .isInstanceOf(QueryException.class)
                    .hasMessageContaining("too long for this command's memory")
                    .hasMessageContaining("substring")
                    .hasMessageContaining("hyp export");
        }
    }

    @Test
    void saysWhatToDoAboutADamagedFile() throws Exception {
        try (QuerySession session = QuerySession.open(new Cache(folder), 256 << 20, "select 1")) {
            assertThatThrownBy(() -> session.run(_ -> {
                        throw new SQLException(
                                "Invalid Input Error: No magic bytes found at end of file '/lake/data/a.parquet'");
                    }))
                    .isInstanceOf(QueryException.class)
                    .hasMessageStartingWith("/lake/data/a.parquet cannot be read")
                    .hasMessageContaining("hyp cache check");
        }
    }
}
