package io.hypaware.backfill;

import static org.assertj.core.api.Assertions.assertThat;

import io.hypaware.home.Cache;
import io.hypaware.home.Progress;
import io.hypaware.maintain.Writing;
import io.hypaware.project.transcript.TranscriptFormat;
import io.hypaware.project.transcript.TranscriptFormats;
import io.hypaware.testing.Configs;
import io.hypaware.testing.Queries;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Logs of Gemini CLI become rows, each message once however often it stands in them.
class GeminiImportTest {

    private static final Clock CLOCK = Clock.fixed(Instant.parse("2026-03-02T00:00:00Z"), ZoneOffset.UTC);

    private static final String ROWS = "select concat_ws(' ', role, part_type, coalesce(content_text, tool_call_id),"
            + " tool_result_for, input_tokens, output_tokens, cache_read_tokens) from ai_gateway_messages"
            + " where aux_kind is null order by message_created_at, part_index";

    private static final String META =
            "{'sessionId':'5e55','projectHash':'abc','startTime':'2026-03-01T10:00:00Z','kind':'main'}";

    private static final String CONTEXT = "{'id':'c0','timestamp':'2026-03-01T10:00:00Z','type':'user','content':"
            + "[{'text':'<session_context>\\n- **Workspace Directories:**\\n  - /work/here\\n</session_context>'}]}";

    private static final String ASKED =
            "{'id':'u1','timestamp':'2026-03-01T10:00:01Z','type':'user','content':[{'text':'look there'}]}";

    private static final String ANSWER = "{'id':'g1','timestamp':'2026-03-01T10:00:02Z','type':'gemini',"
            + "'content':'I look','thoughts':[{'subject':'Where','description':'it may be'}],"
            + "'tokens':{'input':100,'output':20,'cached':60,'thoughts':5,'tool':0,'total':125},'model':'model-x'%s}";

    private static final String RESULT =
            "{'functionResponse':{'id':'call_1','name':'read','response':{'output':'one'}}}";

    private static final String CALLS = ",'toolCalls':[{'id':'call_1','name':'read','args':{'path':'a'},'status':"
            + "'success','timestamp':'2026-03-01T10:00:03Z','result':[" + RESULT + "]}]";

    private static final String RESULT_AGAIN =
            "{'id':'r1','timestamp':'2026-03-01T10:00:04Z','type':'user','content':[" + RESULT + "]}";

    private static final String DONE = "{'id':'g2','timestamp':'2026-03-01T10:00:05Z','type':'gemini','content':'done',"
            + "'thoughts':[],'tokens':{'input':10,'output':2,'cached':0,'thoughts':0,'total':12},'model':'model-x'}";

    /// As a session says everything again that is gone on with: what was a text or a call is a part.
    private static final String REPEATED = "{'$set':{'messages':[" + CONTEXT + "," + ASKED
            + ",{'id':'g1','timestamp':'2026-03-01T11:00:00Z','type':'gemini','content':[{'text':'I look'},"
            + "{'functionCall':{'id':'call_1','name':'read','args':{'path':'a'}}}]},"
            + "{'id':'g1','timestamp':'2026-03-01T11:00:00Z','type':'user','content':[" + RESULT + "]},"
            + "{'id':'g2','timestamp':'2026-03-01T11:00:00Z','type':'gemini','content':[{'text':'done'}]}]}}";

    private static final String SHORTER = "{'$set':{'messages':[" + CONTEXT
            + ",{'id':'s1','timestamp':'2026-03-01T12:00:00Z','type':'user','content':[{'text':'in short'}]},"
            + "{'id':'s2','timestamp':'2026-03-01T12:00:00Z','type':'gemini','content':[{'text':'I see'}]}]}}";

    private static final List<String> WHOLE = List.of(
            META,
            "{'$set':{'messages':[" + CONTEXT + "]}}",
            ASKED,
            "{'$set':{'lastUpdated':'2026-03-01T10:00:01Z'}}",
            ANSWER.formatted(""),
            ANSWER.formatted(CALLS),
            RESULT_AGAIN,
            DONE);

