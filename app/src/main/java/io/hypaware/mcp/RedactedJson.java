package io.hypaware.mcp;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import io.hypaware.secret.Redactor;
import java.util.Map;

/// JSON without secrets, in names of fields and in texts.
final class RedactedJson {

    static JsonNode of(JsonNode node, Redactor redactor) {
        return switch (node) {
            case TextNode text -> TextNode.valueOf(redactor.text(text.textValue()));
            case ObjectNode object -> object(object, redactor);
            case ArrayNode array -> {
                ArrayNode items = Answer.JSON.createArrayNode();
                array.forEach(item -> items.add(of(item, redactor)));
                yield items;
            }
            default -> node;
        };
    }

    static ObjectNode object(ObjectNode object, Redactor redactor) {
        ObjectNode fields = Answer.JSON.createObjectNode();
        for (Map.Entry<String, JsonNode> field : object.properties()) {
            fields.set(redactor.text(field.getKey()), of(field.getValue(), redactor));
        }
        return fields;
    }

    private RedactedJson() {}
}
