package io.hypaware.config;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Reads a JSON object into a record whose components declare their keys with [Key].
///
/// A record component of type `Map<String, Integer>` takes any key; a `JsonNode` is taken as it is.
final class Binder {

    private Binder() {}

    /// @throws ConfigException at the first key that is unknown, of the wrong type or out of range
    static <T extends Record> T bind(Class<T> section, JsonNode json, String pointer) {
        if (!json.isObject()) {
            throw mismatch(pointer, json, "an object");
        }
        refuseUnknownKeys(section, json, pointer);
        RecordComponent[] components = section.getRecordComponents();
        Object[] values = new Object[components.length];
        for (int i = 0; i < components.length; i++) {
            RecordComponent component = components[i];
            String name = keyName(component);
            JsonNode found = json.get(name);
            String at = pointer + "/" + escape(name);
            JsonNode value = found == null ? defaultOf(component, at) : found;
            values[i] = value(component.getGenericType(), keyOf(component), value, at);
        }
        return newRecord(section, components, values, pointer);
    }

    private static Object value(Type type, Key key, JsonNode json, String at) {
        if (type instanceof ParameterizedType parameterized) {
            Type raw = parameterized.getRawType();
            Type[] arguments = parameterized.getActualTypeArguments();
            if (raw == Optional.class) {
                return json.isNull() ? Optional.empty() : Optional.of(value(arguments[0], key, json, at));
            }
            if (raw == List.class) {
                return list(arguments[0], key, json, at);
            }
            if (raw == Map.class) {
                return map(arguments[1], key, json, at);
            }
        }
        if (type == boolean.class || type == Boolean.class) {
            return json.isBoolean() ? json.booleanValue() : refuse(at, json, "true or false");
        }
        if (type == int.class || type == Integer.class) {
            return (int) number(key, Integer.MAX_VALUE, json, at);
        }
        if (type == long.class || type == Long.class) {
            return number(key, Long.MAX_VALUE, json, at);
        }
        if (type == String.class) {
            return text(key, json, at);
        }
        if (type == JsonNode.class) {
            return json;
        }
        if (type instanceof Class<?> c && c.isRecord()) {
            return bind(c.asSubclass(Record.class), json, at);
        }
        throw new IllegalStateException("no config type " + type + " at " + at);
    }

    private static List<Object> list(Type element, Key key, JsonNode json, String at) {
        if (!json.isArray()) {
            throw mismatch(at, json, "a list");
        }
        List<Object> values = new ArrayList<>();
        for (int i = 0; i < json.size(); i++) {
            values.add(value(element, key, json.get(i), at + "/" + i));
        }
        return List.copyOf(values);
    }

    private static Map<String, Object> map(Type element, Key key, JsonNode json, String at) {
        if (!json.isObject()) {
            throw mismatch(at, json, "an object");
        }
        Map<String, Object> values = new LinkedHashMap<>();
        json.properties()
                .forEach(e -> values.put(e.getKey(), value(element, key, e.getValue(), at + "/" + escape(e.getKey()))));
        return Map.copyOf(values);
    }

    private static long number(Key key, long typeMax, JsonNode json, String at) {
        long max = Math.min(typeMax, key.max());
        String allowed = max == Long.MAX_VALUE || max == Integer.MAX_VALUE
                ? "a whole number of at least " + key.min()
                : "a whole number from " + key.min() + " to " + max;
        if (!json.isIntegralNumber()
                || !json.canConvertToLong()
                || json.longValue() < key.min()
                || json.longValue() > max) {
            throw mismatch(at, json, allowed);
        }
        return json.longValue();
    }

    private static String text(Key key, JsonNode json, String at) {
        List<String> allowed = List.of(key.oneOf());
        if (!json.isTextual()) {
            throw mismatch(at, json, allowed.isEmpty() ? "a text" : "one of " + allowed);
        }
        if (!allowed.isEmpty() && !allowed.contains(json.textValue())) {
            throw mismatch(at, json, "one of " + allowed);
        }
        return json.textValue();
    }

