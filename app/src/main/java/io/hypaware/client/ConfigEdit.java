package io.hypaware.client;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.hypaware.client.ClientException.Kind;
import java.io.IOException;
import java.nio.file.Path;

/// Our own config as text, edited so that what the user wrote keeps every byte.
public final class ConfigEdit {

    private static final String PLUGINS = "plugins";
    private static final String CONFIG = "config";
    private static final ObjectMapper JSON = new ObjectMapper();

    private JsonDocument document;

    private ConfigEdit(JsonDocument document) {
        this.document = document;
    }

    /// @throws ClientException if it is no JSON
    public static ConfigEdit of(UserFile file) {
        try {
            ConfigEdit edit = new ConfigEdit(JsonDocument.parse(file.text().isBlank() ? "{}\n" : file.text()));
            edit.addIfAbsent(JsonNodeFactory.instance.numberNode(2), "version");
            return edit;
        } catch (IOException e) {
            throw new ClientException(Kind.MALFORMED, file.path() + " is no JSON: " + e.getMessage());
        }
    }

    public String text() {
        return document.text();
    }

    /// Adds a part, without settings, unless it is there.
    public ConfigEdit part(String plugin) {
        place(plugin);
        return this;
    }

    /// How long rows are kept, in days; 0 for ever.
    public ConfigEdit retention(long days) {
        addIfAbsent(JSON.createObjectNode(), "query");
        addIfAbsent(JSON.createObjectNode(), "query", "cache");
        addIfAbsent(JSON.createObjectNode(), "query", "cache", "retention");
        document =
                document.with(JsonNodeFactory.instance.numberNode(days), "query", "cache", "retention", "default_days");
        return this;
    }

    /// Adds an export of Parquet files into a folder every five minutes, unless there are exports.
    public ConfigEdit parquetExport(Path folder) {
        part("@hypaware/local-fs");
        part("@hypaware/format-parquet");
        ObjectNode export = JSON.createObjectNode();
        export.putObject("local")
                .put("writer", "@hypaware/format-parquet")
                .put("destination", "@hypaware/local-fs")
                .putObject("config")
                .put("dir", folder.toString())
                .put("schedule", "*/5 * * * *");
        addIfAbsent(export, "sinks");
        return this;
    }

    /// Adds an upstream of the gateway.
    ConfigEdit upstream(JsonNode upstream) {
        String at = place("@hypaware/ai-gateway");
        addIfAbsent(JSON.createObjectNode(), PLUGINS, at, CONFIG);
        addIfAbsent(JSON.createArrayNode(), PLUGINS, at, CONFIG, "upstreams");
        int count =
                document.value(PLUGINS, at, CONFIG, "upstreams").orElseThrow().size();
        document = document.with(upstream, PLUGINS, at, CONFIG, "upstreams", Integer.toString(count));
        return this;
    }

    /// Where a part stands in the list; adds it at the end if it is not there.
    private String place(String plugin) {
        addIfAbsent(JSON.createArrayNode(), PLUGINS);
        int index = 0;
        while (document.raw(PLUGINS, Integer.toString(index)).isPresent()
                && document.value(PLUGINS, Integer.toString(index), "name")
                        .filter(name -> name.asText().equals(plugin))
                        .isEmpty()) {
            index++;
        }
        String at = Integer.toString(index);
        addIfAbsent(JSON.createObjectNode().put("name", plugin), PLUGINS, at);
        return at;
    }

    private void addIfAbsent(JsonNode value, String... path) {
        if (document.raw(path).isEmpty()) {
            document = document.with(value, path);
        }
    }
}
