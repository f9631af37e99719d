package io.hypaware.smoke;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Locale;

/// Stands for the providers: answers the calls that agents make, with a text that says what was asked.
final class LoopbackProvider implements AutoCloseable {

    private static final int MOST_BODY = 1 << 20;

    private final ServerSocket server;

    LoopbackProvider() throws IOException {
        server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        Thread.ofVirtual().start(this::accept);
    }

    String url() {
        return "http://127.0.0.1:" + server.getLocalPort();
    }

    private void accept() {
        while (!server.isClosed()) {
            try {
                Socket socket = server.accept();
                Thread.ofVirtual().start(() -> serve(socket));
            } catch (IOException e) {
                // It is closed.
                return;
            }
        }
    }

    private static void serve(Socket socket) {
        try (socket;
                InputStream in = new BufferedInputStream(socket.getInputStream());
                OutputStream out = socket.getOutputStream()) {
            for (String request = line(in); !request.isEmpty(); request = line(in)) {
                int length = 0;
                for (String header = line(in); !header.isEmpty(); header = line(in)) {
                    if (header.toLowerCase(Locale.ROOT).startsWith("content-length:")) {
                        length = Integer.parseInt(
                                header.substring("content-length:".length()).strip());
                    }
                }
                in.skipNBytes(Math.min(length, MOST_BODY));
                out.write(answer(request));
                out.flush();
            }
        } catch (IOException e) {
            // The gateway has gone.
        }
    }

    private static byte[] answer(String request) {
        boolean json = request.contains("/chat/completions");
        String body = request.contains("/responses")
                ? RESPONSES
                : json ? CHAT : request.contains("tools") ? MESSAGES_TOOL : MESSAGES;
        byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
        byte[] head = ("HTTP/1.1 200 OK\r\ncontent-type: " + (json ? "application/json" : "text/event-stream")
                        + "\r\ncontent-length: " + bytes.length + "\r\n\r\n")
                .getBytes(StandardCharsets.US_ASCII);
        byte[] whole = new byte[head.length + bytes.length];
        System.arraycopy(head, 0, whole, 0, head.length);
        System.arraycopy(bytes, 0, whole, head.length, bytes.length);
        return whole;
    }

    private static String line(InputStream in) throws IOException {
        StringBuilder line = new StringBuilder();
        for (int c = in.read(); c >= 0 && c != '\n'; c = in.read()) {
            if (c != '\r') {
                line.append((char) c);
            }
        }
        return line.toString();
    }

    private static String events(String... events) {
        StringBuilder stream = new StringBuilder();
        for (String event : events) {
            String type = event.substring(event.indexOf("\"type\":\"") + 8);
            stream.append("event: ")
                    .append(type, 0, type.indexOf('"'))
                    .append("\ndata: ")
                    .append(event)
                    .append("\n\n");
        }
        return stream.toString();
    }

    private static final String START =
            "{\"type\":\"message_start\",\"message\":{\"id\":\"msg_smoke\",\"type\":\"message\",\"role\":\"assistant\",\"model\":\"claude-smoke\",\"content\":[],\"usage\":{\"input_tokens\":7,\"output_tokens\":1}}}";

    private static final String MESSAGES = events(
            START,
            "{\"type\":\"content_block_start\",\"index\":0,\"content_block\":{\"type\":\"text\",\"text\":\"\"}}",
            "{\"type\":\"content_block_delta\",\"index\":0,\"delta\":{\"type\":\"text_delta\",\"text\":\"here you are\"}}",
            "{\"type\":\"content_block_stop\",\"index\":0}",
            "{\"type\":\"message_delta\",\"delta\":{\"stop_reason\":\"end_turn\"},\"usage\":{\"output_tokens\":3}}",
            "{\"type\":\"message_stop\"}");

    private static final String MESSAGES_TOOL = events(
            START,
            "{\"type\":\"content_block_start\",\"index\":0,\"content_block\":{\"type\":\"tool_use\",\"id\":\"toolu_smoke\",\"name\":\"look\",\"input\":{}}}",
            "{\"type\":\"content_block_delta\",\"index\":0,\"delta\":{\"type\":\"input_json_delta\",\"partial_json\":\"{\\\"at\\\":\\\"it\\\"}\"}}",
            "{\"type\":\"content_block_stop\",\"index\":0}",
            "{\"type\":\"message_delta\",\"delta\":{\"stop_reason\":\"tool_use\"},\"usage\":{\"output_tokens\":5}}",
            "{\"type\":\"message_stop\"}");

    private static final String RESPONSES = events(
            "{\"type\":\"response.created\",\"response\":{\"id\":\"resp_smoke\",\"object\":\"response\",\"status\":\"in_progress\",\"model\":\"gpt-smoke\",\"output\":[]}}",
            "{\"type\":\"response.output_item.done\",\"output_index\":0,\"item\":{\"type\":\"message\",\"id\":\"msg_1\",\"role\":\"assistant\",\"status\":\"completed\",\"content\":[{\"type\":\"output_text\",\"text\":\"here you are\"}]}}",
            "{\"type\":\"response.completed\",\"response\":{\"id\":\"resp_smoke\",\"object\":\"response\",\"status\":\"completed\",\"model\":\"gpt-smoke\",\"output\":[{\"type\":\"message\",\"id\":\"msg_1\",\"role\":\"assistant\",\"status\":\"completed\",\"content\":[{\"type\":\"output_text\",\"text\":\"here you are\"}]}],\"usage\":{\"input_tokens\":7,\"output_tokens\":3,\"total_tokens\":10}}}");

    private static final String CHAT =
            "{\"id\":\"chatcmpl-smoke\",\"object\":\"chat.completion\",\"model\":\"gpt-smoke\",\"choices\":[{\"index\":0,\"message\":{\"role\":\"assistant\",\"content\":\"here you are\"},\"finish_reason\":\"stop\"}],\"usage\":{\"prompt_tokens\":7,\"completion_tokens\":3,\"total_tokens\":10}}";

    @Override
    public void close() {
        try {
            server.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
