package io.hypaware.testing;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.util.concurrent.atomic.AtomicInteger;

/// A provider that answers as OpenAI does: with a call of the tool `weather` twice, if it is there, then in words.
public final class OpenAiProvider {

    public static FakeProvider start() {
        AtomicInteger number = new AtomicInteger();
        return new FakeProvider((request, out) -> {
            String path = request.line().split(" ", 3)[1];
            JsonNode body = RecordedCalls.JSON.readTree(request.body());
            int n = number.incrementAndGet();
            if (path.endsWith("/embeddings")) {
                out.respond(200, "application/json", """
                        {"object":"list","model":"text-embedding-3-small","data":[{"object":"embedding","index":0,"embedding":[0.1,0.2]}],"usage":{"prompt_tokens":3,"total_tokens":3}}""");
            } else if (path.endsWith("/chat/completions")) {
                chat(body, n, out);
            } else {
                responses(body, n, out);
            }
        });
    }

    private static void chat(JsonNode body, int n, FakeProvider.Connection out) throws IOException {
        int results = 0;
        for (JsonNode message : body.path("messages")) {
            results += message.path("role").asText().equals("tool") ? 1 : 0;
        }
        boolean calls = body.has("tools") && results < 2;
        if (body.path("stream").asBoolean()) {
            chatStream(calls, n, out);
            return;
        }
        ObjectNode completion = RecordedCalls.JSON.createObjectNode();
        completion
                .put("id", "chatcmpl-" + n)
                .put("object", "chat.completion")
                .put("created", 1)
                .put("model", "gpt-5-2026");
        ArrayNode choices = completion.putArray("choices");
        for (int i = 0; i < body.path("n").asInt(1); i++) {
            ObjectNode choice = choices.addObject().put("index", i).put("finish_reason", calls ? "tool_calls" : "stop");
            choice.putNull("logprobs");
            ObjectNode message =
                    choice.putObject("message").put("role", "assistant").putNull("refusal");
            if (calls) {
                message.putNull("content");
                ObjectNode call = message.putArray("tool_calls").addObject();
                call.put("id", "call_" + (results + 1)).put("type", "function");
                call.putObject("function").put("name", "weather").put("arguments", "{\"city\":\"Bern\"}");
            } else {
                message.put("content", results > 0 ? "it rains" : "answer " + (i + 1));
            }
        }
        ObjectNode usage = completion.putObject("usage");
        usage.put("prompt_tokens", 20).put("completion_tokens", 5).put("total_tokens", 25);
        usage.putObject("prompt_tokens_details").put("cached_tokens", 8);
        out.respond(200, "application/json", completion.toString());
    }

    private static void chatStream(boolean calls, int n, FakeProvider.Connection out) throws IOException {
        out.write("HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n");
        String head = "data: {\"id\":\"chatcmpl-" + n
                + "\",\"object\":\"chat.completion.chunk\",\"created\":1,\"model\":\"gpt-5-2026\",\"choices\":[";
        String[] deltas = calls
                ? new String[] {
                    "{\"role\":\"assistant\",\"content\":null}",
                    "{\"tool_calls\":[{\"index\":0,\"id\":\"call_1\",\"type\":\"function\",\"function\":{\"name\":\"weather\",\"arguments\":\"\"}}]}",
                    "{\"tool_calls\":[{\"index\":0,\"function\":{\"arguments\":\"{\\\"city\\\":\"}}]}",
                    "{\"tool_calls\":[{\"index\":0,\"function\":{\"arguments\":\"\\\"Bern\\\"}\"}}]}"
                }
                : new String[] {
                    "{\"role\":\"assistant\",\"content\":\"\"}", "{\"content\":\"one \"}", "{\"content\":\"two ☃\"}"
                };
        for (String delta : deltas) {
            out.chunk(head + "{\"index\":0,\"delta\":" + delta + ",\"finish_reason\":null}]}\n\n");
        }
        out.chunk(head + "{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}]}\n\n");
        out.chunk(head + "],\"usage\":{\"prompt_tokens\":20,\"completion_tokens\":5,\"total_tokens\":25}}\n\n");
        out.chunk("data: [DONE]\n\n");
        out.write("0\r\n\r\n");
    }

    private static void responses(JsonNode body, int n, FakeProvider.Connection out) throws IOException {
        boolean results = body.path("input").toString().contains("function_call_output");
        ObjectNode item = body.has("tools") && !results
                ? ResponsesCalls.functionCall("call_" + n, "weather")
                : ResponsesCalls.said("assistant", "answer " + n);
        item.put("status", "completed");
        if (item.path("type").asText().equals("message")) {
            item.put("id", "msg_" + n);
            ((ObjectNode) item.get("content").get(0)).putArray("annotations");
        }
        ObjectNode response = response("resp_" + n, item);
        if (!body.path("stream").asBoolean()) {
            out.respond(200, "application/json", response.toString());
            return;
        }
        out.write("HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n");
        out.chunk(sse(event("response.created", 0)
                .set("response", response("resp_" + n).put("status", "in_progress"))));
        out.chunk(sse(
                event("response.output_item.added", 1).put("output_index", 0).set("item", item)));
        for (int i = 0; i < 2; i++) {
            out.chunk(sse(event("response.output_text.delta", 2 + i)
                    .put("output_index", 0)
                    .put("content_index", 0)
                    .put("item_id", "msg_" + n)
                    .put("delta", i == 0 ? "answer " : "" + n)
                    .set("logprobs", RecordedCalls.JSON.createArrayNode())));
        }
        out.chunk(
                sse(event("response.output_item.done", 4).put("output_index", 0).set("item", item)));
        out.chunk(sse(event("response.completed", 5).set("response", response)));
        out.write("0\r\n\r\n");
    }

    private static String sse(JsonNode event) {
        return "event: " + event.path("type").asText() + "\ndata: " + event + "\n\n";
    }

    private static ObjectNode event(String type, int sequence) {
        return ResponsesCalls.object(type).put("sequence_number", sequence);
    }

    private static ObjectNode response(String id, JsonNode... items) {
        ObjectNode response = ResponsesCalls.response(id, "completed", items);
        response.put("created_at", 1).put("parallel_tool_calls", true).put("tool_choice", "auto");
        response.putArray("tools");
        response.putNull("error")
                .putNull("incomplete_details")
                .putNull("instructions")
                .putNull("metadata");
        ((ObjectNode) response.get("usage")).put("total_tokens", 107);
        return response;
    }

    private OpenAiProvider() {}
}
