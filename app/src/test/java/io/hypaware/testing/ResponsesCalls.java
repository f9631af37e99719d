package io.hypaware.testing;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;

/// Calls of the Responses API to be recorded, with the rows that they become.
public final class ResponsesCalls {

    private final RecordedCalls calls;
    private int number;

    public ResponsesCalls(Path folder) {
        this.calls = new RecordedCalls(folder);
    }

    public RecordedCalls recorded() {
        return calls;
    }

    /// A call whose request has these items.
    public Call call(JsonNode... input) {
        Call call = new Call();
        List.of(input).forEach(call.body.withArray("input")::add);
        return call;
    }

    public static ObjectNode said(String role, String text) {
        String type = role.equals("assistant") ? "output_text" : "input_text";
        ObjectNode item = object("message").put("role", role);
        item.putArray("content").addObject().put("type", type).put("text", text);
        return item;
    }

    public static ObjectNode named(String id, ObjectNode item) {
        return item.deepCopy().put("id", id);
    }

    public static ObjectNode thought(String text) {
        ObjectNode item = object("reasoning").put("id", "rs_" + text.hashCode()).put("encrypted_content", "sealed");
        item.putArray("summary").addObject().put("type", "summary_text").put("text", text);
        return item;
    }

    public static ObjectNode functionCall(String id, String name) {
        return object("function_call")
                .put("id", "fc_" + id)
                .put("call_id", id)
                .put("name", name)
                .put("arguments", "{\"of\":\"" + id + "\"}")
                .put("status", "completed");
    }

    public static ObjectNode functionOutput(String id, String text) {
        return object("function_call_output").put("call_id", id).put("output", text);
    }

    public static ObjectNode object(String type) {
        return RecordedCalls.JSON.createObjectNode().put("type", type);
    }

    /// A call being described.
    public final class Call {

        private final ObjectNode body = RecordedCalls.JSON.createObjectNode().put("model", "gpt-5-codex");
        private final RecordedCalls.Call call = calls.call().provider("openai").path("/v1/responses");
        private String id = "resp_" + ++number;

        private Call() {
            body.putArray("input");
        }

        /// As Codex says it.
        public Call codex(String session, String thread, int window) {
            ObjectNode metadata = body.putObject("client_metadata");
            metadata.put("session_id", session).put("thread_id", thread);
            metadata.put(
                    "x-codex-turn-metadata",
                    "{\"thread_id\":\"%s\",\"turn_id\":\"t\",\"window_id\":\"%s:%d\",\"workspaces\":{\"/work\":{\"has_changes\":true}}}"
                            .formatted(thread, thread, window));
            call.header("session-id", "not-this");
            return this;
        }

        public Call set(String field, JsonNode value) {
            body.set(field, value);
            return this;
        }

        public Call after(String response) {
            body.put("previous_response_id", response);
            return this;
        }

        public Call tools(String... names) {
            ArrayNode tools = body.putArray("tools");
            List.of(names)
                    .forEach(name -> tools.addObject().put("type", "function").put("name", name));
            return this;
        }

        public Call id(String newId) {
            id = newId;
            return this;
        }

        /// Records it, answered with these items; returns the answer's id.
        public String answer(JsonNode... output) {
            return answered("completed", output);
        }

        public String answered(String status, JsonNode... output) {
            record(response(id, status, output).toString(), "application/json");
            return id;
        }

        public void record(String response, String type) {
            call.request(body.toString().getBytes(StandardCharsets.UTF_8))
                    .response(type, response.getBytes(StandardCharsets.UTF_8))
                    .record();
        }

        public RecordedCalls.Call http() {
            return call.request(body.toString().getBytes(StandardCharsets.UTF_8));
        }
    }

    /// The message of a WebSocket that is a call.
    public static String create(String text) {
        return object("response.create")
                .put("model", "m")
                .set("input", RecordedCalls.JSON.createArrayNode().add(said("user", text)))
                .toString();
    }

    /// The message of a WebSocket that is an answer's last.
    public static String completed(String id, String text) {
        return object("response.completed")
                .set("response", response(id, "completed", said("assistant", text)))
                .toString();
    }

    public static ObjectNode response(String id, String status, JsonNode... output) {
        ObjectNode response = RecordedCalls.JSON
                .createObjectNode()
                .put("id", id)
                .put("object", "response")
                .put("model", "gpt-5-codex-2026")
                .put("status", status);
        ArrayNode items = response.putArray("output");
        List.of(output).forEach(items::add);
        ObjectNode usage = response.putObject("usage").put("input_tokens", 100).put("output_tokens", 7);
        usage.putObject("input_tokens_details").put("cached_tokens", 64);
        usage.putObject("output_tokens_details").put("reasoning_tokens", 3);
        return response;
    }
}
