package io.hypaware.web;

import static org.assertj.core.api.Assertions.assertThat;

import io.hypaware.testing.RawClient;
import io.hypaware.testing.RecordedCalls;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Who is let in.
class GuardTest {

    @TempDir
    private Path folder;

    private WebServer server;

    @BeforeEach
    void started() throws Exception {
        server = WebServer.start(TestSite.of(new RecordedCalls(folder)), 0, Duration.ofMinutes(10));
    }

    @AfterEach
    void closed() {
        server.close();
    }

    private HttpResponse<String> get(String path, String... headers) throws Exception {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + server.port() + path));
        if (headers.length > 0) {
            request.headers(headers);
        }
        try (HttpClient client = HttpClient.newHttpClient()) {
            return client.send(request.build(), HttpResponse.BodyHandlers.ofString());
        }
    }

    private String raw(String request) throws Exception {
        try (RawClient client = new RawClient(server.port())) {
            client.write(request);
            return client.readAll();
        }
    }

    private String cookie() throws Exception {
        HttpResponse<String> entered = get("/" + server.address().replaceFirst("[^?]*", ""));
        assertThat(entered.statusCode()).isEqualTo(303);
        assertThat(entered.headers().firstValue("location")).contains("/");
        String set = entered.headers().firstValue("set-cookie").orElseThrow();
        assertThat(set).containsIgnoringCase("HttpOnly").contains("SameSite=Strict");
        return set.split(";", -1)[0];
    }

    @Test
    void theAddressThatWasPrintedOpensIt() throws Exception {
        HttpResponse<String> page = get("/", "cookie", cookie());
        assertThat(page.statusCode()).isEqualTo(200);
        assertThat(page.headers().firstValue("content-security-policy"))
                .hasValueSatisfying(policy -> assertThat(policy)
                        .contains("default-src 'none'", "script-src 'self'", "frame-ancestors 'none'")
                        .doesNotContain("unsafe"));
        assertThat(page.headers().firstValue("x-content-type-options")).contains("nosniff");
    }

    @Test
    void withoutItNothingIsShown() throws Exception {
        for (String path : List.of(
                "/", "/assets/app.js", "/session?id=x", "/?token=0123", "/query/download?format=csv&sql=select+1")) {
            assertThat(get(path).statusCode()).as(path).isEqualTo(401);
        }
        assertThat(get("/", "cookie", "hypaware-" + server.port() + "=wrong").statusCode())
                .isEqualTo(401);
    }

    @Test
    void anotherSiteIsRefused() throws Exception {
        String cookie = cookie();
        assertThat(get("/", "cookie", cookie, "origin", "http://evil.example").statusCode())
                .isEqualTo(403);
        assertThat(get("/", "cookie", cookie, "origin", "null").statusCode()).isEqualTo(403);
        assertThat(get("/", "cookie", cookie, "sec-fetch-site", "cross-site").statusCode())
                .isEqualTo(403);
        assertThat(get(
                                "/",
                                "cookie",
                                cookie,
                                "sec-fetch-site",
                                "same-origin",
                                "origin",
                                "http://127.0.0.1:" + server.port())
                        .statusCode())
                .isEqualTo(200);
    }

    @Test
    void anotherNameIsRefused() throws Exception {
        for (String host : List.of("evil.example:" + server.port(), "evil.example", "127.0.0.1", "127.0.0.1:1")) {
            String answer = raw(
                    "GET / HTTP/1.1\r\nHost: " + host + "\r\nCookie: " + cookie() + "\r\nConnection: close\r\n\r\n");
            assertThat(answer).as(host).startsWith("HTTP/1.1 403");
        }
    }

    @Test
    void whatDecidesIsThereOnce() throws Exception {
        String cookie = cookie();
        String own = "127.0.0.1:" + server.port();
        for (String more : List.of("Host: evil.example", "Origin: http://" + own + "\r\nOrigin: http://evil.example")) {
            String answer = raw("GET / HTTP/1.1\r\nHost: " + own + "\r\n" + more + "\r\nCookie: " + cookie
                    + "\r\nConnection: close\r\n\r\n");
            assertThat(answer).as(more).containsPattern("^HTTP/1.1 40[03]");
        }
        // Another program on this machine may have left one of the same name.
        assertThat(get("/", "cookie", cookie.replaceFirst("=.*", "=x") + "; " + cookie)
                        .statusCode())
                .isEqualTo(200);
        assertThat(get("//evil.example/" + server.address().replaceFirst("[^?]*", ""))
                        .headers()
                        .firstValue("location"))
                .contains("/");
    }

    @Test
    void aDownloadThatFailsDoesNotLookWhole() throws Exception {
        String cookie = cookie();
        HttpResponse<String> refused = get("/query/download?format=csv&sql=select+nope", "cookie", cookie);
        assertThat(refused.statusCode()).isEqualTo(404);
        assertThat(refused.headers().firstValue("content-disposition")).isEmpty();
        String sql =
                Html.url("select case when i = 500000 then error('late') else i::varchar end from range(1000000) t(i)");
        assertThat(get("/query/download?format=csv&sql=" + sql, "cookie", cookie)
                        .statusCode())
                .isEqualTo(404);
        assertThat(get("/query/download?format=csv&sql=" + Html.url("select 1 as one"), "cookie", cookie)
                        .body())
                .isEqualTo("one\n1\n");
    }

    @Test
    void whatIsAskedWronglyIsSaid() throws Exception {
        String cookie = cookie();
        for (String path :
                List.of("/session?id=%zz", "/session/live?id=x&size=abc", "/assets", "/assets/../x", "/nowhere")) {
            assertThat(raw("GET " + path + " HTTP/1.1\r\nHost: 127.0.0.1:" + server.port() + "\r\nCookie: " + cookie
                            + "\r\nConnection: close\r\n\r\n"))
                    .as(path)
                    .containsPattern("^HTTP/1.1 40[0-9]");
        }
    }

    @Test
    void nothingCanBeChanged() throws Exception {
        String cookie = cookie();
        for (String method : List.of("POST", "PUT", "DELETE", "OPTIONS", "TRACE")) {
            String answer = raw(method + " /query HTTP/1.1\r\nHost: 127.0.0.1:" + server.port() + "\r\nCookie: "
                    + cookie + "\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
            assertThat(answer).as(method).startsWith("HTTP/1.1 405");
        }
    }

    @Test
    void itEndsWhenNobodyLooks() throws Exception {
        try (WebServer brief = WebServer.start(TestSite.of(new RecordedCalls(folder)), 0, Duration.ofMillis(10))) {
            brief.awaitEnd();
        }
    }
}