    private static final List<String> EXPECTED = List.of(
            "user text look there",
            "assistant thinking **Where** it may be 40 25 60",
            "assistant text I look",
            "assistant tool_call call_1",
            "user tool_result one call_1",
            "assistant text done 10 2 0");

    @TempDir
    private Path folder;

    private Path write(String name, List<String> lines) throws Exception {
        Path file = folder.resolve("user/.gemini/tmp/here/chats").resolve(name);
        Files.createDirectories(file.getParent());
        return Files.writeString(file, String.join("\n", lines).replace('\'', '"') + "\n");
    }

    private Backfill.Report run() throws Exception {
        TranscriptFormat format = TranscriptFormats.all().stream()
                .filter(one -> one.client().equals("gemini"))
                .findFirst()
                .orElseThrow();
        TranscriptFiles files = new TranscriptFiles(Map.of(), folder.resolve("user"));
        return new Backfill(new Cache(cache()), Configs.defaults(), Writing.whole("gw"), CLOCK)
                .run(format, files.find(format), Backfill.Options.ALL, Progress.NONE);
    }

    private Path cache() {
        return folder.resolve("c/hypaware/cache");
    }

    @Test
    void aMessageThatIsWrittenAgainIsOne() throws Exception {
        write("session-2026-03-01T10-00-5e55.jsonl", WHOLE.subList(0, 5));
        run();
        assertThat(Queries.values(cache(), ROWS)).isEqualTo(EXPECTED.subList(0, 3));
        List<String> resumed = new java.util.ArrayList<>(WHOLE);
        resumed.addAll(List.of(META, "{'$set':{'messages':[" + CONTEXT + "]}}", REPEATED));
        write("session-2026-03-01T10-00-5e55.jsonl", resumed);
        run();
        assertThat(Queries.values(cache(), ROWS)).isEqualTo(EXPECTED);
        assertThat(Queries.values(
                        cache(),
                        "select distinct session_id || ' ' || coalesce(cwd, '') || ' ' || conversation_source"
                                + " from ai_gateway_messages where aux_kind is null"))
                .containsExactly("5e55 /work/here gemini");
    }

    @Test
    void aHistoryThatIsMadeShorterIsAddedToWhatWasSaid() throws Exception {
        List<String> lines = new java.util.ArrayList<>(WHOLE);
        lines.add(SHORTER);
        write("session-2026-03-01T10-00-5e55.jsonl", lines);
        run();
        assertThat(Queries.values(cache(), ROWS))
                .hasSize(8)
                .startsWith(EXPECTED.toArray(String[]::new))
                .endsWith("user text in short", "assistant text I see");
        assertThat(Queries.values(cache(), "select provider_type from ai_gateway_messages where aux_kind = 'note'"))
                .containsExactlyInAnyOrder("session_context", "$set");
    }

    @Test
    void aSubagentIsASpeakerOfItsOwn() throws Exception {
        write("session-2026-03-01T10-00-5e55.jsonl", WHOLE);
        write(
                "5e55/a9e7.jsonl",
                List.of(
                        META.replace("5e55", "a9e7").replace("main", "subagent"),
                        ASKED.replace("look there", "and you here"),
                        DONE.replace("done", "nothing")));
        assertThat(run().read()).isEqualTo(2);
        assertThat(Queries.values(
                        cache(),
                        "select concat_ws(' ', session_id, agent_id, parent_thread_id, is_sidechain, count(*))"
                                + " from ai_gateway_messages where aux_kind is null"
                                + " group by session_id, agent_id, parent_thread_id, is_sidechain order by 1"))
                .containsExactly("5e55 a9e7 5e55 true 2", "5e55 false 6");
        assertThat(run().read()).isZero();
    }
}
