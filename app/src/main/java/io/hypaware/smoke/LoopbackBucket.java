package io.hypaware.smoke;

import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;

/// Stands for a server that speaks S3, with one bucket that is held in memory: puts, conditional ones too, gets,
/// listings, deletions.
final class LoopbackBucket implements AutoCloseable {

    static final String NAME = "smoke";
    static final String ACCESS_KEY = "AKIASMOKESMOKESMOKE0";

    /// Nothing of ours may ever write it down.
    static final String SECRET_KEY = "secretOfASmokeSecretOfASmokeSecret";

    private final Vertx vertx = Vertx.vertx();
    private final Map<String, Buffer> objects = new ConcurrentSkipListMap<>();
    private final List<String> commits = new CopyOnWriteArrayList<>();
    private final AtomicInteger conflicts = new AtomicInteger();
    private final HttpServer server;

    LoopbackBucket() {
        server = vertx.createHttpServer(new HttpServerOptions().setHandle100ContinueAutomatically(true))
                .requestHandler(request -> request.body().onSuccess(body -> answer(request, body)))
                .listen(0, "127.0.0.1")
                .toCompletionStage()
                .toCompletableFuture()
                .join();
    }

    String url() {
        return "http://127.0.0.1:" + server.actualPort();
    }

    /// So many of the next conditional puts are told that somebody else puts the same.
    void conflicts(int next) {
        conflicts.set(next);
    }

    /// Keys that were put where none was.
    List<String> commits() {
        return commits;
    }

    Map<String, Buffer> objects() {
        return objects;
    }

    private void answer(HttpServerRequest request, Buffer body) {
        String key = URLDecoder.decode(request.path().replace("+", "%2B"), StandardCharsets.UTF_8)
                .replaceFirst("^/" + NAME + "/?", "");
        if (!request.getHeader("authorization").contains(ACCESS_KEY)) {
            end(request, 403, "AccessDenied");
        } else if (key.isEmpty()) {
            request.response().end(listing(request.getParam("prefix", "")));
        } else if (request.method().equals(HttpMethod.PUT)) {
            put(request, key, decoded(request, body));
        } else if (request.method().equals(HttpMethod.DELETE)) {
            objects.remove(key);
            request.response().setStatusCode(204).end();
        } else {
            get(request, key);
        }
    }

    private void put(HttpServerRequest request, String key, Buffer body) {
        boolean ifAbsent = request.getHeader("if-none-match") != null;
        if (ifAbsent && conflicts.getAndUpdate(left -> Math.max(0, left - 1)) > 0) {
            end(request, 409, "ConditionalRequestConflict");
        } else if (ifAbsent && objects.containsKey(key)) {
            end(request, 412, "PreconditionFailed");
        } else {
            objects.put(key, body);
            if (ifAbsent) {
                commits.add(key);
            }
            request.response().putHeader("etag", "\"1\"").end();
        }
    }

    private void get(HttpServerRequest request, String key) {
        Buffer found = objects.get(key);
        if (found == null) {
            end(request, 404, "NoSuchKey");
        } else if (request.method().equals(HttpMethod.HEAD)) {
            request.response()
                    .putHeader("content-length", Integer.toString(found.length()))
                    .end();
        } else {
            request.response().end(found);
        }
    }

    private String listing(String prefix) {
        StringBuilder listed = new StringBuilder("<ListBucketResult><IsTruncated>false</IsTruncated>");
        objects.forEach((key, body) -> {
            if (key.startsWith(prefix)) {
                listed.append("<Contents><Key>%s</Key><Size>%d</Size></Contents>".formatted(key, body.length()));
            }
        });
        return listed.append("</ListBucketResult>").toString();
    }

    private static void end(HttpServerRequest request, int status, String code) {
        request.response()
                .setStatusCode(status)
                .end(request.method().equals(HttpMethod.HEAD) ? "" : "<Error><Code>" + code + "</Code></Error>");
    }

    /// Bodies come in signed chunks: a line with the length of each before it.
    private static Buffer decoded(HttpServerRequest request, Buffer body) {
        String sum = request.getHeader("x-amz-content-sha256");
        if (sum == null || !sum.startsWith("STREAMING-")) {
            return body;
        }
        Buffer decoded = Buffer.buffer();
        String text = body.toString(StandardCharsets.ISO_8859_1);
        int at = 0;
        while (at < text.length()) {
            int end = text.indexOf("\r\n", at);
            int length = Integer.parseInt(text.substring(at, text.indexOf(';', at)), 16);
            if (length == 0) {
                break;
            }
            decoded.appendBuffer(body, end + 2, length);
            at = end + 2 + length + 2;
        }
        return decoded;
    }

    @Override
    public void close() {
        vertx.close().toCompletionStage().toCompletableFuture().join();
    }
}
