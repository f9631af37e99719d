package io.hypaware.config;

import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.util.List;
import java.util.Locale;

/// Writes `docs/reference/config.md` from the declarations, so that the docs cannot differ from the code.
public final class ConfigReference {

    public static String markdown() {
        StringBuilder out = new StringBuilder("""
                # Config

                `<HYP_HOME>/hypaware-config.json`. A missing file means the defaults below. Unknown keys, wrong types and numbers
                out of range are refused with a JSON pointer, before anything starts: `hyp config validate`. What is in force and
                whether the file or the default says so: `hyp config show`. This page is made from the declarations in
                `io.hypaware.config`; a test keeps it true.
                """);
        section(out, "The file", HypConfig.class, "");
        section(out, "Entries of `plugins`", PluginConfig.class, "");
        for (ConfigPart part : ConfigPart.values()) {
            part.settings().ifPresent(settings -> section(out, "`config` of `" + part.plugin() + "`", settings, ""));
        }
        section(out, "Entries of `query_sources` of `" + SinkConfig.S3 + "`", QuerySourceConfig.class, "");
        section(out, "Entries of `sinks`", SinkConfig.class, "");
        section(out, "`config` of a sink of `" + SinkConfig.OTLP + "`", OtlpSinkConfig.class, "");
        section(
                out,
                "`config` of a sink of `" + SinkConfig.PARQUET + "`, `" + SinkConfig.JSONL + "` or `"
                        + SinkConfig.ICEBERG + "`",
                FileSinkConfig.class,
                "");
        section(out, "The same of `" + SinkConfig.ICEBERG + "`, besides", IcebergSinkConfig.class, "");
        section(out, "The same to `" + SinkConfig.LOCAL_FOLDER + "`, besides", LocalFolderConfig.class, "");
        section(out, "The same to `" + SinkConfig.S3 + "`, besides", S3Config.class, "");
        section(out, "Entries of `upstreams`", UpstreamConfig.class, "");
        return out.toString();
    }

    private static void section(StringBuilder out, String title, Class<?> section, String prefix) {
        out.append("\n## ").append(title).append("\n\n| key | type | default | meaning |\n|---|---|---|---|\n");
        rows(out, section, prefix);
    }

    private static void rows(StringBuilder out, Class<?> section, String prefix) {
        for (RecordComponent component : section.getRecordComponents()) {
            Key key = Binder.keyOf(component);
            String name = prefix + Binder.keyName(component);
            if (component.getType().isRecord()) {
                rows(out, component.getType(), name + ".");
                continue;
            }
            List<String> oneOf = List.of(key.oneOf());
            out.append("| `%s` | %s | %s | %s%s |\n"
                    .formatted(
                            name,
                            typeName(component.getGenericType()),
                            key.defaultJson().isEmpty() ? "needed" : "`" + key.defaultJson() + "`",
                            key.doc(),
                            oneOf.isEmpty() ? "" : " One of: `" + String.join("`, `", oneOf) + "`."));
        }
    }

    private static String typeName(Type type) {
        if (type instanceof ParameterizedType p) {
            Type[] arguments = p.getActualTypeArguments();
            return switch (((Class<?>) p.getRawType()).getSimpleName()) {
                case "List" -> "list of " + typeName(arguments[0]);
                case "Map" -> "object of " + typeName(arguments[1]);
                default -> typeName(arguments[0]) + " or null";
            };
        }
        return switch (((Class<?>) type).getSimpleName()) {
            case "int", "long", "Integer", "Long" -> "whole number";
            case "String" -> "text";
            case "JsonNode" -> "JSON";
            case "PluginConfig", "SinkConfig", "UpstreamConfig", "QuerySourceConfig" -> "object";
            case String other -> other.toLowerCase(Locale.ROOT);
        };
    }

    private ConfigReference() {}
}
