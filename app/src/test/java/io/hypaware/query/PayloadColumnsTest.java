package io.hypaware.query;

import static io.hypaware.testing.RecordedCalls.JSON;
import static io.hypaware.testing.RecordedCalls.message;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ArrayNode;
import io.hypaware.dataset.Hashes;
import io.hypaware.home.Cache;
import io.hypaware.maintain.Flush;
import io.hypaware.project.ExchangeRow;
import io.hypaware.testing.Configs;
import io.hypaware.testing.Queries;
import io.hypaware.testing.RecordedCalls;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Payload columns work as if their values stood in the row, from the journal and from the lake, and cost nothing where
/// they are not named.
class PayloadColumnsTest {

    private static final int CALLS = 12;

    @TempDir
    private Path folder;

    private final List<byte[]> requests = new ArrayList<>();
    private final List<byte[]> responses = new ArrayList<>();

    @BeforeEach
    void record() {
        RecordedCalls calls = new RecordedCalls(folder);
        Random random = new Random(5);
        List<com.fasterxml.jackson.databind.JsonNode> history = new ArrayList<>();
        for (int i = 0; i < CALLS; i++) {
            ArrayNode tools = JSON.createArrayNode();
            for (int tool = 0; tool < 6; tool++) {
                tools.addObject()
                        .put("name", "tool" + tool)
                        .put("description", "wörter ".repeat(150) + (tool == 3 ? "edition " + i : ""));
            }
            history.add(message("user", "question " + i + " " + "long ".repeat(300)));
            byte[] request = JSON.createObjectNode()
                    .put("model", "m")
                    .<com.fasterxml.jackson.databind.node.ObjectNode>set("tools", tools)
                    .put("system", "be brief ".repeat(200))
                    .set("messages", JSON.createArrayNode().addAll(history))
                    .toString()
                    .getBytes(StandardCharsets.UTF_8);
            byte[] noise = new byte[3_000 * (i % 2)];
            random.nextBytes(noise);
            requests.add(request);
            responses.add(noise);
            calls.call()
                    .session("s")
                    .request(request)
                    .response("application/octet-stream", noise)
                    .record();
        }
        calls.settle();
    }

    /// Shown only, joined, and read as rows come by: by memory, so that the values do or don't fit.
    @ParameterizedTest
    @ValueSource(
            strings = {
                "select request_body, response_body from exchanges order by started_at",
                "select request_body, response_body || ''::blob from exchanges order by started_at",
            })
    void bodiesAreByteForByteWhatWasSent(String sql) throws Exception {
        for (boolean flushed : new boolean[] {false, true}) {
            if (flushed) {
                flush();
            }
            for (long memory : new long[] {256L << 20, 300L << 10}) {
                List<String> found = new ArrayList<>();
                List<String> answers = new ArrayList<>();
                try (QuerySession session = QuerySession.open(new Cache(folder), Math.max(memory, 40L << 20), sql)) {
                    session.run(result -> {
                        while (result.next()) {
                            byte[] request = result.getBytes(1);
                            found.add(Hashes.sha256(request == null ? new byte[0] : request));
                            byte[] response = result.getBytes(2);
                            answers.add(Hashes.sha256(response == null ? new byte[0] : response));
                        }
                    });
                }
                assertThat(found)
                        .isEqualTo(requests.stream().map(Hashes::sha256).toList());
                assertThat(answers)
                        .isEqualTo(responses.stream().map(Hashes::sha256).toList());
            }
        }
    }

    /// A value that is written as a hash is itself, whether or not there is a payload of that hash.
    @Test
    void whatLooksLikeAReferenceIsWhatWasSent() throws Exception {
        RecordedCalls calls = new RecordedCalls(folder);
        byte[] large = ("{\"said\": \"" + "x".repeat(9_000) + "\"}").getBytes(StandardCharsets.UTF_8);
        String hash = Hashes.sha256(large);
        calls.call().path("/v1/hash").request(large).answer("a").record();
        calls.call()
                .path("/v1/hash")
                .request(hash.getBytes(StandardCharsets.UTF_8))
                .response("text/plain", hash.getBytes(StandardCharsets.UTF_8))
                .record();
        calls.call()
                .path("/v1/messages")
                .system(hash)
                .messages(RecordedCalls.message("user", "q"))
                .answer("a")
                .record();
        calls.settle();
        for (int i = 0; i < 2; i++) {
            assertThat(Queries.values(
                            folder,
                            "select decode(request_body) || decode(response_body) from exchanges"
                                    + " where path = '/v1/hash' and request_bytes = 64"))
                    .containsExactly(hash + hash);
            assertThat(Queries.values(
                            folder,
                            "select distinct system_text from ai_gateway_messages" + " where system_text like '" + hash
                                    + "'"))
                    .containsExactly(hash);
            flush();
        }
    }

