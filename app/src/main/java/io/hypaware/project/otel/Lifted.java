package io.hypaware.project.otel;

import static io.hypaware.dataset.Column.optional;
import static io.hypaware.dataset.ColumnType.LONG;
import static io.hypaware.dataset.ColumnType.STRING;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.hypaware.dataset.Column;
import io.hypaware.dataset.Row;
import java.util.List;
import java.util.Optional;

/// Attributes that have a column besides: those of the semantic conventions for generative AI, and what names a
/// session. The attribute itself stays where it is.
final class Lifted {

    /// An attribute and its column.
    ///
    /// @param names the attribute's, the one of today first, then what it was called before
    private record Attribute(String column, Column declared, List<String> names) {}

    private static final List<Attribute> GEN_AI = List.of(
            text("gen_ai_operation_name", "gen_ai.operation.name"),
            text("gen_ai_provider_name", "gen_ai.provider.name", "gen_ai.system"),
            text("gen_ai_request_model", "gen_ai.request.model"),
            text("gen_ai_response_model", "gen_ai.response.model"),
            text("gen_ai_response_id", "gen_ai.response.id"),
            text("gen_ai_conversation_id", "gen_ai.conversation.id"),
            text("gen_ai_agent_name", "gen_ai.agent.name"),
            text("gen_ai_tool_name", "gen_ai.tool.name"),
            text("gen_ai_tool_call_id", "gen_ai.tool.call.id"),
            count("gen_ai_input_tokens", "gen_ai.usage.input_tokens", "gen_ai.usage.prompt_tokens"),
            count("gen_ai_output_tokens", "gen_ai.usage.output_tokens", "gen_ai.usage.completion_tokens"),
            count("gen_ai_cache_read_tokens", "gen_ai.usage.cache_read.input_tokens"),
            count("gen_ai_cache_creation_tokens", "gen_ai.usage.cache_creation.input_tokens"));

    private static final List<String> SESSIONS = List.of("session.id", "gen_ai.conversation.id", "conversation.id");

    static final List<Column> COLUMNS = GEN_AI.stream().map(Attribute::declared).toList();

    private static Attribute text(String column, String... names) {
        return new Attribute(column, optional(column, STRING), List.of(names));
    }

    private static Attribute count(String column, String... names) {
        return new Attribute(column, optional(column, LONG), List.of(names));
    }

    static void set(Row.Builder row, ObjectNode attributes) {
        if (attributes.isEmpty()) {
            return;
        }
        for (Attribute attribute : GEN_AI) {
            boolean isText = attribute.declared().type() == STRING;
            for (String name : attribute.names()) {
                JsonNode value = attributes.path(name);
                if (isText ? value.isTextual() : value.canConvertToLong()) {
                    row.set(attribute.column(), isText ? value.textValue() : (Object) value.longValue());
                    break;
                }
            }
        }
    }

    /// The session that a record names, or its resource.
    static Optional<String> session(ObjectNode attributes, ObjectNode resource) {
        return session(attributes).or(() -> session(resource));
    }

    private static Optional<String> session(ObjectNode attributes) {
        return SESSIONS.stream()
                .map(attributes::path)
                .filter(value -> value.isTextual() && !value.textValue().isBlank())
                .map(JsonNode::textValue)
                .findFirst();
    }

    private Lifted() {}
}
