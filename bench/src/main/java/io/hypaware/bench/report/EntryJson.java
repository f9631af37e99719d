package io.hypaware.bench.report;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Optional;

/// An entry as one line of JSON, and back.
final class EntryJson {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final TypeReference<List<String>> CELLS = new TypeReference<>() {};
    private static final TypeReference<List<List<String>>> ROWS = new TypeReference<>() {};

    static String line(Entry entry) {
        ObjectNode json = JSON.createObjectNode();
        switch (entry) {
            case Figure figure -> {
                json.put("what", figure.what())
                        .put("measured", figure.measured())
                        .put("unit", figure.unit());
                figure.budget()
                        .ifPresent(budget ->
                                json.put("bound", budget.bound().name()).put("limit", budget.limit()));
            }
            case Note note -> json.put("note", note.text());
            case Table table -> {
                json.put("table", table.title());
                json.set("columns", JSON.valueToTree(table.columns()));
                json.set("rows", JSON.valueToTree(table.rows()));
            }
        }
        return json.toString();
    }

    /// @throws IllegalArgumentException if it is none of ours
    static Entry parse(String line) {
        try {
            JsonNode json = JSON.readTree(line);
            if (json.has("note")) {
                return new Note(json.required("note").asText());
            }
            if (json.has("table")) {
                return new Table(
                        json.required("table").asText(),
                        JSON.convertValue(json.required("columns"), CELLS),
                        JSON.convertValue(json.required("rows"), ROWS));
            }
            return new Figure(
                    json.required("what").asText(),
                    json.required("measured").asDouble(),
                    json.required("unit").asText(),
                    budget(json));
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException("no entry of a bench: " + line, e);
        }
    }

    private static Optional<Budget> budget(JsonNode json) {
        return json.has("bound")
                ? Optional.of(new Budget(
                        Budget.Bound.valueOf(json.required("bound").asText()),
                        json.required("limit").asDouble()))
                : Optional.empty();
    }

    private EntryJson() {}
}
