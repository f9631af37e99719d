package io.hypaware.config;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
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
    public static final String ICEBERG = "@hypaware/format-iceberg";
    public static final String LOCAL_FOLDER = "@hypaware/local-fs";
    public static final String S3 = "@hypaware/s3";

    private static final Set<String> WRITERS = Set.of(PARQUET, JSONL, ICEBERG);
    private static final Set<String> DESTINATIONS = Set.of(LOCAL_FOLDER, S3);

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
            if (writer.get().equals(ICEBERG)) {
                bindTables(config);
            }
            if (destination.get().equals(LOCAL_FOLDER)) {
                Binder.bind(LocalFolderConfig.class, ofDestination(writer.get(), config), "/config");
            }
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

    private static IcebergSinkConfig bindTables(JsonNode config) {
        return Binder.bind(IcebergSinkConfig.class, Binder.only(IcebergSinkConfig.class, config), "/config");
    }

    /// What of the settings is not the writer's.
    private static JsonNode ofDestination(String writer, JsonNode config) {
        JsonNode others = Binder.without(FileSinkConfig.class, config);
        return writer.equals(ICEBERG) ? Binder.without(IcebergSinkConfig.class, others) : others;
    }

    private static FileSinkConfig bindFiles(String writer, JsonNode config) {
        FileSinkConfig files = Binder.bind(FileSinkConfig.class, Binder.only(FileSinkConfig.class, config), "/config");
        if (writer.equals(JSONL) && files.compression().equals("snappy")) {
            throw new ConfigException("/config/compression", "lines of JSON are packed by gzip, zstd or none");
        }
        return files;
    }

    /// Whether a plugin is part of a sink, and does nothing by itself.
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
    ///
    /// @param s3 settings of the plugin [#S3]
    String target(JsonNode s3) {
        if (isFiles()) {
            return isToBucket() ? bucket(s3).shown() : folder().dir();
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

    /// Whether it writes tables, and not files alone.
    public boolean isTables() {
        return writer.filter(ICEBERG::equals).isPresent();
    }

    /// Settings of [#ICEBERG].
    public IcebergSinkConfig tables() {
        return bindTables(config);
    }

    /// Whether it writes to a bucket.
    public boolean isToBucket() {
        return destination.filter(S3::equals).isPresent();
    }

    /// Settings of [#LOCAL_FOLDER].
    public LocalFolderConfig folder() {
        return Binder.bind(LocalFolderConfig.class, ofDestination(writer.orElseThrow(), config), "/config");
    }

    /// Settings of a sink to [#S3]: its own, and those of the plugin where it has none.
    S3Config bucket(JsonNode s3) {
        ObjectNode all = S3Config.known(s3);
        ofDestination(writer.orElseThrow(), config)
                .properties()
                .forEach(setting -> all.set(setting.getKey(), setting.getValue()));
        return S3Config.bound(all, "/config");
    }
}
