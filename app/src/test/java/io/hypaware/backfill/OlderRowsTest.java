package io.hypaware.backfill;

import static io.hypaware.testing.RecordedCalls.JSON;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.hypaware.home.Cache;
import io.hypaware.home.Progress;
import io.hypaware.maintain.Maintenance;
import io.hypaware.maintain.Writing;
import io.hypaware.project.transcript.TranscriptFormat;
import io.hypaware.project.transcript.TranscriptFormats;
import io.hypaware.testing.Configs;
import io.hypaware.testing.OlderHome;
import io.hypaware.testing.Queries;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A transcript tells of a session that HypAware for Node recorded: its adopted rows are completed, and none comes
/// twice.
class OlderRowsTest {

    private static final String SESSION = "conv-0";

    @TempDir
    private Path home;

    @Test
    void adoptedRowsAreMet() throws Exception {
        Path cache = OlderHome.copyTo(home, Instant.parse("2026-11-01T00:00:00Z"));
        Clock clock = Clock.fixed(Instant.parse("2026-06-20T00:00:00Z"), ZoneOffset.UTC);
        new Maintenance(new Cache(cache), Configs.defaults().query().cache(), Writing.whole("gw"), clock, Progress.NONE)
                .run(Maintenance.Options.background(Duration.ofMinutes(5)), Duration.ZERO);
        String count = "select count(*) from ai_gateway_messages";
        String of = " where conversation_id = '" + SESSION + "' and client_name = 'claude' and part_type = 'text'";
        List<String> before = Queries.values(cache, count);
        List<String> texts = Queries.values(cache, count + of);
        assertThat(texts).isNotEqualTo(List.of("0"));
        writeTranscript();

        TranscriptFormat claude = TranscriptFormats.all().getFirst();
        TranscriptFiles files = new TranscriptFiles(Map.of(), home.resolve("user"));
        Backfill.Report report = new Backfill(new Cache(cache), Configs.defaults(), Writing.whole("gw"), clock)
                .run(claude, files.find(claude), Backfill.Options.ALL, Progress.NONE);
        assertThat(report.counts().written()).isZero();
        assertThat(Long.toString(report.counts().completed())).isEqualTo(texts.getFirst());
        assertThat(Queries.values(cache, count)).isEqualTo(before);
        assertThat(Queries.values(cache, "select count(distinct provider_uuid) from ai_gateway_messages" + of))
                .isEqualTo(texts);
    }

    private void writeTranscript() throws Exception {
        List<JsonNode> said = new ArrayList<>();
        for (String line : Files.readAllLines(Path.of("src/test/resources/older/expected.jsonl"))) {
            JsonNode row = JSON.readTree(line);
            boolean wanted = row.path("conversation_id").asText().equals(SESSION)
                    && row.path("client_name").asText().equals("claude")
                    && row.path("part_type").asText().equals("text");
            if (wanted) {
                said.add(row);
            }
        }
        said.sort(Comparator.comparing(row -> row.path("message_created_at").asText()));
        StringBuilder lines = new StringBuilder();
        for (JsonNode row : said) {
            ObjectNode line = JSON.createObjectNode()
                    .put("type", row.path("role").asText())
                    .put(
                            "uuid",
                            UUID.nameUUIDFromBytes(row.path("message_id")
                                            .asText()
                                            .getBytes(java.nio.charset.StandardCharsets.UTF_8))
                                    .toString())
                    .put("sessionId", SESSION)
                    .put("timestamp", row.path("message_created_at").asText());
            ObjectNode message =
                    line.putObject("message").put("role", row.path("role").asText());
            if (row.path("role").asText().equals("assistant")) {
                message.put("id", "msg_" + row.path("message_id").asText());
            }
            message.putArray("content")
                    .addObject()
                    .put("type", "text")
                    .put("text", row.path("content_text").asText());
            lines.append(line).append('\n');
        }
        Path file = home.resolve("user/.claude/projects/-p/" + SESSION + ".jsonl");
        Files.createDirectories(file.getParent());
        Files.writeString(file, lines);
    }
}
