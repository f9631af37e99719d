package io.hypaware.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import io.hypaware.testing.TestGateway;
import io.vertx.core.MultiMap;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// R11: a call goes where its path and its key belong, or nowhere.
class RouterTest {

    private final Router builtIn = Router.of(TestGateway.config("anthropic", "http://127.0.0.1:2/base", ""));

    /// As HypAware for Node's config names them.
    private final Router prefixed = new Router(List.of(
            upstream("anthropic", "https://api.anthropic.com", "/v1/messages", "anthropic"),
            upstream("openai", "https://api.openai.com", "/v1", "openai"),
            upstream("chatgpt", "https://chatgpt.com", "/backend-api/codex", "chatgpt"),
            upstream("mine", "https://llm.example", "", "other")));

    @ParameterizedTest
    @CsvSource(
            nullValues = "none",
            value = {
                "/v1/messages, none, anthropic /base/v1/messages",
                "/v1/messages?beta=true, x-api-key: sk-ant-1, anthropic /base/v1/messages?beta=true",
                "/v1/messages/count_tokens, authorization: Bearer sk-ant-oat01-x, anthropic /base/v1/messages/count_tokens",
                "/v1/m%65ssages, none, anthropic /base/v1/m%65ssages",
                "/v1/responses, authorization: Bearer sk-proj-1, openai /v1/responses",
                "/v1/chat/completions, authorization: Bearer eyJ, openai /v1/chat/completions",
                "/chat/completions, authorization: Bearer sk-proj-1, openai /chat/completions",
                "/models, authorization: Bearer sk-1, openai /models",
                "/v1/models, authorization: Bearer sk-ant-oat01-x, anthropic /base/v1/models",
                "/v1/models, anthropic-version: 2023-06-01, anthropic /base/v1/models",
                "/v1/models, authorization: Bearer sk-1, openai /v1/models",
                "/v1/models, none, 404",
                "/v1/models, x-goog-api-key: AIzaX, gemini /v1/models",
                "/v1beta/models/gemini:generateContent, x-goog-api-key: AIzaX, gemini /v1beta/models/gemini:generateContent",
                "/v1beta/models/gemini:generateContent, x-api-key: sk-ant-1, 421",
                "/backend-api/codex/responses, authorization: Bearer eyJ, chatgpt /backend-api/codex/responses",
                "/backend-api/wham/usage, authorization: Bearer eyJ, chatgpt /backend-api/wham/usage",
                "/backend-api/codex/responses, authorization: Bearer sk-ant-1, 421",
                "/v1/logs, authorization: Bearer sk-1, 404",
                "/v1/traces, none, 404",
                "/v1/metrics, none, 404",
                "/V1/messages, none, 404",
                "/v1/../v1/messages, none, 404",
                "/v1/%2e%2e/messages, none, 404",
                "/, none, 404",
                "/favicon.ico, none, 404",
                "/api/oauth/usage, authorization: Bearer sk-ant-oat01-x, anthropic /base/api/oauth/usage",
                "/api/anything, authorization: Bearer sk-1, 404",
                "/v1/messages, authorization: Bearer sk-proj-1, 421",
                "/v1/responses, x-api-key: sk-ant-1, 421",
                "/anthropic/v1/messages, x-api-key: sk-proj-1, 421",
                "/openai/deployments/x/chat/completions, api-key: 0123456789abcdef, 421",
                "/v1/responses, x-goog-api-key: x, 421",
                "/v1/responses, authorization: BEARER sk-ant-1, 421",
                "/v1/responses, authorization: Key sk-ant-1, 421",
                "/v1/responses, cookie: sessionKey=sk-ant-1, 421",
                "/v1/responses, authorization: Basic c2stYW50LTE6, 421",
                "/v1/responses?Key=sk%2Dant-1, none, 421",
                "/v1/messages, openai-api-key: x, 421",
                "/openai/v1/x, authorization: Bearer sk-1, openai /v1/x",
                "/openai, none, openai /",
                "/%6fpenai/v1/x%20y?z, none, openai /v1/x%20y?z",
                "/openaix/v1/x, none, 404",
            })
    void aCallGoesWhereItsPathAndItsKeyBelong(String target, String header, String expected) {
        assertThat(text(builtIn.decide("GET", target, headers(header)))).isEqualTo(expected);
    }

    @ParameterizedTest
    @CsvSource(
            nullValues = "none",
            value = {
                "/v1/messages, none, anthropic /v1/messages",
                "/v1/responses, none, openai /v1/responses",
                "/v1/models, authorization: Bearer sk-ant-oat01-x, anthropic /v1/models",
                "/v1/models, none, openai /v1/models",
                "/v1/embeddings, authorization: Bearer sk-ant-api03-x, 421",
                "/backend-api/codex/responses, authorization: Bearer eyJ, chatgpt /backend-api/codex/responses",
                "/backend-api/codex/responses, x-api-key: sk-ant-1, 421",
                "/v1/logs, none, 404",
                "/mine/v1/anything, authorization: Bearer sk-ant-1, mine /v1/anything",
                "/elsewhere, none, 404",
            })
    void aConfiguredPrefixTakesThePathWhole(String target, String header, String expected) {
        assertThat(text(prefixed.decide("GET", target, headers(header)))).isEqualTo(expected);
    }

    private static String text(Target decision) {
        return switch (decision) {
            case Target.Forward route -> route.upstream().name() + " " + route.path();
            case Target.Refused refusal -> String.valueOf(refusal.status());
            case Target.Local _ -> throw new IllegalStateException("a router knows no local pages");
            case Target.Echo _ -> "echo";
            case Target.OfSession _ -> throw new IllegalStateException("a router knows no sessions");
        };
    }

    private static Upstream upstream(String name, String url, String prefix, String provider) {
        return Upstream.of(new io.hypaware.config.UpstreamConfig(
                name,
                url,
                java.util.Optional.of(prefix).filter(p -> !p.isEmpty()),
                java.util.Optional.of(provider),
                0,
                java.util.Optional.empty()));
    }

    private static MultiMap headers(String header) {
        MultiMap headers = MultiMap.caseInsensitiveMultiMap();
        if (header != null) {
            headers.add(header.split(": ", 2)[0], header.split(": ", 2)[1]);
        }
        return headers;
    }
}
