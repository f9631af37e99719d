package io.hypaware.maintain.reported;

import static io.hypaware.dataset.Column.optional;
import static io.hypaware.dataset.Column.payload;
import static io.hypaware.dataset.Column.required;
import static io.hypaware.dataset.ColumnType.DOUBLE;
import static io.hypaware.dataset.ColumnType.JSON;
import static io.hypaware.dataset.ColumnType.LONG;
import static io.hypaware.dataset.ColumnType.STRING;
import static io.hypaware.dataset.ColumnType.TIMESTAMP;

import io.hypaware.dataset.Dataset;
import io.hypaware.dataset.DatasetProvider;
import java.util.List;

/// The dataset of what Claude Code does beside talking, as it reports it.
public final class ClaudeTelemetryEvents implements DatasetProvider {

    /// One row per event. What was said is in `ai_gateway_messages`, and no event of it is here.
    public static final Dataset DATASET = new Dataset(
            "claude_telemetry_events",
            "event_timestamp",
            List.of("event_timestamp", "session_id"),
            List.of(
                    required("event_name", STRING),
                    required("event_timestamp", TIMESTAMP),
                    optional("session_id", STRING),
                    optional("tool_name", STRING),
                    optional("decision", STRING),
                    optional("source", STRING),
                    optional("cost_usd", DOUBLE),
                    optional("cwd", STRING),
                    payload("attributes", JSON),
                    optional("prompt_id", STRING),
                    optional("request_id", STRING),
                    optional("tool_call_id", STRING),
                    optional("model", STRING),
                    optional("query_source", STRING),
                    optional("duration_ms", LONG),
                    optional("sequence", LONG)));

    @Override
    public List<Dataset> datasets() {
        return List.of(DATASET);
    }
}
