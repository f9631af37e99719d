package io.hypaware.spark.console;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.Serializable;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.Map;

/// The one function that Spark lacks: JSON objects merged (RFC 7396), given as a JSON array of their texts.
final class JsonMerge implements InvocationHandler, Serializable {

    private static final long serialVersionUID = 1;

    private static final ObjectMapper JSON = new ObjectMapper();

    static final String NAME = "hyp_json_merge";

    /// Makes the function known to a session.
    static void register(Object session) throws ReflectiveOperationException {
        Class<?> function = Class.forName("org.apache.spark.sql.api.java.UDF1");
        Class<?> types = Class.forName("org.apache.spark.sql.types.DataType");
        Object text = Class.forName("org.apache.spark.sql.types.DataTypes")
                .getField("StringType")
                .get(null);
        Object proxy =
                Proxy.newProxyInstance(JsonMerge.class.getClassLoader(), new Class<?>[] {function}, new JsonMerge());
        Object functions = Console.call(session, "udf");
        functions
                .getClass()
                .getMethod("register", String.class, function, types)
                .invoke(functions, NAME, proxy, text);
    }

    @Override
    public Object invoke(Object proxy, Method method, Object[] arguments) throws JsonProcessingException {
        return switch (method.getName()) {
            case "call" -> arguments[0] == null ? null : merged((String) arguments[0]);
            case "hashCode" -> System.identityHashCode(proxy);
            case "equals" -> false;
            default -> NAME;
        };
    }

    private static String merged(String list) throws JsonProcessingException {
        JsonNode merged = null;
        for (JsonNode one : JSON.readTree(list)) {
            if (!one.isNull()) {
                JsonNode patch = JSON.readTree(one.asText());
                merged = merged == null ? patch : merged(merged, patch);
            }
        }
        return merged == null ? null : JSON.writeValueAsString(merged);
    }

    private static JsonNode merged(JsonNode target, JsonNode patch) {
        if (!patch.isObject()) {
            return patch;
        }
        ObjectNode result = target instanceof ObjectNode object ? object : JSON.createObjectNode();
        for (Map.Entry<String, JsonNode> entry : patch.properties()) {
            if (entry.getValue().isNull()) {
                result.remove(entry.getKey());
            } else {
                JsonNode before = result.get(entry.getKey());
                result.set(entry.getKey(), merged(before == null ? JSON.createObjectNode() : before, entry.getValue()));
            }
        }
        return result;
    }
}
