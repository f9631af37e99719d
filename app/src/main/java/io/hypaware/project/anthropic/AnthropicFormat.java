package io.hypaware.project.anthropic;

import com.fasterxml.jackson.databind.JsonNode;
import io.hypaware.dataset.Row;
import io.hypaware.project.PayloadSink;
import io.hypaware.project.conversation.Alignment;
import io.hypaware.project.conversation.History;
import io.hypaware.project.conversation.MessagePrint;
import io.hypaware.project.message.Notes;
import io.hypaware.project.message.WireFormat;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.StreamSupport;

/// Messages as the Messages API says them.
final class AnthropicFormat implements WireFormat {

    static final AnthropicFormat INSTANCE = new AnthropicFormat();

    private static final String SUMMARY_START = "This session is being continued from a previous conversation";

    /// How Claude Code asks for one, with or without a word before it.
    private static final Pattern SUMMARY_REQUEST =
            Pattern.compile("\\A.{0,600}?Your task is to create a detailed summary", Pattern.DOTALL);

    @Override
    public String messagesField() {
        return "messages";
    }

    @Override
    public String role(JsonNode message) {
        return message.path("role").asText("user");
    }

    @Override
    public List<JsonNode> blocks(JsonNode message) {
        JsonNode content = message.path("content");
        List<JsonNode> blocks = new ArrayList<>();
        if (content.isTextual()) {
            blocks.add(content);
        } else {
            content.forEach(blocks::add);
        }
        return blocks;
    }

    @Override
    public Optional<String> print(JsonNode block) {
        return BlockPrints.of(block);
    }

    @Override
    public void fill(JsonNode block, PayloadSink payloads, Row.Builder row) {
        BlockColumns.fill(block, payloads, row);
    }

    @Override
    public List<String> system(JsonNode fields) {
        JsonNode system = fields.path("system");
        if (system.isTextual()) {
            return List.of(system.textValue());
        }
        return StreamSupport.stream(system.spliterator(), false)
                .map(block -> block.path("text").asText(""))
                .toList();
    }

    @Override
    public boolean isSummary(JsonNode messageOrBlock) {
        if (messageOrBlock.has("role")) {
            return blocks(messageOrBlock).stream().anyMatch(AnthropicFormat::isSummaryBlock);
        }
        return isSummaryBlock(messageOrBlock);
    }

    @Override
    public boolean asksForSummary(JsonNode block) {
        String text = block.isTextual() ? block.textValue() : block.path("text").asText("");
        return SUMMARY_REQUEST.matcher(text).find();
    }

    private static boolean isSummaryBlock(JsonNode block) {
        String text = block.isTextual() ? block.textValue() : block.path("text").asText("");
        return text.stripLeading().startsWith(SUMMARY_START);
    }

    @Override
    public Notes notes(List<History.Entry> known, Alignment alignment, List<MessagePrint> request) {
        return new MovedNotes(known, alignment, request);
    }

    private AnthropicFormat() {}
}
