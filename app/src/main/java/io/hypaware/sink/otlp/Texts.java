package io.hypaware.sink.otlp;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.hypaware.read.SessionStep.Said;
import io.hypaware.read.SessionSteps;
import io.hypaware.secret.Redactor;
import java.util.Optional;

/// What was said, as attributes of spans: by the conventions' form of messages, without what looks like a secret, and
/// of a bounded length.
final class Texts {

    private static final ObjectMapper JSON = new ObjectMapper();

    /// Characters of what is said to a model, or by it, in one call.
    private static final int MOST = 4 * SessionSteps.LONGEST_TEXT;

    /// What stands around a text, with what its tool is called.
    private static final int PART = 100;

    private final Redactor redactor;

    Texts(Redactor redactor) {
        this.redactor = redactor;
    }

    /// Messages of one side, as they come in.
    final class Messages {

        private ArrayNode messages = JSON.createArrayNode();
        private String message = "";
        private ArrayNode parts = JSON.createArrayNode();
        private int length;

        void add(Said said) {
            if (length > MOST) {
                return;
            }
            if (!said.messageId().equals(message)) {
                message = said.messageId();
                ObjectNode node = messages.addObject();
                node.put(
                        "role", said.role().equals("user") && said.type().equals("tool_result") ? "tool" : said.role());
                parts = node.putArray("parts");
            }
            String text = text(said);
            length += text.length() + said.callId().length() + said.resultFor().length() + PART;
            ObjectNode part = parts.addObject();
            switch (said.type()) {
                case "tool_call" ->
                    part.put("type", "tool_call")
                            .put("id", said.callId())
                            .put("name", said.tool())
                            .put("arguments", text);
                case "tool_result" ->
                    part.put("type", "tool_call_response")
                            .put("id", said.resultFor())
                            .put("response", text);
                case "thinking" -> part.put("type", "reasoning").put("content", text);
                default -> part.put("type", said.type()).put("content", text);
            }
        }

        /// What there is, and begins anew; empty if there is nothing.
        String take() {
            String all = messages.isEmpty() ? "" : messages.toString();
            messages = JSON.createArrayNode();
            parts = JSON.createArrayNode();
            message = "";
            length = 0;
            return all;
        }
    }

    Messages messages() {
        return new Messages();
    }

    void tool(TraceSpan span, Said call, Optional<Said> result) {
        span.whole(GenAi.TOOL_ARGUMENTS, text(call));
        result.ifPresent(said -> span.whole(GenAi.TOOL_RESULT, text(said)));
    }

    private String text(Said said) {
        return redactor.beginning(said.text(), SessionSteps.LONGEST_TEXT);
    }
}
