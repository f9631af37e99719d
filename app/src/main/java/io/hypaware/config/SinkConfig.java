package io.hypaware.config;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Optional;

/// One entry of `sinks`: either a plugin that sends by itself, or a writer with a destination.
public record SinkConfig(
        @Key(
                doc = "Which part sends, if that is one that needs no destination, such as `@hypaware/otlp`.",
                defaultJson = "null")
        Optional<String> plugin,

        @Key(doc = "Which part writes files, with destination.", defaultJson = "null")
        Optional<String> writer,

        @Key(doc = "Where those files go.", defaultJson = "null")
        Optional<String> destination,

        @Key(doc = "Its settings.", defaultJson = "{}") JsonNode config) {

    /// What sends traces by OpenTelemetry's protocol.
    public static final String OTLP = "@hypaware/otlp";

    public SinkConfig {
        boolean isRequest = plugin.isPresent() && writer.isEmpty() && destination.isEmpty();
        boolean isBlob = plugin.isEmpty() && writer.isPresent() && destination.isPresent();
        if (!isRequest && !isBlob) {
            throw new ConfigException("", "a sink has either plugin, or writer and destination");
        }
        if (!config.isObject()) {
            throw Binder.mismatch("/config", config, "an object");
        }
        if (plugin.filter(OTLP::equals).isPresent()) {
            Binder.bind(OtlpSinkConfig.class, config, "/config");
        }
    }

    /// Whether this version has it.
    public boolean isBuilt() {
        return plugin.filter(OTLP::equals).isPresent();
    }

    /// What it is, for people.
    public String kind() {
        return plugin.orElseGet(() -> writer.orElse("") + " to " + destination.orElse(""));
    }

    /// Where it sends to, for people; empty where this version has no such sink.
    public String target() {
        return isBuilt() ? OtlpSinkConfig.shown(OtlpSinkConfig.traces(otlp().endpoint())) : "";
    }

    /// Settings of [#OTLP].
    public OtlpSinkConfig otlp() {
        return Binder.bind(OtlpSinkConfig.class, config, "/config");
    }
}
