package io.hypaware.web;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.function.ToDoubleFunction;

/// A drawing as the page's script takes it: names below, and some numbers for each.
final class Chart {

    private static final ObjectMapper JSON = new ObjectMapper();

    private final ObjectNode chart = JSON.createObjectNode();
    private final ArrayNode series;

    /// @param unit `$`, `B` or none
    Chart(List<String> labels, String unit) {
        chart.put("unit", unit);
        ArrayNode names = chart.putArray("labels");
        labels.forEach(names::add);
        this.series = chart.putArray("series");
    }

    <T> Chart with(String label, List<T> of, ToDoubleFunction<T> value) {
        ArrayNode values = series.addObject().put("label", label).putArray("values");
        of.forEach(one -> values.add(value.applyAsDouble(one)));
        return this;
    }

    String json() {
        return chart.toString();
    }
}
