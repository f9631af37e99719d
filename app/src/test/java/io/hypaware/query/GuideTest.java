package io.hypaware.query;

import static io.hypaware.testing.RecordedCalls.JSON;
import static io.hypaware.testing.RecordedCalls.message;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ArrayNode;
import io.hypaware.engine.Engine;
import io.hypaware.home.Cache;
import io.hypaware.maintain.Flush;
import io.hypaware.testing.Configs;
import io.hypaware.testing.Queries;
import io.hypaware.testing.RecordedCalls;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What the guide says about other engines is true: its SQL puts values together from the plain tables.
class GuideTest {

    private static final Path GUIDE = Path.of("../docs/guide/querying.md");

    @TempDir
    private Path cache;

    @Test
    void theSqlForPlainTablesPutsValuesTogether() throws Exception {
        RecordedCalls calls = new RecordedCalls(cache);
        ArrayNode tools = JSON.createArrayNode();
        for (int i = 0; i < 60; i++) {
            tools.addObject()
                    .put("name", "tool" + i)
                    .put("description", ("does " + i + " ").repeat(i % 3 == 0 ? 5 : 200));
        }
        calls.call()
                .set("tools", tools)
                .messages(message("user", "question"))
                .answer("A")
                .record();
        calls.settle();
        new Flush(new Cache(cache), Configs.defaults().query().cache().maintenance(), _ -> {}).run();
        assertThat(Queries.values(cache, "select count(*) from payloads where parts is not null"))
                .as("groups in groups, or this shows too little")
                .first()
                .extracting(Integer::valueOf)
                .satisfies(count -> assertThat(count).isGreaterThan(2));

        try (Engine engine = Engine.open(64 << 20, 1, cache)) {
            for (String table : new String[] {"ai_gateway_messages", "payloads"}) {
                engine.execute("CREATE VIEW stored_" + table.replace("ai_gateway_", "")
                        + " AS SELECT * FROM read_parquet('" + cache + "/tables/" + table + "/*/data/*.parquet')");
            }
            assertThat(engine.strings("SELECT value FROM (" + firstSql() + ")")).containsExactly(tools.toString());
        }
    }

    private static String firstSql() throws Exception {
        String guide = Files.readString(GUIDE);
        int begin = guide.indexOf("```sql") + "```sql".length();
        return guide.substring(begin, guide.indexOf("```", begin));
    }
}