    @Test
    void theFunctionReadsWhatIsTooMuchToJoin() throws Exception {
        flush();
        try (var engine = io.hypaware.engine.Engine.open(64 << 20, 1, folder);
                PayloadReader reader = PayloadReader.open(new Cache(folder))) {
            engine.execute("CREATE TABLE stored_exchanges AS SELECT unnest(range(3000)) AS n, sha256(n::VARCHAR) AS h");
            engine.execute("UPDATE stored_exchanges SET h = " + "'" + Hashes.sha256(requests.get(2)) + "' WHERE n = 7");
            engine.execute("ALTER TABLE stored_exchanges RENAME h TO request_body");
            engine.execute("ALTER TABLE stored_exchanges ALTER request_body TYPE BLOB");
            PayloadColumns columns = new PayloadColumns(engine, reader, false);
            var column = ExchangeRow.DATASET.column("request_body").orElseThrow();
            var expression = columns.expression(ExchangeRow.DATASET, column);
            assertThat(expression.sql()).contains("hyp_payload_base64");
            assertThat(engine.strings("SELECT sha256(" + expression.sql() + ") FROM stored_exchanges s WHERE n = 7"))
                    .containsExactly(Hashes.sha256(requests.get(2)));
            assertThat(engine.strings("SELECT count(*) FROM stored_exchanges s WHERE octet_length(" + expression.sql()
                            + ") = 64"))
                    .containsExactly("2999");
        }
    }

    @Test
    void valuesAreComputedWithAndSortedBy() throws Exception {
        for (boolean flushed : new boolean[] {false, true}) {
            if (flushed) {
                flush();
            }
            assertThat(
                            read(
                                    "select count(distinct exchange_id) from ai_gateway_messages where tools like '%edition 7%'"))
                    .containsExactly("1");
            assertThat(read("select distinct tools->>'$[3].name' from ai_gateway_messages"))
                    .containsExactly("tool3");
            assertThat(read("select tools->>'$[3].description' from ai_gateway_messages order by tools limit 1")
                            .getFirst())
                    .endsWith("edition 0");
            assertThat(read("select tools as t from ai_gateway_messages order by t desc limit 1")
                            .getFirst())
                    .contains("edition 9");
            assertThat(read("select tools from ai_gateway_messages order by 1 limit 1")
                            .getFirst())
                    .contains("edition 0\"");
            assertThat(read("select json_array_length(tools) from ai_gateway_messages limit 1"))
                    .containsExactly("6");
            assertThat(read("select count(*) from ai_gateway_messages where system_text <> repeat('be brief ', 200)"))
                    .containsExactly("0");
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "select count(*) from ai_gateway_messages a join (select 'be brief '.repeat(200) as system_text) b"
                        + " using (system_text)",
                "select count(*) from ai_gateway_messages a natural join (select 'be brief '.repeat(200) as system_text)",
                "select count(*) from ai_gateway_messages m where to_json(m)->>'system_text' like 'be brief%'",
                "select count(*) from ai_gateway_messages where struct_extract(ai_gateway_messages, 'system_text')"
                        + " like 'be brief%'",
                "select count(*) from (select m as r from ai_gateway_messages m) where r.system_text like 'be brief%'",
                "select count(*) from ai_gateway_messages m where (m).system_text like 'be brief%'"
            })
    void aColumnThatIsReadWithoutItsNameHoldsItsValue(String sql) throws Exception {
        assertThat(Queries.values(folder, sql))
                .isEqualTo(Queries.values(
                        folder, "select count(*) from ai_gateway_messages where system_text like 'be brief%'"))
                .isNotEqualTo(List.of("0"));
    }

