package io.hypaware.config;

/// Section `privacy.redact`. Files of sessions have an option of their own.
public record RedactConfig(
        @Key(
                doc = "Leave secrets out of what agents are told over the Model Context Protocol (hyp mcp).",
                defaultJson = "true")
        boolean mcp) {}
