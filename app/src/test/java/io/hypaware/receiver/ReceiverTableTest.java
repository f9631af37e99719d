package io.hypaware.receiver;

import static org.assertj.core.api.Assertions.assertThat;

import io.hypaware.testing.RawClient;
import io.hypaware.testing.TestReceiver;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.http.RequestOptions;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// What is answered to good and bad requests, over HTTP and over gRPC, and what of them is kept.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ReceiverTableTest {

    private static final int MOST = 4096;

    private final Vertx vertx = Vertx.vertx();
    private TestReceiver receiver;
    private HttpClient http2;

    @BeforeAll
    void start(@TempDir Path folder) {
        receiver = new TestReceiver(folder, ", \"max_request_bytes\": " + MOST);
        http2 = vertx.createHttpClient(
                new HttpClientOptions().setProtocolVersion(HttpVersion.HTTP_2).setHttp2ClearTextUpgrade(false));
    }

    @AfterAll
    void stop() {
        receiver.close();
        vertx.close().toCompletionStage().toCompletableFuture().join();
    }

    /// `kept` is how the journal calls it: signal, content type, encoding; `-` if it is not kept.
    @ParameterizedTest(name = "{0} {1} {2} {3}")
    @CsvSource(delimiter = '|', textBlock = """
            POST | /v1/logs           | content-type: application/x-protobuf                             | bytes   | 200 |             | logs application/x-protobuf
            POST | /v1/traces         | content-type: application/x-protobuf;content-encoding: gzip      | bytes   | 200 |             | traces application/x-protobuf gzip
            POST | /v1/metrics        | content-type: application/x-protobuf;content-encoding: zstd      | bytes   | 200 |             | metrics application/x-protobuf zstd
            POST | /v1/logs           | content-type: application/json                                   | {}      | 200 | {}          | logs application/json
            POST | /v1/logs           | content-type: Application/JSON\\; charset=utf-8                   | {}      | 200 | {}          | logs application/json
            POST | /v1/traces         | content-type: application/json;content-encoding: deflate         | bytes   | 200 | {}          | traces application/json deflate
            POST | /v1/metrics        | content-type: application/json;content-encoding: identity        | {}      | 200 | {}          | metrics application/json
            POST | /v1/logs?a=b       | content-type: application/json                                   | {}      | 200 | {}          | logs application/json
            POST | /v1/logs           | content-type: application/json;x-hypaware-telemetry: 1           | {}      | 200 | {}          | -
            POST | /v1/logs           | content-type: application/x-protobuf                             |         | 200 |             | -
            POST | /v1/logs           | content-type: application/json                                   |         | 400 | empty       | -
            POST | /v1/logs           | content-type: text/plain                                         | {}      | 415 | text/plain  | -
            POST | /v1/logs           |                                                                  | {}      | 415 | json        | -
            POST | /v1/logs           | content-type: application/grpc                                   | {}      | 415 | grpc        | -
            POST | /v1/logs           | content-type: application/json;content-encoding: br              | bytes   | 415 | br          | -
            POST | /v1/logs           | content-type: application/json;content-encoding: gzip, gzip      | bytes   | 415 | gzip, gzip  | -
            GET  | /v1/logs           |                                                                  |         | 405 | POST        | -
            PUT  | /v1/traces         | content-type: application/json                                   | {}      | 405 | POST        | -
            POST | /v1/profiles       | content-type: application/json                                   | {}      | 404 | /v1/logs    | -
            POST | /                  | content-type: application/json                                   | {}      | 404 | /v1/logs    | -
            GET  | /                  |                                                                  |         | 200 | ok          | -
            POST | /v1/logs           | content-type: application/json;host: evil.example                | {}      | 403 | evil        | -
            POST | /v1/logs           | content-type: application/json;origin: http://evil.example       | {}      | 403 | web pages   | -
            POST | /v1/logs           | content-type: application/json;origin: http://localhost:3000     | {}      | 403 | web pages   | -
            OPTIONS | /v1/logs        | origin: http://localhost:3000                                    |         | 403 | web pages   | -
            POST | /v1/logs           | content-type: application/json                                   | large   | 413 | 4096 bytes  | -
            POST | /v1/logs           | content-type: application/json;transfer-encoding: chunked        | large   | 413 | 4096 bytes  | -
            """)
    void overHttp(String method, String path, String headers, String body, int status, String said, String kept)
            throws Exception {
        int before = receiver.kept().size();
        byte[] bytes = bytes(body);
        StringBuilder head = new StringBuilder("%s %s HTTP/1.1\r\n".formatted(method, path));
        String given = headers == null ? "" : headers.replace("\\;", "\u0000");
        for (String header : given.split(";", -1)) {
            if (!header.isBlank()) {
                head.append(header.strip().replace('\u0000', ';')).append("\r\n");
            }
        }
        if (!given.contains("host:")) {
            head.append("host: 127.0.0.1\r\n");
        }
        boolean chunked = given.contains("chunked");
        if (!chunked && !method.equals("GET")) {
            head.append("content-length: ").append(bytes.length).append("\r\n");
        }
        try (RawClient client = new RawClient(receiver.port())) {
            client.write(head + "\r\n");
            if (chunked) {
                client.write("%x\r\n".formatted(bytes.length));
            }
            client.write(bytes);
            client.write(chunked ? "\r\n0\r\n\r\n" : "");
            Answer answer = answer(client);
            assertThat(answer.head()).startsWith("HTTP/1.1 " + status + " ");
            assertThat(answer.body()).contains(said == null ? "" : said);
            if (said == null) {
                assertThat(answer.body()).isEmpty();
                assertThat(answer.head()).contains("content-type: application/x-protobuf");
            } else {
                assertThat(answer.head()).contains("content-type: application/json");
            }
            // The connection goes on, whatever became of the request.
            client.write("GET / HTTP/1.1\r\nhost: localhost\r\n\r\n");
            assertThat(answer(client).body()).contains("ok");
        }
        assertKept(before, kept, bytes);
    }

    /// The body is a message with its prefix, but where it says otherwise.
    @ParameterizedTest(name = "{0} {1} {2}")
    @CsvSource(delimiter = '|', textBlock = """
            logs.v1.LogsService/Export       | content-type: application/grpc                          | bytes    | 0  | logs application/x-protobuf
            trace.v1.TraceService/Export     | content-type: application/grpc+proto                    | bytes    | 0  | traces application/x-protobuf
            metrics.v1.MetricsService/Export | content-type: application/grpc;grpc-encoding: gzip      | packed   | 0  | metrics application/x-protobuf gzip
            logs.v1.LogsService/Export       | content-type: application/grpc;grpc-encoding: zstd      | packed   | 0  | logs application/x-protobuf zstd
            logs.v1.LogsService/Export       | content-type: application/grpc;grpc-encoding: gzip      | bytes    | 0  | logs application/x-protobuf
            logs.v1.LogsService/Export       | content-type: application/grpc;x-hypaware-telemetry: 1  | bytes    | 0  | -
            logs.v1.LogsService/Export       | content-type: application/grpc                          | empty    | 0  | -
            logs.v1.LogsService/Export       | content-type: application/grpc                          | packed   | 3  | -
            logs.v1.LogsService/Export       | content-type: application/grpc                          | torn     | 3  | -
            logs.v1.LogsService/Export       | content-type: application/grpc                          | two      | 3  | -
            logs.v1.LogsService/Export       | content-type: application/grpc                          | nothing  | 3  | -
            logs.v1.LogsService/Export       | content-type: application/grpc;grpc-encoding: snappy    | packed   | 12 | -
            logs.v1.LogsService/Export       | content-type: application/grpc+json                     | bytes    | 12 | -
            logs.v1.LogsService/Else         | content-type: application/grpc                          | bytes    | 12 | -
            logs.v1.LogsService/Export       | content-type: application/grpc;origin: http://localhost | bytes    | 7  | -
            logs.v1.LogsService/Export       | content-type: application/grpc                          | large    | 8  | -
            """)
    void overGrpc(String method, String headers, String body, int code, String kept) throws Exception {
        int before = receiver.kept().size();
        byte[] bytes = bytes(body.equals("packed") ? "bytes" : body);
        Buffer message = Buffer.buffer()
                .appendByte((byte) (body.equals("packed") ? 1 : 0))
                .appendInt(body.equals("torn") ? bytes.length + 1 : bytes.length)
                .appendBytes(bytes);
        if (body.equals("two")) {
            message.appendBuffer(message.copy());
        }
        Said result = export(
                "/opentelemetry.proto.collector." + method,
                headers,
                body.equals("nothing") ? Buffer.buffer() : message);
        HttpClientResponse answer = result.answer();
        Buffer said = result.body();
        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(answer.getHeader("content-type")).isEqualTo("application/grpc");
        if (code == 0) {
            assertThat(said.getBytes()).containsExactly(0, 0, 0, 0, 0);
            assertThat(answer.getTrailer("grpc-status")).isEqualTo("0");
        } else {
            assertThat(answer.getHeader("grpc-status")).isEqualTo(Integer.toString(code));
            assertThat(answer.getHeader("grpc-message")).isNotBlank();
            byte[] details = Base64.getDecoder().decode(answer.getHeader("grpc-status-details-bin"));
            assertThat(new String(details, StandardCharsets.UTF_8)).contains(answer.getHeader("grpc-message"));
        }
        assertKept(before, kept, bytes);
    }

    @Test
    void whatIsOursIsSaidNotToBeRecorded() throws Exception {
        try (RawClient client = new RawClient(receiver.port())) {
            client.write("POST /v1/traces HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/json\r\n"
                    + "x-hypaware-telemetry: 1\r\ncontent-length: 2\r\n\r\n{}");
            assertThat(answer(client).head()).contains("x-hypaware-telemetry: not-recorded");
        }
    }

    @Test
    void heads() throws Exception {
        for (String bad : List.of(
                "nonsense\r\n\r\n",
                "POST /v1/logs HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-length: -1\r\n\r\n",
                "POST /v1/logs HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-length: 99999999999999999999\r\n\r\n",
                "POST /v1/logs HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-length: 2\r\ntransfer-encoding: chunked\r\n\r\n{}",
                "POST /" + "v".repeat(5_000) + " HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n",
                "POST /v1/logs HTTP/1.1\r\nhost: 127.0.0.1\r\nx: " + "y".repeat(20_000) + "\r\n\r\n")) {
            try (RawClient client = new RawClient(receiver.port())) {
                client.write(bad);
                assertThat(client.readAll())
                        .as(bad.substring(0, 60 % bad.length()))
                        .doesNotContain(" 200 ");
            }
        }
        assertThat(receiver.kept()).allMatch(kept -> kept.body().length <= MOST);
    }

    @Test
    void whoWaitsToBeAskedForTheBodyIsAsked() throws Exception {
        try (RawClient client = new RawClient(receiver.port())) {
            client.write(
                    "POST /v1/logs HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/json\r\ncontent-length: 2\r\n"
                            + "expect: 100-continue\r\n\r\n");
            client.readUntil("HTTP/1.1 100 Continue\r\n\r\n");
            client.write("{}");
            assertThat(answer(client).head()).startsWith("HTTP/1.1 200 ");
        }
        try (RawClient client = new RawClient(receiver.port())) {
            client.write(
                    "POST /v1/logs HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: text/plain\r\ncontent-length: 2\r\n"
                            + "expect: 100-continue\r\n\r\n");
            assertThat(client.readUntil("\r\n")).startsWith("HTTP/1.1 415 ");
        }
    }

    private Said export(String path, String headers, Buffer body) throws Exception {
        RequestOptions options = new RequestOptions()
                .setMethod(HttpMethod.POST)
                .setHost("127.0.0.1")
                .setPort(receiver.grpcPort())
                .setURI(path);
        for (String header : headers.split(";", -1)) {
            int colon = header.indexOf(':');
            options.putHeader(
                    header.substring(0, colon).toLowerCase(Locale.ROOT),
                    header.substring(colon + 1).strip());
        }
        return http2.request(options)
                .compose(request -> request.send(body))
                .compose(answer -> answer.body().map(said -> new Said(answer, said)))
                .toCompletionStage()
                .toCompletableFuture()
                .get(10, TimeUnit.SECONDS);
    }

    private void assertKept(int before, String kept, byte[] bytes) {
        List<TestReceiver.Kept> all = receiver.kept();
        if (kept.equals("-")) {
            assertThat(all).hasSize(before);
        } else {
            TestReceiver.Kept last = all.getLast();
            assertThat(all).hasSize(before + 1);
            assertThat((last.signal() + " " + last.contentType() + " " + last.contentEncoding()).strip())
                    .isEqualTo(kept);
            assertThat(last.body()).isEqualTo(bytes);
        }
    }

    private static byte[] bytes(String body) {
        return switch (body == null ? "" : body) {
            case "", "empty", "nothing" -> new byte[0];
            // It is nothing that could be unpacked or parsed.
            case "bytes", "torn", "two" -> new byte[] {0x1f, (byte) 0x8b, 0, 1, (byte) 0xff, 7};
            case "large" -> new byte[MOST + 1];
            default -> body.getBytes(StandardCharsets.UTF_8);
        };
    }

    private record Said(HttpClientResponse answer, Buffer body) {}

    private record Answer(String head, String body) {}

    private static Answer answer(RawClient client) throws Exception {
        String head = client.readUntil("\r\n\r\n");
        int at = head.indexOf("content-length: ");
        assertThat(at).as(head).isPositive();
        int length = Integer.parseInt(head.substring(at + 16, head.indexOf("\r\n", at)));
        return new Answer(head, client.read(length));
    }
}
