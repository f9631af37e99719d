package io.hypaware.smoke;

import java.io.IOException;
import java.time.Instant;

/// What each smoke of OpenTelemetry does. Times are of now, so that retention keeps what they tell.
final class TelemetryFlows {

    private static final String RESOURCE =
            "\"resource\":{\"attributes\":[{\"key\":\"service.name\",\"value\":{\"stringValue\":\"smoke\"}}]}";
    private static final String TRACE = "0123456789abcdef0123456789abcdef";

    static void listener(Stage stage) throws IOException, InterruptedException {
        stage.configureTelemetry();
        stage.up();
        stage.same("a log record is taken", stage.export("logs", log("it began")), "{}");
        stage.same(
                "and is a row",
                stage.value("select \"serviceName\" || ': ' || json_extract_string(body, '$') from logs"),
                "smoke: it began");
        stage.expect("the status counts it", stage.hyp("status"), "logs     1 request (");
    }

    static void loopback(Stage stage) throws IOException, InterruptedException {
        stage.configureTelemetry();
        stage.up();
        stage.same("a log record is taken", stage.export("logs", log("one")), "{}");
        stage.same("a span is taken", stage.export("traces", span()), "{}");
        stage.same("a number is taken", stage.export("metrics", metric()), "{}");
        stage.hyp("status", "--otlp", "http://127.0.0.1:" + stage.telemetryPort());
        stage.same("numbers of the recorder itself, too", stage.code(), 0);
        stage.same("the log record is a row", stage.value("select count(*) from logs"), "1");
        stage.same(
                "the span is a row",
                stage.value("select name from traces where \"traceId\" = '" + TRACE + "'"),
                "turn");
        stage.same(
                "the number is the only one",
                stage.value("select string_agg(\"metricName\" || ' ' || \"serviceName\", ', ') from metrics"),
                "calls smoke");
        stage.same(
                "what is the recorder's own was counted and left out",
                stage.json("status", "--json").at("/gateway/telemetry/own").asText(),
                "1");
    }

    private static String log(String body) {
        return "{\"resourceLogs\":[{" + RESOURCE + ",\"scopeLogs\":[{\"logRecords\":[{\"timeUnixNano\":\"" + now()
                + "\",\"body\":{\"stringValue\":\"" + body + "\"}}]}]}]}";
    }

    private static String span() {
        return "{\"resourceSpans\":[{" + RESOURCE + ",\"scopeSpans\":[{\"spans\":[{\"traceId\":\"" + TRACE
                + "\",\"spanId\":\"0123456789abcdef\",\"name\":\"turn\",\"kind\":1,\"startTimeUnixNano\":\"" + now()
                + "\",\"endTimeUnixNano\":\"" + now() + "\"}]}]}]}";
    }

    private static String metric() {
        return "{\"resourceMetrics\":[{" + RESOURCE
                + ",\"scopeMetrics\":[{\"metrics\":[{\"name\":\"calls\",\"gauge\":{\"dataPoints\":[{\"timeUnixNano\":\""
                + now() + "\",\"asInt\":\"7\"}]}}]}]}]}";
    }

    private static long now() {
        return Instant.now().toEpochMilli() * 1_000_000;
    }

    private TelemetryFlows() {}
}
