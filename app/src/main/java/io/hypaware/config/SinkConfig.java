package io.hypaware.config;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Optional;
import java.util.Set;

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

    public static final String PARQUET = "@hypaware/format-parquet";
    public static final String JSONL = "@hypaware/format-jsonl";
    public static final String LOCAL_FOLDER = "@hypaware/local-fs";

    private static final Set<String> WRITERS = Set.of(PARQUET, JSONL);
    private static final Set<String> DESTINATIONS = Set.of(LOCAL_FOLDER);

    /// Parts that write nothing, and parts that nothing can be put to, whether this version has them or not.
    private static final Set<String> NO_FILES =
            Set.of(OTLP, "@hypaware/ai-gateway", "@hypaware/otel", "@hypaware/claude", "@hypaware/codex");

    private static final String CENTRAL = "@hypaware/central";

    public SinkConfig {
        boolean isRequest = plugin.isPresent() && writer.isEmpty() && destination.isEmpty();
        boolean isBlob = plugin.isEmpty() && writer.isPresent() && destination.isPresent();
        if (!isRequest && !isBlob) {
            throw new ConfigException(
                    "", "request_sink_invalid_keys: a sink has either plugin, or writer and destination");
        }
        if (!config.isObject()) {
            throw Binder.mismatch("/config", config, "an object");
        }
        if (isBlob) {
            requirePair(writer.get(), destination.get());
        }
        if (plugin.filter(OTLP::equals).isPresent()) {
            Binder.bind(OtlpSinkConfig.class, config, "/config");
        } else if (isFiles(writer, destination)) {
            bindFiles(writer.get(), config);
            Binder.bind(LocalFolderConfig.class, Binder.without(FileSinkConfig.class, config), "/config");
        }
    }

    private static void requirePair(String writer, String destination) {
        if (NO_FILES.contains(writer) || DESTINATIONS.contains(writer) || writer.equals(CENTRAL)) {
            throw new ConfigException("/writer", "sink_writer_invalid: " + writer + " writes no files");
        }
        if (NO_FILES.contains(destination) || WRITERS.contains(destination)) {
            throw new ConfigException(
                    "/destination", "sink_destination_invalid: no files can be put to " + destination);
        }
        if (destination.equals(CENTRAL)) {
            throw new ConfigException(
                    "", "sink_pair_incompatible: " + writer + " writes files, which " + destination + " does not take");
        }
    }

    private static boolean isFiles(Optional<String> writer, Optional<String> destination) {
        return writer.filter(WRITERS::contains).isPresent()
                && destination.filter(DESTINATIONS::contains).isPresent();
    }

    private static FileSinkConfig bindFiles(String writer, JsonNode config) {
        FileSinkConfig files = Binder.bind(FileSinkConfig.class, Binder.only(FileSinkConfig.class, config), "/config");
        if (writer.equals(JSONL) && files.compression().equals("snappy")) {
            throw new ConfigException("/config/compression", "lines of JSON are packed by gzip, zstd or none");
        }
        return files;
    }

    /// Whether a plugin is part of a sink: it has nothing to be set of its own.
    static boolean isPart(String plugin) {
        return WRITERS.contains(plugin) || DESTINATIONS.contains(plugin);
    }

    /// Whether this version has it.
    public boolean isBuilt() {
        return plugin.filter(OTLP::equals).isPresent() || isFiles();
    }

    /// Whether it writes rows to files.
    public boolean isFiles() {
        return isFiles(writer, destination);
    }

    /// What it is, for people.
    public String kind() {
        return plugin.orElseGet(() -> writer.orElse("") + " to " + destination.orElse(""));
    }

    /// Where it sends to, for people; empty where this version has no such sink.
    public String target() {
        if (isFiles()) {
            return folder().dir();
        }
        return isBuilt() ? OtlpSinkConfig.shown(OtlpSinkConfig.traces(otlp().endpoint())) : "";
    }

    /// When it runs; nothing where this version has no such sink.
    public Optional<Schedule> schedule() {
        if (!isBuilt()) {
            return Optional.empty();
        }
        return Optional.of(Schedule.of(isFiles() ? files().schedule() : otlp().schedule()));
    }

    /// Settings of [#OTLP].
    public OtlpSinkConfig otlp() {
        return Binder.bind(OtlpSinkConfig.class, config, "/config");
    }

    /// Settings of a sink of files.
    public FileSinkConfig files() {
        return bindFiles(writer.orElseThrow(), config);
    }

    /// Settings of [#LOCAL_FOLDER].
    public LocalFolderConfig folder() {
        return Binder.bind(LocalFolderConfig.class, Binder.without(FileSinkConfig.class, config), "/config");
    }
}
