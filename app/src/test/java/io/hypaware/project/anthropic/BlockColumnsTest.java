package io.hypaware.project.anthropic;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import io.hypaware.dataset.Hashes;
import io.hypaware.dataset.Row;
import io.hypaware.project.Json;
import io.hypaware.project.Messages;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/// Which columns a content block fills.
class BlockColumnsTest {

    private final List<byte[]> kept = new ArrayList<>();

    @Test
    void textAndThinking() throws Exception {
        assertThat(columns("\"hello\"")).isEqualTo(Map.of("part_type", "text", "content_text", "hello"));
        assertThat(columns("{'type': 'text', 'text': 'hello'}"))
                .isEqualTo(Map.of("part_type", "text", "content_text", "hello"));
        assertThat(columns("{'type': 'thinking', 'thinking': 'hm', 'signature': 'sig'}"))
                .isEqualTo(Map.of("part_type", "thinking", "content_text", "hm", "thinking_signature", "sig"));
    }

    @Test
    void callsAndResults() throws Exception {
        assertThat(columns("{'type': 'tool_use', 'id': 't1', 'name': 'Read', 'input': {'path': '/a'}}"))
                .isEqualTo(Map.of(
                        "part_type", "tool_call",
                        "provider_type", "tool_use",
                        "tool_name", "Read",
                        "tool_call_id", "t1",
                        "tool_args", "{\"path\":\"/a\"}"));
        assertThat(columns("{'type': 'tool_result', 'tool_use_id': 't1', 'is_error': true, 'content':"
                        + " [{'type': 'text', 'text': 'one'}, {'type': 'text', 'text': 'two'}]}"))
                .isEqualTo(Map.of(
                        "part_type", "tool_result",
                        "provider_type", "tool_result",
                        "tool_result_for", "t1",
                        "is_error", true,
                        "content_text", "one\ntwo"));
    }

    /// A provider's own tools say their outcome in several ways.
    @Test
    void resultsOfTheProvidersTools() throws Exception {
        Map<String, Object> failed = columns("{'type': 'web_search_tool_result', 'tool_use_id': 's1', 'content':"
                + " {'type': 'web_search_tool_result_error', 'error_code': 'max_uses'}}");
        assertThat(failed)
                .containsEntry("part_type", "tool_result")
                .containsEntry("tool_result_for", "s1")
                .containsEntry("is_error", true)
                .containsEntry("content_text", "max_uses");
        Map<String, Object> ran = columns("{'type': 'bash_code_execution_tool_result', 'tool_use_id': 'b1', 'content':"
                + " {'type': 'bash_code_execution_result', 'stdout': 'out', 'stderr': '', 'return_code': 0}}");
        assertThat(ran).containsEntry("is_error", false).containsEntry("content_text", "out");
    }

    /// Bytes leave the text and the frame, and are kept once.
    @Test
    void imagesAreKeptByTheirHash() throws Exception {
        byte[] image = "not really an image".repeat(100).getBytes(StandardCharsets.UTF_8);
        String data = Base64.getEncoder().encodeToString(image);
        Map<String, Object> columns =
                columns("{'type': 'image', 'source': {'type': 'base64', 'media_type': 'image/png'," + " 'data': '"
                        + data + "'}}");
        assertThat(columns)
                .containsEntry("part_type", "image")
                .containsEntry("attachment_type", "image/png")
                .containsEntry("content_text", "data:image/png;base64,<stripped>");
        assertThat(columns.get("raw_frame").toString())
                .contains(Hashes.sha256(image))
                .doesNotContain(data);
        assertThat(kept).hasSize(1);
        assertThat(kept.getFirst()).isEqualTo(image);
    }

    @Test
    void kindsThatAreNotKnownKeepTheirFrame() throws Exception {
        assertThat(columns("{'type': 'hologram', 'text': 'x', 'depth': 3}"))
                .isEqualTo(Map.of(
                        "part_type", "hologram",
                        "provider_type", "hologram",
                        "content_text", "x",
                        "raw_frame", "{\"type\":\"hologram\",\"text\":\"x\",\"depth\":3}"));
        assertThat(columns("{}")).containsEntry("part_type", "unknown");
        assertThat(columns("{'type': 'tool_use'}")).containsEntry("part_type", "tool_call");
    }

    private Map<String, Object> columns(String block) throws JsonProcessingException {
        Row.Builder builder = Row.of(Messages.DATASET);
        BlockColumns.fill(
                Json.MAPPER.readTree(block.replace('\'', '"')),
                bytes -> {
                    kept.add(bytes);
                    return Hashes.sha256(bytes);
                },
                builder);
        Row row = builder.set("gateway_id", "g")
                .set("schema_version", 1)
                .set("conversation_id", "c")
                .set("provider", "p")
                .set("message_id", "m")
                .set("message_index", 0)
                .set("message_created_at", 0L)
                .set("role", "user")
                .set("part_id", "m#0")
                .set("part_index", 0)
                .set("date", "2026-03-01")
                .build("m#0");
        Map<String, Object> filled = new TreeMap<>();
        for (String column : List.of(
                "part_type",
                "provider_type",
                "content_text",
                "tool_name",
                "tool_call_id",
                "tool_args",
                "tool_result_for",
                "thinking_signature",
                "attachment_type",
                "is_error",
                "raw_frame")) {
            row.value(column).ifPresent(value -> filled.put(column, value));
        }
        return filled;
    }
}
