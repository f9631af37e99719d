package io.hypaware.config;

/// Section `privacy`.
public record PrivacyConfig(
        @Key(doc = "Secrets in what was said.") SecretsConfig secrets,

        @Key(doc = "What secrets are left out of.") RedactConfig redact) {}