    private static void refuseUnknownKeys(Class<? extends Record> section, JsonNode json, String pointer) {
        List<String> known = Arrays.stream(section.getRecordComponents())
                .map(Binder::keyName)
                .toList();
        for (Iterator<String> names = json.fieldNames(); names.hasNext(); ) {
            String name = names.next();
            if (!known.contains(name)) {
                String nearest = Nearest.of(name, known)
                        .map(n -> "; did you mean \"" + n + "\"?")
                        .orElse(".");
                throw new ConfigException(
                        pointer + "/" + escape(name),
                        "unknown key \"" + name + "\"" + nearest + " Allowed here: " + String.join(", ", known));
            }
        }
    }

    /// @param pointer where the section stands; its constructor names places below it
    private static <T extends Record> T newRecord(
            Class<T> type, RecordComponent[] components, Object[] values, String pointer) {
        Class<?>[] types =
                Arrays.stream(components).map(RecordComponent::getType).toArray(Class<?>[]::new);
        try {
            return type.getDeclaredConstructor(types).newInstance(values);
        } catch (InvocationTargetException e) {
            if (e.getCause() instanceof ConfigException refused) {
                throw new ConfigException(pointer + refused.pointer(), refused.reason());
            }
            throw new IllegalStateException("config section " + type.getSimpleName(), e);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("config section " + type.getSimpleName(), e);
        }
    }

    static JsonNode defaultOf(RecordComponent component, String at) {
        Key key = keyOf(component);
        if (!key.defaultJson().isEmpty()) {
            try {
                return ConfigFile.JSON.readTree(key.defaultJson());
            } catch (JsonProcessingException e) {
                throw new IllegalStateException("default of " + component + " is not JSON", e);
            }
        }
        if (component.getType().isRecord()) {
            return new ObjectNode(JsonNodeFactory.instance);
        }
        if (component.getType() == Optional.class) {
            return JsonNodeFactory.instance.nullNode();
        }
        throw new ConfigException(at, "missing; " + key.doc());
    }

    static Key keyOf(RecordComponent component) {
        Key key = component.getAnnotation(Key.class);
        if (key == null) {
            throw new IllegalStateException(component + " has no @Key");
        }
        return key;
    }

    static String keyName(RecordComponent component) {
        StringBuilder name = new StringBuilder();
        for (char c : component.getName().toCharArray()) {
            if (Character.isUpperCase(c)) {
                name.append('_').append(Character.toLowerCase(c));
            } else {
                name.append(c);
            }
        }
        return name.toString();
    }

    private static Object refuse(String at, JsonNode found, String allowed) {
        throw mismatch(at, found, allowed);
    }

    /// The keys of an object that a section has.
    static JsonNode only(Class<? extends Record> section, JsonNode json) {
        return json.deepCopy() instanceof ObjectNode some ? some.retain(keys(section)) : json;
    }

    /// The others.
    static JsonNode without(Class<? extends Record> section, JsonNode json) {
        return json.deepCopy() instanceof ObjectNode some ? some.remove(keys(section)) : json;
    }

    private static List<String> keys(Class<? extends Record> section) {
        return Arrays.stream(section.getRecordComponents()).map(Binder::keyName).toList();
    }

    static ConfigException mismatch(String at, JsonNode found, String allowed) {
        String shown = found.toString();
        String what = switch (found.getNodeType()) {
            case OBJECT -> "an object";
            case ARRAY -> "a list";
            default -> shown.length() > 60 ? shown.substring(0, 60) + "..." : shown;
        };
        return new ConfigException(at, "found " + what + ", expected " + allowed);
    }

    /// What is refused stands below a place.
    static void within(String pointer, Runnable check) {
        try {
            check.run();
        } catch (ConfigException e) {
            throw new ConfigException(pointer + e.pointer(), e.reason());
        }
    }

    private static String escape(String name) {
        return name.replace("~", "~0").replace("/", "~1");
    }
}
