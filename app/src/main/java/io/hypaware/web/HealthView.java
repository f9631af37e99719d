package io.hypaware.web;

import com.fasterxml.jackson.databind.JsonNode;
import io.hypaware.read.BytesByDay;
import java.util.ArrayList;
import java.util.List;

/// Whether the recorder is well, and what it keeps.
///
/// @param facts of the gateway and the journal, by name
/// @param datasets with what they hold
/// @param days what was recorded on each
public record HealthView(
        OverviewView.Health health,
        List<Fact> facts,
        List<DatasetSize> datasets,
        List<BytesByDay.Day> days,
        String statusJson) {

    private static final int DAYS = 90;

    public record Fact(String name, String value) {}

    public record DatasetSize(String name, long rows, long files, long bytes, long hotRows) {}

    static HealthView of(Site site) throws Exception {
        JsonNode status = site.status().call();
        List<Fact> facts = new ArrayList<>();
        facts(status.path("gateway"), "gateway ", facts);
        facts(status.path("journal"), "journal ", facts);
        List<DatasetSize> datasets = new ArrayList<>();
        status.path("datasets").properties().forEach(one -> {
            JsonNode value = one.getValue();
            datasets.add(new DatasetSize(
                    Html.visible(one.getKey()),
                    value.path("rows_lake").asLong(),
                    value.path("files").asLong(),
                    value.path("bytes_lake").asLong(),
                    value.path("rows_hot").asLong()));
        });
        return new HealthView(
                OverviewView.Health.of(status),
                facts,
                datasets,
                BytesByDay.byDay(site.recorded(), site.clock().instant(), DAYS, site.zone()),
                Html.visible(status.toPrettyString()));
    }

    private static void facts(JsonNode node, String prefix, List<Fact> facts) {
        node.properties().forEach(field -> {
            if (field.getValue().isValueNode()) {
                facts.add(new Fact(
                        prefix + field.getKey().replace('_', ' '),
                        Html.visible(field.getValue().asText())));
            }
        });
    }

    public String chart() {
        return new Chart(days.stream().map(BytesByDay.Day::name).toList(), "B")
                .with("over the wire", days, BytesByDay.Day::wireBytes)
                .with("new payloads", days, BytesByDay.Day::payloadBytes)
                .json();
    }
}
