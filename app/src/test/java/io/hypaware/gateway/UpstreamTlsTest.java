package io.hypaware.gateway;

import static io.hypaware.testing.RecordedCalls.text;
import static org.assertj.core.api.Assertions.assertThat;

import io.hypaware.config.GatewayConfig;
import io.hypaware.config.UpstreamConfig;
import io.hypaware.dataset.Hashes;
import io.hypaware.project.ExchangeRow;
import io.hypaware.testing.RawClient;
import io.hypaware.testing.TestGateway;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.net.PfxOptions;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Providers are reached by TLS, over HTTP/2 where they speak it: the same bytes, a certificate that must be
/// right.
class UpstreamTlsTest {

    @TempDir
    private Path folder;

    private final Vertx vertx = Vertx.vertx();
    private final List<String> versions = Collections.synchronizedList(new ArrayList<>());
    private final HttpClient client =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    @BeforeEach
    void makeCertificate() throws Exception {
        keytool(
                "-genkeypair",
                "-alias",
                "a",
                "-keyalg",
                "EC",
                "-dname",
                "CN=localhost",
                "-ext",
                "san=dns:localhost",
                "-validity",
                "3");
        keytool(
                "-exportcert",
                "-rfc",
                "-alias",
                "a",
                "-file",
                folder.resolve("ca.pem").toString());
    }

    @AfterEach
    void stop() {
        vertx.close().toCompletionStage().toCompletableFuture().join();
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void bytesPassUntouchedOverTls(boolean http2) throws Exception {
        byte[] body = new byte[1_000_000];
        new Random(7).nextBytes(body);
        HttpServer provider = provider(http2);
        try (TestGateway gateway = gateway(provider, Optional.of(folder.resolve("ca.pem")))) {
            for (int i = 0; i < 3; i++) {
                HttpResponse<byte[]> answer = client.send(
                        HttpRequest.newBuilder(URI.create(gateway.url() + "/v1/messages?a=%20b"))
                                .header("X-Odd-Case", "V")
                                .POST(BodyPublishers.ofByteArray(body))
                                .build(),
                        BodyHandlers.ofByteArray());
                assertThat(answer.statusCode()).isEqualTo(201);
                assertThat(answer.headers().firstValue("x-sha256")).contains(Hashes.sha256(body));
                assertThat(answer.headers().firstValue("x-uri")).contains("/v1/messages?a=%20b");
                assertThat(answer.headers().firstValue("x-odd-case")).contains("V");
                assertThat(answer.headers().firstValue("x-authority")).contains("localhost:" + provider.actualPort());
                assertThat(answer.body()).isEqualTo(body);
            }
            assertThat(versions).containsOnly(http2 ? "HTTP_2" : "HTTP_1_1");
            assertThat(gateway.rows(ExchangeRow.DATASET, 3).stream().map(r -> text(r, "outcome")))
                    .containsOnly("completed");
        }
    }

    @Test
    void anHttp2StreamThatIsResetIsACutForTheClient() throws Exception {
        HttpServer provider = provider(true);
        try (TestGateway gateway = gateway(provider, Optional.of(folder.resolve("ca.pem")));
                RawClient raw = new RawClient(gateway.port())) {
            raw.write("POST /v1/messages?cut HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\n\r\n{}");
            assertThat(raw.readAll()).contains("data: one").doesNotContain("\r\n0\r\n");
            assertThat(text(gateway.rows(ExchangeRow.DATASET, 1).getFirst(), "outcome"))
                    .isEqualTo("upstream_cut");
        }
    }

    @Test
    void aCertificateThatNoOneVouchesForIsRefused() throws Exception {
        HttpServer provider = provider(true);
        try (TestGateway gateway = gateway(provider, Optional.empty())) {
            HttpResponse<String> answer = client.send(
                    HttpRequest.newBuilder(URI.create(gateway.url() + "/v1/messages"))
                            .POST(BodyPublishers.ofString("{}"))
                            .build(),
                    BodyHandlers.ofString());
            assertThat(answer.statusCode()).isEqualTo(502);
            assertThat(versions).isEmpty();
        }
    }

    private TestGateway gateway(HttpServer provider, Optional<Path> ca) {
        GatewayConfig base = TestGateway.config("anthropic", "http://127.0.0.1:1", "");
        UpstreamConfig tls = new UpstreamConfig(
                "anthropic",
                "https://localhost:" + provider.actualPort(),
                Optional.empty(),
                Optional.of("anthropic"),
                0,
                ca.map(Path::toString));
        return new TestGateway(
                folder.resolve("cache"),
                new GatewayConfig(
                        base.host(),
                        0,
                        Optional.empty(),
                        Optional.empty(),
                        Optional.empty(),
                        false,
                        List.of(),
                        List.of(tls, base.upstreams().get(1)),
                        List.of(),
                        base.maxBodyBytes(),
                        base.queueBytes(),
                        base.spillBytes(),
                        1));
    }

    private HttpServer provider(boolean http2) {
        HttpServerOptions options = new HttpServerOptions()
                .setSsl(true)
                .setUseAlpn(http2)
                .setKeyCertOptions(new PfxOptions()
                        .setPath(folder.resolve("key.p12").toString())
                        .setPassword("secret"));
        return vertx.createHttpServer(options)
                .requestHandler(this::answer)
                .listen(0, "localhost")
                .toCompletionStage()
                .toCompletableFuture()
                .join();
    }

    private void answer(HttpServerRequest request) {
        versions.add(request.version().name());
        if ("cut".equals(request.query())) {
            request.response()
                    .setChunked(true)
                    .write("data: one\n\n")
                    .onComplete(_ -> vertx.setTimer(100, _ -> request.response().reset()));
            return;
        }
        request.body().onSuccess(body -> {
            request.headers().forEach(header -> {
                if (header.getKey().equalsIgnoreCase("x-odd-case")) {
                    request.response().putHeader("x-odd-case", header.getValue());
                }
            });
            request.response()
                    .setStatusCode(201)
                    .putHeader("x-sha256", Hashes.sha256(body.getBytes()))
                    .putHeader("x-uri", request.uri())
                    .putHeader("x-authority", request.authority().toString())
                    .setChunked(true);
            Buffer copy = body.copy();
            request.response().end(copy);
        });
    }

    private void keytool(String... arguments) throws Exception {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "keytool").toString()));
        command.addAll(List.of(arguments));
        command.addAll(List.of(
                "-keystore", folder.resolve("key.p12").toString(), "-storetype", "PKCS12", "-storepass", "secret"));
        Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
        assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue()).isZero();
    }
}
