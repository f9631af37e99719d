package io.hypaware.gateway;

import io.vertx.core.MultiMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/// Whose key a call carries, as far as its form says so. A key that names its provider goes to no other.
final class Credentials {

    /// Beginnings of keys that one provider gives out.
    private static final Map<String, String> BEGINNINGS = Map.ofEntries(
            Map.entry("sk-ant-", "anthropic"),
            Map.entry("sk-proj-", "openai"),
            Map.entry("sk-svcacct-", "openai"),
            Map.entry("sk-admin-", "openai"),
            Map.entry("sess-", "openai"),
            Map.entry("sk-or-", "openrouter"),
            Map.entry("AIza", "google"),
            Map.entry("ya29.", "google"),
            Map.entry("gsk_", "groq"),
            Map.entry("xai-", "xai"),
            Map.entry("pplx-", "perplexity"),
            Map.entry("hf_", "huggingface"),
            Map.entry("AKIA", "amazon"),
            Map.entry("ghp_", "github"),
            Map.entry("gho_", "github"),
            Map.entry("github_pat_", "github"));

    /// Headers that only one provider's clients send a key in.
    private static final Map<String, String> HEADERS = Map.of("x-goog-api-key", "google", "api-key", "azure");

    private static final List<String> KEY_HEADERS =
            List.of("authorization", "x-api-key", "api-key", "x-goog-api-key", "anthropic-api-key");

    /// Providers that take each other's keys.
    private static final Map<String, String> SAME =
            Map.of("chatgpt", "openai", "azure-openai", "azure", "gemini", "google", "bedrock", "amazon");

    /// @param provider whose key it is, if its form says so
    /// @param bearer whether a token of any form stands in `authorization`
    /// @param any whether there is any key at all
    /// @param anthropicClient whether headers say that the client speaks to Anthropic
    record Found(Optional<String> provider, boolean bearer, boolean any, boolean anthropicClient) {

        /// Whether the key may go to an upstream of this provider; one of unknown provider the user chose himself.
        boolean mayGoTo(String upstreamProvider) {
            String own = SAME.getOrDefault(upstreamProvider, upstreamProvider);
            return provider.isEmpty() || own.equals("other") || own.equals(provider.get());
        }
    }

    static Found of(String target, MultiMap headers) {
        Optional<String> provider = Optional.empty();
        for (String name : KEY_HEADERS) {
            for (String value : headers.getAll(name)) {
                provider = provider.or(() -> named(value)).or(() -> Optional.ofNullable(HEADERS.get(name)));
            }
        }
        int query = target.indexOf('?');
        for (String parameter :
                query < 0 ? new String[0] : target.substring(query + 1).split("&", -1)) {
            if (parameter.startsWith("key=") || parameter.startsWith("api_key=") || parameter.startsWith("api-key=")) {
                String value = parameter.substring(parameter.indexOf('=') + 1);
                provider = provider.or(() -> named(value));
            }
        }
        boolean anthropic = headers.names().stream()
                        .anyMatch(name -> name.toLowerCase(Locale.ROOT).startsWith("anthropic-"))
                || Optional.ofNullable(headers.get("user-agent"))
                        .filter(agent -> agent.startsWith("claude") || agent.startsWith("Anthropic/"))
                        .isPresent();
        return new Found(
                provider,
                headers.contains("authorization"),
                provider.isPresent() || KEY_HEADERS.stream().anyMatch(headers::contains),
                anthropic);
    }

    private static Optional<String> named(String value) {
        String key = value.strip();
        for (String scheme : List.of("Bearer ", "bearer ", "Basic ", "Token ", "token ")) {
            key = key.startsWith(scheme) ? key.substring(scheme.length()).strip() : key;
        }
        String bare = key;
        return BEGINNINGS.entrySet().stream()
                .filter(e -> bare.startsWith(e.getKey()))
                .map(Map.Entry::getValue)
                .findFirst();
    }

    private Credentials() {}
}
