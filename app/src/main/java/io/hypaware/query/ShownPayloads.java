package io.hypaware.query;

import com.fasterxml.jackson.databind.JsonNode;
import io.hypaware.dataset.Column;
import io.hypaware.dataset.Datasets;
import java.util.HashSet;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;

/// Tells from a statement's syntax tree whether payload columns are nothing but part of what it shows: then their
/// hashes will do until the very end. In doubt they are not.
final class ShownPayloads {

    private static final Set<String> NAMES = Datasets.all().stream()
            .flatMap(d -> d.columns().stream())
            .filter(Column::payload)
            .map(Column::name)
            .collect(Collectors.toUnmodifiableSet());

    private final Set<String> names = new HashSet<>(NAMES);

    private ShownPayloads() {}

    /// @param node the statement's node
    static boolean only(JsonNode node) {
        return new ShownPayloads().isPlain(node);
    }

    private boolean isPlain(JsonNode node) {
        if (!node.path("type").asText().equals("SELECT_NODE")
                || !node.path("cte_map").path("map").isEmpty()
                || !isTables(node.path("from_table"))) {
            return false;
        }
        for (JsonNode item : node.path("select_list")) {
            if (item.path("class").asText().equals("COLUMN_REF") && isPayload(item)) {
                String alias = item.path("alias").asText("");
                if (!alias.isEmpty()) {
                    names.add(alias.toLowerCase(Locale.ROOT));
                }
            } else if (!isPlainStar(item) && mentions(item)) {
                return false;
            }
        }
        for (var field : node.properties()) {
            if (!field.getKey().equals("select_list") && mentions(field.getValue())) {
                return false;
            }
        }
        return !sortsByPlace(node.path("modifiers"));
    }

    private static boolean isTables(JsonNode from) {
        return switch (from.path("type").asText()) {
            case "BASE_TABLE", "EMPTY" -> true;
            case "JOIN" -> isTables(from.path("left")) && isTables(from.path("right"));
            default -> false;
        };
    }

    private static boolean isPlainStar(JsonNode item) {
        return item.path("class").asText().equals("STAR")
                && !item.path("columns").asBoolean()
                && item.path("replace_list").isEmpty()
                && item.path("expr").isMissingNode();
    }

    private boolean isPayload(JsonNode reference) {
        JsonNode path = reference.path("column_names");
        return !path.isEmpty()
                && names.contains(path.get(path.size() - 1).asText().toLowerCase(Locale.ROOT));
    }

    /// Whether a payload may be meant anywhere in it. A query in it has tables of its own, and is not looked into.
    private boolean mentions(JsonNode node) {
        if (node.isTextual()) {
            // Names in USING, EXCLUDE and the like.
            return names.contains(node.asText().toLowerCase(Locale.ROOT));
        }
        if (node.path("class").asText().equals("STAR")
                || node.path("class").asText().equals("SUBQUERY")) {
            return true;
        }
        for (JsonNode child : node) {
            if (mentions(child)) {
                return true;
            }
        }
        return false;
    }

    /// `ORDER BY 2` and `ORDER BY ALL` may mean a payload.
    private static boolean sortsByPlace(JsonNode modifiers) {
        for (JsonNode modifier : modifiers) {
            for (JsonNode order : modifier.path("orders")) {
                String kind = order.path("expression").path("class").asText();
                if (kind.equals("CONSTANT") || kind.equals("STAR")) {
                    return true;
                }
            }
        }
        return false;
    }
}
