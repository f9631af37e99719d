package io.hypaware.mcp;

import io.hypaware.config.Nearest;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// What a tool was told, checked: each value is of its type and within its bounds.
final class Arguments {

    private static final int MOST_SHOWN = 80;

    private final Map<String, Object> values;

    private Arguments(Map<String, Object> values) {
        this.values = values;
    }

    /// @throws RefusedException if something is missing, unknown, or out of bounds; the message says what is expected
    static Arguments of(List<Param> params, @Nullable Map<String, Object> given) throws RefusedException {
        Map<String, Object> left = given == null ? new LinkedHashMap<>() : new LinkedHashMap<>(given);
        Map<String, Object> values = new LinkedHashMap<>();
        for (Param param : params) {
            Object value = left.remove(param.name());
            if (value != null) {
                values.put(param.name(), checked(param, value));
            } else if (param.isRequired()) {
                throw new RefusedException(param.name() + " is missing; expected " + param.expected());
            } else {
                param.preset().ifPresent(preset -> values.put(param.name(), preset));
            }
        }
        if (!left.isEmpty()) {
            String name = left.keySet().iterator().next();
            List<String> known = params.stream().map(Param::name).toList();
            throw new RefusedException("there is no argument " + shown(name) + Nearest.orAll(name, known));
        }
        return new Arguments(values);
    }

    private static Object checked(Param param, Object value) throws RefusedException {
        boolean isRight = switch (param.type()) {
            case INTEGER ->
                value instanceof Number number
                        && number.doubleValue() == Math.rint(number.doubleValue())
                        && number.doubleValue() >= param.least()
                        && number.doubleValue() <= param.most();
            case STRING ->
                value instanceof String text
                        && text.length() >= param.least()
                        && text.length() <= param.most()
                        && (param.choices().isEmpty() || param.choices().contains(text));
        };
        if (!isRight) {
            throw new RefusedException(param.name() + " is " + shown(value) + "; expected " + param.expected());
        }
        return value instanceof Number number ? (Object) number.longValue() : value;
    }

    private static String shown(Object value) {
        String text = String.valueOf(value);
        String shown = text.length() <= MOST_SHOWN
                ? text
                : "%s… (%,d characters)".formatted(text.substring(0, MOST_SHOWN), text.length());
        return value instanceof String ? "\"" + shown + "\"" : shown;
    }

    /// A text that has to be there.
    String text(String name) {
        return String.valueOf(values.get(name));
    }

    Optional<String> maybe(String name) {
        return Optional.ofNullable(values.get(name)).map(Object::toString);
    }

    /// A number that has a default.
    int number(String name) {
        return values.get(name) instanceof Long value ? Math.toIntExact(value) : 0;
    }

    /// A call cannot be answered as it was made; the message says why and what to do instead.
    static final class RefusedException extends Exception {
        private static final long serialVersionUID = 1;

        RefusedException(String message) {
            super(message);
        }
    }
}
