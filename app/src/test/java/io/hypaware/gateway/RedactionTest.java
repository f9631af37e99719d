package io.hypaware.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.MultiMap;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// R11: nothing secret is recorded, and what only sounds like it stays readable.
class RedactionTest {

    private static final String SECRET = "s3cr3tvalue0123456789";

    private final Redaction redaction = new Redaction(new byte[32], List.of("X-Mine"));

    @ParameterizedTest
    @ValueSource(
            strings = {
                "authorization",
                "Authorization",
                "x-api-key",
                "cf-access-client-secret",
                "x-amz-security-token",
                "helicone-auth",
                "x-portkey-api-key",
                "cookie",
                "set-cookie",
                "x-session-token",
                "x-signature",
                "x-password",
                "x-goog-iam-authorization-token",
                "x-mine",
                "chatgpt-account-id",
                "x-amz-anything",
                "proxy-authorization",
                "x-credential",
                "x-auth",
                "litellm-key"
            })
    void aHeaderThatSoundsLikeASecretIsHashed(String name) {
        assertThat(header(name, SECRET)).startsWith("redacted:").doesNotContain(SECRET);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "anthropic-ratelimit-tokens-remaining",
                "x-ratelimit-remaining-tokens",
                "idempotency-key",
                "x-stainless-idempotency-key",
                "request-id",
                "x-request-id",
                "x-claude-code-session-id",
                "session_id",
                "session-id",
                "www-authenticate",
                "content-type",
                "user-agent",
                "access-control-allow-credentials",
                "sec-websocket-key",
                "anthropic-beta",
                "retry-after",
                "x-should-retry"
            })
    void whatOnlySoundsLikeOneStays(String name) {
        assertThat(header(name, "plain value 17")).isEqualTo("plain value 17");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/v1/x?key=S",
                "/v1/x?a=b&client_secret=S",
                "/v1/x?client%5Fsecret=S",
                "/v1/x?%6b%65%79=S",
                "/v1/x?x-amz-signature=S&y=1",
                "https://user:S@host/x",
                "https://S@host/",
                "/callback?code=S&state=S",
                "/x#access_token=S",
                "/v1/sk-ant-S",
                "Bearer S",
                "basic S",
                "failed at http://h/x?token=S: no route",
                "/x?password=S;y=2",
                "/x?otp=S",
                "/x?u=http%3A%2F%2Fa%3AS%40b",
                "/x?r=%2Fa%3Ftoken%3DS",
                "/x?token=%22S%22",
                "/x?token=\"S\"",
                "api_key=S",
                "a=1, token=S",
                "for=1;secret=S",
                "0;url=/?token=S",
                "{\"api_key\":\"S\"}",
                "password: S",
                "http://u:a@S@x/",
                "http://u:a/S@x/",
                "BEARER S",
                "Bearer:S",
                "apikey S",
                "/bearer%20S",
                "p=Bearer%20S",
                "sess-S",
                "npm_S",
                "glpat-S"
            })
    void aSecretInATargetAnUrlOrATextIsHashed(String text) {
        String full = text.replace("S", SECRET);
        assertThat(redaction.text(full)).contains("redacted:").doesNotContain(SECRET);
        assertThat(header("location", full)).doesNotContain(SECRET);
        assertThat(header("referer", full)).doesNotContain(SECRET);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/v1/messages?beta=true",
                "/v1/models?limit=1000&after_id=x",
                "/v1/x%20y?q=a%2Fb",
                "no-cache, max-age=3600",
                "text/event-stream; charset=utf-8",
                "Mozilla/5.0 (X11; Linux) a/b",
                "HypAware could not reach api.anthropic.com: Connection refused: localhost/127.0.0.1:1"
            })
    void theRestStays(String text) {
        assertThat(redaction.text(text)).isEqualTo(text);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "://",
                "eyJ-",
                "eyJ",
                "eyJaaaaaaaaaa.",
                "a=",
                "a-",
                "bearer ",
                "%2",
                "sk-",
                "@://",
                "\"a\":",
                "SG."
            })
    void noTextTakesLong(String piece) {
        String text = piece.repeat(60_000 / piece.length());
        long begun = System.nanoTime();
        redaction.text(text);
        redaction.text("https://" + text + "@");
        header(text.replaceAll("[^a-z-]", "x"), text);
        header("x-" + text.toLowerCase(java.util.Locale.ROOT).replaceAll("[^a-z-]", "x") + "token", "v");
        redaction.text("/v1/messages?token=abcdef&%61-" + text + "token=x");
        assertThat(java.time.Duration.ofNanos(System.nanoTime() - begun)).isLessThan(java.time.Duration.ofSeconds(2));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9PlFUP0THsR8U",
                "see eyJ.eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9PlFUP0THsR8U",
                "password=redacted:dozjgNryP4J3jVmNHl0w5N_XgL0n3I9PlFUP0THsR8U",
                "{\"password\":[\"dozjgNryP4J3jVmNHl0w5N_XgL0n3I9PlFUP0THsR8U\"]}",
                "SG.aaaaaaaaaaaaaaaaaaaaaa.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9PlFUP0THsR8U"
            })
    void secretsOfManyFormsAreFound(String text) {
        assertThat(redaction.text(text))
                .doesNotContain("dozjgNryP4J3jVmNHl0w5N_XgL0n3I9PlFUP0THsR8U")
                .contains("redacted:");
    }

    private String header(String name, String value) {
        return redaction
                .headers(MultiMap.caseInsensitiveMultiMap().add(name, value))
                .getFirst()
                .value();
    }
}
