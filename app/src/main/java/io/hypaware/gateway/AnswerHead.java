package io.hypaware.gateway;

import io.hypaware.journal.ResponseHead;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.net.impl.ConnectionBase;
import java.nio.charset.StandardCharsets;
import java.time.Duration;

/// What is to be known of the head of an upstream's answer to pass it on.
final class AnswerHead {

    /// Writes the head if a body may follow; else it is written with the end.
    ///
    /// @param last whether the client's connection ends with this answer
    static void pass(HttpClientResponse in, HttpServerRequest request, ClientConnection client, boolean last) {
        HttpServerResponse response = request.response();
        response.setStatusCode(in.statusCode());
        if (in.version() != HttpVersion.HTTP_2) {
            response.setStatusMessage(in.statusMessage());
        }
        HopByHop.copy(in.headers(), response.headers(), false);
        boolean hasBody = mayHaveBody(request, in);
        boolean old = request.version() == HttpVersion.HTTP_1_0;
        if (last) {
            response.putHeader("connection", "close");
            client.closeWhenAnswered();
        }
        if (old && hasBody && in.getHeader("content-length") == null) {
            // HTTP/1.0 knows no chunks: the body ends with the connection. Set last, over what the library adds.
            client.endAfterAnswer();
            response.headersEndHandler(
                    _ -> response.headers().remove("transfer-encoding").set("connection", "close"));
        }
        if (hasBody && in.getHeader("content-length") == null && !old) {
            response.setChunked(true);
        }
        if (hasBody) {
            response.writeHead();
        }
    }

    /// The head as it is recorded.
    ///
    /// @param sinceNanos when the call began
    static ResponseHead recorded(HttpClientResponse in, Redaction redaction, long sinceNanos) {
        return new ResponseHead(
                in.statusCode(), redaction.headers(in.headers()), Duration.ofNanos(System.nanoTime() - sinceNanos));
    }

    /// The head as it goes out where no encoder writes it.
    static byte[] bytes(HttpClientResponse in) {
        StringBuilder head = new StringBuilder("HTTP/1.1 ")
                .append(in.statusCode())
                .append(' ')
                .append(in.statusMessage())
                .append("\r\n");
        in.headers()
                .forEach((name, value) ->
                        head.append(name).append(": ").append(value).append("\r\n"));
        return head.append("\r\n").toString().getBytes(StandardCharsets.ISO_8859_1);
    }

    private static boolean mayHaveBody(HttpServerRequest request, HttpClientResponse in) {
        int status = in.statusCode();
        return !request.method().equals(HttpMethod.HEAD) && status != 204 && status != 304;
    }

    /// Where the rest of the answer comes from.
    static Flow.Source source(HttpClientResponse in) {
        if (in.version() == HttpVersion.HTTP_2) {
            return Flow.Source.of(in::pause, in::resume);
        }
        // Held at the socket: the library would take in up to a megabyte first.
        var channel = ((ConnectionBase) in.request().connection()).channel().config();
        return Flow.Source.of(() -> channel.setAutoRead(false), () -> channel.setAutoRead(true));
    }

    private AnswerHead() {}
}
