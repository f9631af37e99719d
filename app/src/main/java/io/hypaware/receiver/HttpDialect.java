package io.hypaware.receiver;

import io.hypaware.journal.TelemetryRequest;
import io.hypaware.journal.TelemetryRequest.Signal;
import io.vertx.core.Future;
import io.vertx.core.MultiMap;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/// OTLP over HTTP. An answer is written as its request is: protobuf or JSON.
///
/// @param isJson whether answers are JSON
record HttpDialect(boolean isJson) implements Dialect {

    private static final Set<String> ENCODINGS = Set.of("gzip", "zstd", "deflate");
    private static final String ACCEPTED_ENCODINGS = "gzip, zstd, deflate";

    static HttpDialect of(MultiMap headers) {
        return new HttpDialect(!mediaType(headers).equals(TelemetryRequest.PROTOBUF));
    }

    @Override
    public Optional<Signal> signal(String path) {
        return switch (path) {
            case "/v1/logs" -> Optional.of(Signal.LOGS);
            case "/v1/traces" -> Optional.of(Signal.TRACES);
            case "/v1/metrics" -> Optional.of(Signal.METRICS);
            default -> Optional.empty();
        };
    }

    @Override
    public String contentType(MultiMap headers) {
        String type = mediaType(headers);
        if (!type.equals(TelemetryRequest.PROTOBUF) && !type.equals(TelemetryRequest.JSON)) {
            throw new RefusedException(Refusal.type("the content type \"" + type + "\" is not taken; "
                    + TelemetryRequest.PROTOBUF + " and " + TelemetryRequest.JSON + " are"));
        }
        return type;
    }

    @Override
    public String contentEncoding(MultiMap headers) {
        List<String> said = headers.getAll("content-encoding").stream()
                .map(encoding -> encoding.strip().toLowerCase(Locale.ROOT))
                .filter(encoding -> !encoding.isEmpty() && !encoding.equals("identity"))
                .toList();
        if (said.isEmpty()) {
            return "";
        }
        if (said.size() > 1 || !ENCODINGS.contains(said.getFirst())) {
            throw new RefusedException(Refusal.type("the content encoding \"" + String.join(", ", said)
                    + "\" is not taken; one of " + ACCEPTED_ENCODINGS + " is"));
        }
        return said.getFirst();
    }

    @Override
    public Message message(byte[] body, String encoding) {
        if (body.length == 0 && isJson) {
            throw new RefusedException(Refusal.malformed("the body is empty, which is no JSON"));
        }
        return new Message(body, encoding);
    }

    @Override
    public Future<Void> succeed(HttpServerRequest request) {
        return end(request.response(), isJson ? Buffer.buffer("{}") : Buffer.buffer());
    }

    @Override
    public Future<Void> refuse(HttpServerRequest request, Refusal refusal) {
        HttpServerResponse response = request.response().setStatusCode(refusal.status());
        if (refusal.retrySeconds() > 0) {
            response.putHeader("retry-after", Integer.toString(refusal.retrySeconds()));
        }
        switch (refusal.status()) {
            case 405 -> response.putHeader("allow", "POST");
            case 415 -> response.putHeader("accept-encoding", ACCEPTED_ENCODINGS);
            default -> {}
        }
        return end(
                response,
                isJson
                        ? new JsonObject()
                                .put("code", refusal.code())
                                .put("message", refusal.message())
                                .toBuffer()
                        : Buffer.buffer(RpcStatus.of(refusal)));
    }

    private Future<Void> end(HttpServerResponse response, Buffer body) {
        return response.putHeader("content-type", isJson ? TelemetryRequest.JSON : TelemetryRequest.PROTOBUF)
                .end(body);
    }

    private static String mediaType(MultiMap headers) {
        String type = headers.contains("content-type") ? headers.get("content-type") : "";
        int parameters = type.indexOf(';');
        return (parameters < 0 ? type : type.substring(0, parameters)).strip().toLowerCase(Locale.ROOT);
    }
}
