package io.hypaware.project;

import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Which program made a call, from its user-agent (RFC 9110, 10.1.5).
public record Client(
        Optional<String> name, Optional<String> version, Optional<String> userType, Optional<String> entrypoint) {

    private static final Client UNKNOWN =
            new Client(Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty());

    /// The providers' SDKs: `Anthropic/Python 0.71.0`, `AsyncOpenAI/JS 4.2.0`.
    private static final Pattern SDK = Pattern.compile("(?:Async)?(Anthropic|OpenAI)\\w*/(\\w+) ([\\w.-]+).*");

    private static final Pattern PRODUCT = Pattern.compile("([^/\\s]+)(?:/(\\S+))?.*");

    /// Claude Code says who uses it and how: `claude-cli/2.0.1 (external, cli)`.
    private static final Pattern USE = Pattern.compile("\\((external|ant)(?:, ([\\w-]+))?.*?\\)");

    /// Names under which users know a client.
    private static final Map<String, String> KNOWN =
            Map.of("claude-cli", "claude", "claude-code", "claude", "codex_cli_rs", "codex", "codex_exec", "codex");

    public static Client of(Optional<String> userAgent) {
        return userAgent.map(Client::parse).orElse(UNKNOWN);
    }

    private static Client parse(String userAgent) {
        Matcher sdk = SDK.matcher(userAgent);
        if (sdk.matches()) {
            return new Client(
                    Optional.of((sdk.group(1) + "-" + sdk.group(2)).toLowerCase(Locale.ROOT)),
                    Optional.of(sdk.group(3)),
                    Optional.empty(),
                    Optional.empty());
        }
        Matcher product = PRODUCT.matcher(userAgent);
        if (!product.matches()) {
            return UNKNOWN;
        }
        Matcher use = USE.matcher(userAgent);
        boolean found = use.find();
        return new Client(
                Optional.of(KNOWN.getOrDefault(product.group(1), product.group(1))),
                Optional.ofNullable(product.group(2)),
                found ? Optional.of(use.group(1)) : Optional.empty(),
                found ? Optional.ofNullable(use.group(2)) : Optional.empty());
    }
}
