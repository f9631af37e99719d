package io.hypaware.project;

import static io.hypaware.testing.RecordedCalls.message;
import static io.hypaware.testing.RecordedCalls.textBlock;
import static io.hypaware.testing.RecordedCalls.thinking;
import static io.hypaware.testing.RecordedCalls.toolResult;
import static io.hypaware.testing.RecordedCalls.toolUse;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.hypaware.testing.RecordedCalls;
import io.hypaware.testing.ResponsesCalls;
import java.nio.charset.StandardCharsets;
import java.util.List;

/// A call in each wire format, with a mark in the user's message and one in the answer's.
enum WireShape {
    MESSAGES("anthropic", "/v1/messages") {
        @Override
        ObjectNode requestJson(String mark) {
            ObjectNode body =
                    RecordedCalls.JSON.createObjectNode().put("model", "m").put("max_tokens", 10);
            body.putArray("tools").addObject().put("name", "Read").putObject("input_schema");
            body.putArray("system").add(textBlock("You work in cwd: /x"));
            body.putArray("messages")
                    .add(message("user", textBlock("<reminder>" + mark), textBlock(mark)))
                    .add(message("assistant", thinking("hm"), toolUse("t-" + mark, "Read")))
                    .add(message("user", toolResult("t-" + mark, "read")));
            return body;
        }

        @Override
        ObjectNode documentJson(String mark) {
            ObjectNode body =
                    RecordedCalls.JSON.createObjectNode().put("id", "msg").put("role", "assistant");
            body.putArray("content").add(textBlock(mark));
            body.putObject("usage").put("input_tokens", 1).put("output_tokens", 2);
            return body;
        }

        @Override
        List<String> events(String mark) {
            return List.of(
                    "{\"type\":\"message_start\",\"message\":{\"id\":\"msg\",\"usage\":{\"input_tokens\":3}}}",
                    "{\"type\":\"content_block_start\",\"index\":0,\"content_block\":{\"type\":\"thinking\",\"thinking\":\"\"}}",
                    "{\"type\":\"content_block_delta\",\"index\":0,\"delta\":{\"type\":\"thinking_delta\",\"thinking\":\"hm\"}}",
                    "{\"type\":\"content_block_stop\",\"index\":0}",
                    "{\"type\":\"content_block_start\",\"index\":1,\"content_block\":{\"type\":\"text\",\"text\":\"\"}}",
                    "{\"type\":\"content_block_delta\",\"index\":1,\"delta\":{\"type\":\"text_delta\",\"text\":\""
                            + mark + "\"}}",
                    "{\"type\":\"content_block_stop\",\"index\":1}",
                    "{\"type\":\"message_delta\",\"delta\":{\"stop_reason\":\"end_turn\"},\"usage\":{\"output_tokens\":7}}",
                    "{\"type\":\"message_stop\"}");
        }
    },

    RESPONSES("openai", "/v1/responses") {
        @Override
        ObjectNode requestJson(String mark) {
            ObjectNode body =
                    RecordedCalls.JSON.createObjectNode().put("model", "m").put("instructions", "Be brief");
            body.putArray("tools").addObject().put("type", "function").put("name", "read");
            ArrayNode input = body.putArray("input");
            input.add(ResponsesCalls.said("user", mark));
            input.add(ResponsesCalls.thought("hm"));
            input.add(ResponsesCalls.functionCall("c-" + mark, "read"));
            input.add(ResponsesCalls.functionOutput("c-" + mark, "read"));
            return body;
        }

        @Override
        ObjectNode documentJson(String mark) {
            return ResponsesCalls.response("resp_" + mark, "completed", ResponsesCalls.said("assistant", mark));
        }

        @Override
        List<String> events(String mark) {
            JsonNode item = ResponsesCalls.said("assistant", mark);
            return List.of(
                    "{\"type\":\"response.created\",\"response\":{\"id\":\"r\",\"status\":\"in_progress\"}}",
                    "{\"type\":\"response.output_item.added\",\"output_index\":0,\"item\":{\"type\":\"message\",\"id\":\"m\",\"role\":\"assistant\",\"content\":[]}}",
                    "{\"type\":\"response.output_text.delta\",\"output_index\":0,\"item_id\":\"m\",\"content_index\":0,\"delta\":\""
                            + mark + "\"}",
                    "{\"type\":\"response.output_item.done\",\"output_index\":0,\"item\":" + item + "}",
                    "{\"type\":\"response.completed\",\"response\":{\"id\":\"r\",\"status\":\"completed\",\"output\":["
                            + item + "],\"usage\":{\"input_tokens\":3,\"output_tokens\":7}}}");
        }
    },

    CHAT("openai", "/v1/chat/completions") {
        @Override
        ObjectNode requestJson(String mark) {
            ObjectNode body = RecordedCalls.JSON.createObjectNode().put("model", "m");
            body.putArray("tools")
                    .addObject()
                    .put("type", "function")
                    .putObject("function")
                    .put("name", "read");
            ArrayNode messages = body.putArray("messages");
            messages.add(message("system", "Be brief")).add(message("user", mark));
            ObjectNode call = messages.addObject().put("role", "assistant").putNull("content");
            call.putArray("tool_calls")
                    .addObject()
                    .put("id", "c-" + mark)
                    .put("type", "function")
                    .putObject("function")
                    .put("name", "read")
                    .put("arguments", "{}");
            messages.addObject()
                    .put("role", "tool")
                    .put("tool_call_id", "c-" + mark)
                    .put("content", "read");
            return body;
        }

        @Override
        ObjectNode documentJson(String mark) {
            ObjectNode body =
                    RecordedCalls.JSON.createObjectNode().put("id", "c").put("model", "m");
            ObjectNode choice =
                    body.putArray("choices").addObject().put("index", 0).put("finish_reason", "stop");
            choice.set("message", message("assistant", mark));
            body.putObject("usage").put("prompt_tokens", 1).put("completion_tokens", 2);
            return body;
        }

        @Override
        List<String> events(String mark) {
            return List.of(
                    "{\"id\":\"c\",\"choices\":[{\"index\":0,\"delta\":{\"role\":\"assistant\",\"content\":\"\"}}]}",
                    "{\"id\":\"c\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\"" + mark + "\"}}]}",
                    "{\"id\":\"c\",\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}]}",
                    "{\"id\":\"c\",\"choices\":[],\"usage\":{\"prompt_tokens\":1,\"completion_tokens\":2}}",
                    "[DONE]");
        }
    };

    final String provider;
    final String path;

    WireShape(String provider, String path) {
        this.provider = provider;
        this.path = path;
    }

    abstract ObjectNode requestJson(String mark);

    abstract ObjectNode documentJson(String mark);

    abstract List<String> events(String mark);

    byte[] request(String mark) {
        return requestJson(mark).toString().getBytes(StandardCharsets.UTF_8);
    }

    byte[] document(String mark) {
        return documentJson(mark).toString().getBytes(StandardCharsets.UTF_8);
    }

    byte[] stream(String mark) {
        StringBuilder out = new StringBuilder();
        events(mark)
                .forEach(event -> out.append("event: x\ndata: ").append(event).append("\n\n"));
        return out.toString().getBytes(StandardCharsets.UTF_8);
    }
}
