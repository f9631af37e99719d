package io.hypaware.project.message;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.hypaware.project.ContentText;
import io.hypaware.project.Json;
import io.hypaware.project.PayloadSink;
import java.util.regex.Pattern;

/// A block as JSON with what is not for reading replaced: encoded bytes leave a marker and the hash of the payload that
/// they are.
public final class RawFrame {

    /// Shorter ones, such as hashes and ids, stay.
    private static final int LEAST_CHARS = 1_024;

    private static final Pattern BASE64 = Pattern.compile("[A-Za-z0-9+/_-]{" + LEAST_CHARS + ",}={0,2}");

    public static String of(JsonNode node, PayloadSink payloads) {
        return Json.text(stripped(node, payloads));
    }

    public static JsonNode stripped(JsonNode node, PayloadSink payloads) {
        if (node.isTextual()) {
            return stripped(node.textValue(), payloads);
        }
        if (node.isArray()) {
            ArrayNode copy = Json.MAPPER.createArrayNode();
            node.forEach(element -> copy.add(stripped(element, payloads)));
            return copy;
        }
        if (!node.isObject()) {
            return node;
        }
        ObjectNode copy = Json.object();
        node.properties().forEach(field -> copy.set(field.getKey(), stripped(field.getValue(), payloads)));
        return copy;
    }

    private static JsonNode stripped(String text, PayloadSink payloads) {
        if (isEncoded(text)) {
            return Json.object().put("stripped", text.length()).put("sha256", ContentText.keep(text, payloads));
        }
        return Json.MAPPER.getNodeFactory().textNode(ContentText.withHashes(text, payloads));
    }

    /// Whether a text is nothing but encoded bytes.
    public static boolean isEncoded(String text) {
        return text.length() >= LEAST_CHARS && BASE64.matcher(text).matches();
    }

    private RawFrame() {}
}
