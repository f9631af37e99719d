package io.hypaware.maintain.reported;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/// The body of a request as Claude Code writes it down: what it sends, and in a field `betas` what it sends in the
/// header `anthropic-beta`. Without that field it is what went over the wire, byte for byte.
///
/// @param bytes as sent
/// @param betas the header's values
/// @param userId of `metadata`, in which the session stands
/// @param ofAgent whether the client says at the head of its system text that one of the session's agents speaks
record RequestBody(byte[] bytes, List<String> betas, Optional<String> userId, boolean ofAgent) {

    private static final JsonFactory JSON = new JsonFactory();
    private static final int MOST_BETAS = 100;

    private static final String HEAD = "x-anthropic-billing-header:";
    private static final String AGENT = "cc_is_subagent=true";

    /// What stands in place of a thought.
    private static final String LEFT_OUT = "<REDACTED>";

    private static final String NO_THOUGHT = "\"thinking\":\"" + LEFT_OUT + "\"";

    /// Of a body that is no JSON object, all is as sent.
    static RequestBody of(byte[] written) {
        List<String> betas = new ArrayList<>();
        Optional<String> userId = Optional.empty();
        boolean isOfAgent = false;
        int from = 0;
        int to = 0;
        try (JsonParser json = JSON.createParser(written)) {
            if (json.nextToken() != JsonToken.START_OBJECT) {
                return new RequestBody(written, List.of(), Optional.empty(), false);
            }
            while (json.nextToken() == JsonToken.FIELD_NAME) {
                String name = json.currentName();
                int start = offset(json.currentTokenLocation().getByteOffset());
                json.nextToken();
                if (name.equals("metadata") && json.currentToken() == JsonToken.START_OBJECT) {
                    userId = userId(json);
                } else if (name.equals("system") && json.currentToken() == JsonToken.START_ARRAY) {
                    isOfAgent = isOfAgent(json);
                } else if (name.equals("betas") && json.currentToken() == JsonToken.START_ARRAY && to == 0) {
                    while (json.nextToken() != JsonToken.END_ARRAY) {
                        if (json.currentToken() == JsonToken.VALUE_STRING && betas.size() < MOST_BETAS) {
                            betas.add(json.getText());
                        }
                        json.skipChildren();
                    }
                    from = start;
                    to = offset(json.currentLocation().getByteOffset());
                } else {
                    json.skipChildren();
                }
            }
        } catch (IOException e) {
            // Cut, or no JSON: what was found before that counts.
        }
        return new RequestBody(without(written, from, to), List.copyOf(betas), userId, isOfAgent);
    }

    /// Whether it may have had so many bytes on the wire: of thoughts of earlier answers a client writes down only that
    /// there were any.
    boolean mayHaveHad(long bytesOnTheWire) {
        int thoughts = 0;
        String text = new String(bytes, StandardCharsets.ISO_8859_1);
        for (int at = text.indexOf(NO_THOUGHT); at >= 0; at = text.indexOf(NO_THOUGHT, at + NO_THOUGHT.length())) {
            thoughts++;
        }
        return thoughts == 0
                ? bytesOnTheWire == bytes.length
                : bytesOnTheWire >= bytes.length - (long) thoughts * LEFT_OUT.length();
    }

    private static Optional<String> userId(JsonParser json) throws IOException {
        Optional<String> found = Optional.empty();
        while (json.nextToken() == JsonToken.FIELD_NAME) {
            boolean isIt = json.currentName().equals("user_id");
            if (json.nextToken() == JsonToken.VALUE_STRING && isIt) {
                found = Optional.of(json.getText());
            }
            json.skipChildren();
        }
        return found;
    }

    private static boolean isOfAgent(JsonParser json) throws IOException {
        boolean found = false;
        while (json.nextToken() != JsonToken.END_ARRAY) {
            if (json.currentToken() != JsonToken.START_OBJECT) {
                json.skipChildren();
                continue;
            }
            while (json.nextToken() == JsonToken.FIELD_NAME) {
                boolean isText = json.currentName().equals("text");
                if (json.nextToken() == JsonToken.VALUE_STRING && isText) {
                    found |= isAgent(json.getText());
                }
                json.skipChildren();
            }
        }
        return found;
    }

    /// The same of a body that was read whole.
    static boolean isOfAgent(JsonNode system) {
        for (JsonNode block : system) {
            if (isAgent(block.path("text").asText(""))) {
                return true;
            }
        }
        return false;
    }

    private static boolean isAgent(String text) {
        return text.startsWith(HEAD) && text.contains(AGENT);
    }

    private static int offset(long at) {
        return Math.toIntExact(at);
    }

    /// Without a field, and the comma that parts it from the others.
    private static byte[] without(byte[] written, int from, int to) {
        // In another encoding than UTF-8 nothing is known of where it stands.
        if (from < 1 || to <= from) {
            return written;
        }
        int start = from;
        int end = to;
        if (written[start - 1] == ',') {
            start--;
        } else if (end < written.length && written[end] == ',') {
            end++;
        }
        byte[] sent = Arrays.copyOf(written, written.length - (end - start));
        System.arraycopy(written, end, sent, start, written.length - end);
        return sent;
    }
}
