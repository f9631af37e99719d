package io.hypaware.gateway;

import io.vertx.core.MultiMap;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Whose keys a call carries, as far as their form says so, in whichever header or query value they stand. A key
/// that names its provider goes to no other.
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

    private static final String STRONG = "sk-(?:ant|proj|svcacct|admin|or)-";
    private static final String WEAK = "sess-|AIza|ya29\\.|gsk_|xai-|pplx-|hf_|AKIA|gh[po]_|github_pat_";

    /// A key where keys are said.
    private static final Pattern KEY =
            Pattern.compile("(?<![A-Za-z0-9])(?:" + STRONG + "|(?:" + WEAK + ")(?=[A-Za-z0-9_-]{8}))");

    /// A key anywhere else, where a session's id or a client's name may begin like one.
    private static final Pattern LONG_KEY =
            Pattern.compile("(?<![A-Za-z0-9])(?:" + STRONG + "|(?:" + WEAK + ")(?=[A-Za-z0-9_]{16}))");

    private static final Pattern NAME_OF_KEY = Pattern.compile("(?i)key|token|auth|secret|cookie|credential|passw");

    private static final Pattern BASIC = Pattern.compile("(?i)\\bbasic\\s+([A-Za-z0-9+/_-]+=*)");

    /// Headers that only one provider's clients send a key in.
    private static final Map<String, String> HEADERS = Map.of(
            "x-goog-api-key",
            "google",
            "api-key",
            "azure",
            "openai-api-key",
            "openai",
            "anthropic-api-key",
            "anthropic");

    private static final List<String> KEY_HEADERS =
            List.of("authorization", "x-api-key", "api-key", "x-goog-api-key", "anthropic-api-key", "openai-api-key");

    /// Providers that take each other's keys.
    private static final Map<String, String> SAME =
            Map.of("chatgpt", "openai", "azure-openai", "azure", "gemini", "google", "bedrock", "amazon");

    private static final Remembered WITHOUT_KEYS = new Remembered();

    /// @param providers whose keys they are, as far as their form says so
    /// @param bearer whether a token of any form stands in `authorization`
    /// @param any whether there is any key at all
    /// @param anthropicClient whether headers say that the client speaks to Anthropic
    record Found(Set<String> providers, boolean bearer, boolean any, boolean anthropicClient) {

        /// Whether all keys may go to an upstream of this provider; one of unknown provider the user chose himself.
        boolean mayGoTo(String upstreamProvider) {
            String own = SAME.getOrDefault(upstreamProvider, upstreamProvider);
            return own.equals("other") || providers.stream().allMatch(own::equals);
        }

        /// The provider, if the keys name one and no other.
        Optional<String> provider() {
            return providers.size() == 1 ? providers.stream().findFirst() : Optional.empty();
        }
    }

    static Found of(String target, MultiMap headers) {
        Set<String> providers = new LinkedHashSet<>();
        for (Map.Entry<String, String> header : headers) {
            boolean named = add(header.getKey(), header.getValue(), providers);
            String ofHeader = HEADERS.get(header.getKey().toLowerCase(Locale.ROOT));
            if (!named && ofHeader != null) {
                providers.add(ofHeader);
            }
        }
        int query = target.indexOf('?');
        if (query >= 0) {
            for (String parameter : target.substring(query + 1).split("&", -1)) {
                String[] parts = Unescaped.forms(parameter).getLast().split("=", 2);
                add(parts[0], parameter, providers);
            }
        }
        boolean anthropic = headers.names().stream()
                        .anyMatch(name -> name.toLowerCase(Locale.ROOT).startsWith("anthropic-"))
                || Optional.ofNullable(headers.get("user-agent"))
                        .filter(agent -> agent.startsWith("claude") || agent.startsWith("Anthropic/"))
                        .isPresent();
        boolean any = !providers.isEmpty() || KEY_HEADERS.stream().anyMatch(headers::contains);
        return new Found(Set.copyOf(providers), headers.contains("authorization"), any, anthropic);
    }

    /// Adds the providers whose keys stand in a text, as it is, unescaped, or in what Basic authentication encodes.
    ///
    /// @param name of the header or parameter; one that is called so holds a key
    private static boolean add(String name, String text, Set<String> providers) {
        String asked = name + ": " + text;
        if (WITHOUT_KEYS.contains(asked)) {
            return false;
        }
        Pattern pattern = NAME_OF_KEY.matcher(name).find() ? KEY : LONG_KEY;
        List<String> forms = Unescaped.forms(text);
        Matcher basic = BASIC.matcher(text);
        while (basic.find()) {
            try {
                byte[] decoded = Base64.getMimeDecoder().decode(basic.group(1));
                forms.add(new String(decoded, StandardCharsets.ISO_8859_1));
            } catch (IllegalArgumentException e) {
                // no Basic credentials after all
            }
        }
        boolean found = false;
        for (String one : forms) {
            Matcher key = pattern.matcher(one);
            while (key.find()) {
                String provider = BEGINNINGS.get(key.group());
                if (provider != null) {
                    providers.add(provider);
                    found = true;
                }
            }
        }
        if (!found) {
            WITHOUT_KEYS.add(asked);
        }
        return found;
    }

    private Credentials() {}
}
