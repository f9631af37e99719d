package io.hypaware.mcp;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// What a tool can be told: it is both the schema that a client is shown and the check of what it sends.
///
/// @param least of a number; of a text, its length
/// @param most of a number; of a text, its length
/// @param choices that a text is one of; empty if it may be any
/// @param preset of a number that is not given
record Param(
        String name,
        Type type,
        String description,
        boolean isRequired,
        long least,
        long most,
        List<String> choices,
        Optional<Long> preset) {

    enum Type {
        STRING("string", "a text"),
        INTEGER("integer", "a whole number");

        private final String json;
        private final String plain;

        Type(String json, String plain) {
            this.json = json;
            this.plain = plain;
        }

        String plain() {
            return plain;
        }
    }

    static Param text(String name, int most, String description) {
        return new Param(name, Type.STRING, description, false, 1, most, List.of(), Optional.empty());
    }

    static Param choice(String name, List<String> choices, String description) {
        return new Param(name, Type.STRING, description, false, 1, 100, choices, Optional.empty());
    }

    static Param number(String name, long least, long most, long preset, String description) {
        return new Param(name, Type.INTEGER, description, false, least, most, List.of(), Optional.of(preset));
    }

    Param required() {
        return new Param(name, type, description, true, least, most, choices, preset);
    }

    /// What is expected, in an error's words.
    String expected() {
        if (!choices.isEmpty()) {
            return "one of " + String.join(", ", choices);
        }
        return type == Type.INTEGER
                ? "%s from %,d to %,d".formatted(type.plain(), least, most)
                : "%s of at most %,d characters".formatted(type.plain(), most);
    }

    private Map<String, Object> schema() {
        Map<String, Object> schema = new LinkedHashMap<>();
        schema.put("type", type.json);
        schema.put("description", description);
        if (!choices.isEmpty()) {
            schema.put("enum", choices);
        } else if (type == Type.INTEGER) {
            schema.put("minimum", least);
            schema.put("maximum", most);
        } else {
            schema.put("minLength", least);
            schema.put("maxLength", most);
        }
        preset.ifPresent(value -> schema.put("default", value));
        return schema;
    }

    /// The JSON schema of all of a tool's parameters.
    static Map<String, Object> schema(List<Param> params) {
        Map<String, Object> properties = new LinkedHashMap<>();
        params.forEach(param -> properties.put(param.name(), param.schema()));
        Map<String, Object> schema = new LinkedHashMap<>();
        schema.put("type", "object");
        schema.put("properties", properties);
        schema.put(
                "required",
                params.stream().filter(Param::isRequired).map(Param::name).toList());
        schema.put("additionalProperties", false);
        return schema;
    }
}
