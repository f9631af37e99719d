package io.hypaware.config;

/// Section `privacy`.
public record PrivacyConfig(
        @Key(doc = "Secrets in what was said.") SecretsConfig secrets,

        @Key(doc = "What secrets are left out of.") RedactConfig redact,

        @Key(
                doc = "Leave secrets out of what is recorded from now on: a mark stands in rows and bodies, and what"
                        + " was sent can not be shown byte for byte. The call itself is not touched.",
                defaultJson = "false")
        boolean redactStored) {}
