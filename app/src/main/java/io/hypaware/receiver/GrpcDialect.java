package io.hypaware.receiver;

import io.hypaware.journal.TelemetryRequest;
import io.hypaware.journal.TelemetryRequest.Signal;
import io.vertx.core.Future;
import io.vertx.core.MultiMap;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.http.HttpVersion;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/// OTLP over gRPC: one message in a request, one in its answer, and how it went in the trailers
/// (grpc/doc/PROTOCOL-HTTP2.md).
/// A library for gRPC would gather a message before it could be counted, so that what exporters make the gateway hold
/// would not be bounded in sum.
record GrpcDialect() implements Dialect {

    private static final String GRPC = "application/grpc";
    private static final String ACCEPTED_ENCODINGS = "identity, gzip, zstd, deflate";
    private static final Set<String> ENCODINGS = Set.of("gzip", "zstd", "deflate");

    /// Before a message: whether it is compressed, a byte, and its length, four.
    private static final int PREFIX_BYTES = 5;

    static boolean isGrpc(HttpServerRequest request) {
        String type = request.headers().contains("content-type")
                ? request.headers().get("content-type").toLowerCase(Locale.ROOT)
                : "";
        return request.version() == HttpVersion.HTTP_2
                && (type.equals(GRPC) || type.startsWith(GRPC + "+") || type.startsWith(GRPC + ";"));
    }

    @Override
    public Optional<Signal> signal(String path) {
        return switch (path) {
            case "/opentelemetry.proto.collector.logs.v1.LogsService/Export" -> Optional.of(Signal.LOGS);
            case "/opentelemetry.proto.collector.trace.v1.TraceService/Export" -> Optional.of(Signal.TRACES);
            case "/opentelemetry.proto.collector.metrics.v1.MetricsService/Export" -> Optional.of(Signal.METRICS);
            default -> Optional.empty();
        };
    }

    @Override
    public String contentType(MultiMap headers) {
        String type = headers.get("content-type").toLowerCase(Locale.ROOT);
        if (type.startsWith(GRPC + "+") && !type.startsWith(GRPC + "+proto")) {
            throw new RefusedException(
                    Refusal.type("messages of the type \"" + type + "\" are not taken; protobuf is"));
        }
        return TelemetryRequest.PROTOBUF;
    }

    @Override
    public String contentEncoding(MultiMap headers) {
        String encoding = headers.contains("grpc-encoding")
                ? headers.get("grpc-encoding").strip().toLowerCase(Locale.ROOT)
                : "";
        if (encoding.isEmpty() || encoding.equals("identity")) {
            return "";
        }
        if (!ENCODINGS.contains(encoding)) {
            throw new RefusedException(Refusal.type(
                    "the encoding \"" + encoding + "\" is not taken; one of " + ACCEPTED_ENCODINGS + " is"));
        }
        return encoding;
    }

    @Override
    public Message message(byte[] body, String encoding) {
        if (body.length < PREFIX_BYTES
                || body[0] < 0
                || body[0] > 1
                || ByteBuffer.wrap(body).getInt(1) != body.length - PREFIX_BYTES) {
            throw new RefusedException(Refusal.malformed("a request has one message, with its length before it"));
        }
        boolean compressed = body[0] == 1;
        if (compressed && encoding.isEmpty()) {
            throw new RefusedException(
                    Refusal.malformed("the message is compressed, and grpc-encoding does not say how"));
        }
        return new Message(Arrays.copyOfRange(body, PREFIX_BYTES, body.length), compressed ? encoding : "");
    }

    @Override
    public Future<Void> succeed(HttpServerRequest request) {
        // No field is set in the message: it has no bytes.
        return head(request.response()).putTrailer("grpc-status", "0").end(Buffer.buffer(new byte[PREFIX_BYTES]));
    }

    @Override
    public Future<Void> refuse(HttpServerRequest request, Refusal refusal) {
        HttpServerResponse response = head(request.response())
                .putHeader("grpc-status", Integer.toString(refusal.code()))
                .putHeader("grpc-message", percentEncoded(refusal.message()))
                .putHeader(
                        "grpc-status-details-bin",
                        Base64.getEncoder().withoutPadding().encodeToString(RpcStatus.of(refusal)));
        return response.end();
    }

    private static HttpServerResponse head(HttpServerResponse response) {
        return response.putHeader("content-type", GRPC).putHeader("grpc-accept-encoding", ACCEPTED_ENCODINGS);
    }

    private static String percentEncoded(String message) {
        StringBuilder out = new StringBuilder();
        for (byte b : message.getBytes(StandardCharsets.UTF_8)) {
            if (b >= ' ' && b < 0x7f && b != '%') {
                out.append((char) b);
            } else {
                out.append("%%%02X".formatted(b & 0xff));
            }
        }
        return out.toString();
    }
}
