package io.hypaware.read;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.hypaware.journal.SecretSighting;
import java.util.Locale;

/// Records of this room as JSON, the same for whoever shows them.
public final class RecordJson {

    private static final ObjectMapper JSON = new ObjectMapper();

    public static ObjectNode of(Found found) {
        ObjectNode node = JSON.createObjectNode()
                .put("session_id", found.session())
                .put("conversation_id", found.conversation())
                .put("client", found.client())
                .put("time", found.at().toString())
                .put("role", found.role())
                .put("part_type", found.type())
                .put("tool_name", found.tool())
                .put("message_id", found.messageId())
                .put("message_index", found.index())
                .put("snippet", found.excerpt().text());
        ArrayNode marks = node.putArray("marks");
        found.excerpt()
                .marks()
                .forEach(mark -> marks.addArray().add(mark.from()).add(mark.to()));
        ResumeText.of(found.client(), found.session(), found.folder())
                .ifPresent(command -> node.put("resume", command));
        return node;
    }

    public static ObjectNode of(Miss miss) {
        ObjectNode entry = JSON.createObjectNode();
        entry.put("exchange_id", miss.call().exchangeId());
        entry.put("started_at", miss.call().startedAt().toString());
        miss.previous()
                .ifPresentOrElse(
                        p -> entry.put("previous_exchange_id", p.exchangeId()),
                        () -> entry.putNull("previous_exchange_id"));
        entry.put("class", miss.cause().name().toLowerCase(Locale.ROOT));
        miss.element().ifPresentOrElse(e -> entry.put("element", e), () -> entry.putNull("element"));
        miss.snippet()
                .ifPresentOrElse(
                        s -> entry.putObject("diff").put("before", s.before()).put("after", s.after()),
                        () -> entry.putNull("diff"));
        miss.prefix()
                .ifPresentOrElse(
                        p -> entry.putObject("prefix")
                                .put("tools", p.tools())
                                .put("system_blocks", p.systemBlocks())
                                .put("messages", p.messages())
                                .put("tokens", p.tokens()),
                        () -> entry.putNull("prefix"));
        entry.put("lost_tokens", miss.lostTokens());
        entry.put("rewritten_tokens", miss.rewrittenTokens());
        miss.cost().ifPresentOrElse(c -> entry.put("cost_usd", c), () -> entry.putNull("cost_usd"));
        ArrayNode notes = entry.putArray("notes");
        miss.notes().forEach(notes::add);
        return entry;
    }

    public static ObjectNode of(FoundSecret found) {
        SecretSighting first = found.first();
        return JSON.createObjectNode()
                .put("fingerprint", first.fingerprint())
                .put("rule", first.rule())
                .put("first_at", first.at().toString())
                .put("last_at", found.last().toString())
                .put("exchange_id", first.exchange())
                .put("session_id", first.session())
                .put("conversation_id", first.conversation())
                .put("origin", first.origin())
                .put("tool_name", first.tool())
                .put("subject", first.file())
                .put("provider", found.receiver().provider())
                .put("upstream", found.receiver().upstream())
                .put("model", found.receiver().model())
                .put("parts", found.parts())
                .put("times", found.times())
                .put("sessions", found.sessions())
                .put("calls", found.calls());
    }

    private RecordJson() {}
}