    @Test
    void aConditionIsTestedOncePerValue() throws Exception {
        flush();
        String plan = String.join(
                "",
                read2(
                        "explain select count(*) from ai_gateway_messages m where (m.tools like '%edition 7%' and tools not"
                                + " ilike 'z%') and role = 'user'"));
        assertThat(plan).contains("kept_0").contains("kept_1");
        assertThat(read("select count(*) > 0 from ai_gateway_messages where tools like '%edition%' or role = 'nobody'"))
                .containsExactly("true");
        assertThat(read("select count(*) from ai_gateway_messages where not contains(tools, 'edition')"))
                .containsExactly("0");
        assertThat(read("select count(*) from ai_gateway_messages where (tools like '%edition%') is null"))
                .containsExactly("0");
        assertThat(read("select count(*) > 0 from ai_gateway_messages where tools->>'$[3].name' = 'tool3'"))
                .containsExactly("true");
        // Of text that is no JSON this would fail, but the query never comes to it.
        assertThat(read("select count(*) from ai_gateway_messages where role = 'nobody' and system_text->>'$.a' = 'b'"))
                .containsExactly("0");
    }

    @Test
    void aConditionIsOnlyOfTheRowsItIsSaidOf() throws Exception {
        flush();
        assertThat(read("select distinct (select count(distinct exchange_id) from ai_gateway_messages)"
                        + " from ai_gateway_messages where tools like '%edition 7%'"))
                .containsExactly(String.valueOf(CALLS));
        assertThat(read("select count(distinct exchange_id) from ai_gateway_messages where tools like '%edition 7%'"
                        + " and model in (select any_value(model) from ai_gateway_messages group by exchange_id)"
                        + " and (select count(distinct exchange_id) from ai_gateway_messages) = " + CALLS))
                .containsExactly("1");
    }

    @Test
    void aConditionThatIsTrueOfNothingKeepsRowsWithoutAValue() throws Exception {
        RecordedCalls calls = new RecordedCalls(folder);
        calls.call()
                .session("bare")
                .request("{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}]}"
                        .getBytes(StandardCharsets.UTF_8))
                .answer("A")
                .record();
        calls.settle();
        flush();
        assertThat(read("select count(*) from ai_gateway_messages where tools like '%edition 7%' or true"))
                .isEqualTo(read("select count(*) from ai_gateway_messages"));
        assertThat(read("select count(*) > 0 from ai_gateway_messages where tools is null"))
                .containsExactly("true");
    }

    @Test
    void everyColumnIsShownWithoutReadingMoreThanTheRowsThatAreLeft() throws Exception {
        flush();
        assertThat(read("select * exclude (started_at) from exchanges order by started_at desc limit 1"))
                .hasSize(1);
        String explained = String.join("", read2("explain select * from exchanges order by started_at desc limit 1"));
        assertThat(explained).doesNotContain("hyp_payload").doesNotContain("values_");
    }

    @Test
    void aQueryThatDoesNotNameThemReadsNoPayload() throws Exception {
        flush();
        for (String sql : List.of(
                "explain select role, count(*) from ai_gateway_messages group by role",
                "explain select sum(request_bytes) from exchanges")) {
            assertThat(String.join("", read2(sql)))
                    .contains("READ_PARQUET")
                    .doesNotContain("hyp_payload")
                    .doesNotContain("values_")
                    .doesNotContain("payloads");
        }
        // Reading them shows, so the check above can tell.
        assertThat(String.join("", read2("explain select max(length(tools)) from ai_gateway_messages")))
                .contains("values_ai_gateway_messages_tools");
    }

    @Test
    void anEncodedRequestIsKeptAsItWasSent() throws Exception {
        byte[] plain = requests.getLast();
        ByteArrayOutputStream encoded = new ByteArrayOutputStream();
        try (GZIPOutputStream gzip = new GZIPOutputStream(encoded)) {
            gzip.write(plain);
        }
        RecordedCalls calls = new RecordedCalls(folder);
        String id = calls.call()
                .session("zipped")
                .header("content-encoding", "gzip")
                .request(encoded.toByteArray())
                .answer("A")
                .record();
        calls.settle();
        assertThat(read("select sha256(request_body) from exchanges where exchange_id = '" + id + "'"))
                .containsExactly(Hashes.sha256(encoded.toByteArray()));
        assertThat(read("select distinct tools->>'$[1].name' from ai_gateway_messages where session_id = 'zipped'"))
                .containsExactly("tool1");
    }

    private void flush() throws Exception {
        new Flush(new Cache(folder), Configs.defaults().query().cache().maintenance(), _ -> {}).run();
    }

    private List<String> read(String sql) throws Exception {
        return Queries.values(folder, sql);
    }

    private List<String> read2(String sql) throws Exception {
        List<String> values = new ArrayList<>();
        try (QuerySession session = QuerySession.open(new Cache(folder), 256 << 20, sql)) {
            session.run(result -> {
                while (result.next()) {
                    values.add(String.valueOf(result.getString(2)));
                }
            });
        }
        return values;
    }
}
