package io.hypaware.project.otel;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.protobuf.Message;
import io.hypaware.dataset.Dataset;
import io.hypaware.journal.TelemetryRequest;
import io.opentelemetry.proto.common.v1.InstrumentationScope;
import io.opentelemetry.proto.logs.v1.LogRecord;
import io.opentelemetry.proto.metrics.v1.Metric;
import io.opentelemetry.proto.resource.v1.Resource;
import io.opentelemetry.proto.trace.v1.Span;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;

/// Records in JSON, in the form of OTLP: names in camelCase, ids in hex, what is not known is passed by.
final class JsonRecords implements TelemetryRecords {

    private static final int MOST_DEPTH = 200;

    private static final ObjectMapper JSON = JsonMapper.builder(JsonFactory.builder()
                    .streamReadConstraints(StreamReadConstraints.builder()
                            .maxNestingDepth(MOST_DEPTH)
                            .maxStringLength((int) RequestBody.MOST_BYTES)
                            .build())
                    .build())
            // As the clear text of numbers says it.
            .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
            .build();

    /// How the fields of a frame are called, from outside.
    private record Names(String resources, String scopes, String records) {}

    /// Of a resource or a scope, what is not records.
    private record Frame(ObjectNode fields, List<Frame> scopes) {}

    private final Outline outline = new Outline();
    private final RequestBody body;
    private final Names names;
    private final Supplier<Message.Builder> builder;
    private final List<Frame> resources = new ArrayList<>();

    JsonRecords(TelemetryRequest request, RequestBody body) throws IOException {
        this.body = body;
        this.names = switch (request.signal()) {
            case LOGS -> new Names("resourceLogs", "scopeLogs", "logRecords");
            case TRACES -> new Names("resourceSpans", "scopeSpans", "spans");
            case METRICS -> new Names("resourceMetrics", "scopeMetrics", "metrics");
        };
        this.builder = switch (request.signal()) {
            case LOGS -> LogRecord::newBuilder;
            case TRACES -> Span::newBuilder;
            case METRICS -> Metric::newBuilder;
        };
        try (RequestBody.Reading in = body.open();
                JsonParser json = JSON.createParser(in)) {
            each(json, names.resources(), (_, _) -> resources.add(frame(json, names.scopes())));
            if (json.nextToken() != null) {
                throw new IOException("something stands behind its JSON");
            }
            outline.end(in.hash());
        }
        Dataset dataset = TelemetryDatasets.of(request.signal());
        for (Frame frame : resources) {
            Resource.Builder resource = Resource.newBuilder();
            JsonMessages.merge(frame.fields.path("resource"), resource);
            List<Origin> inner = new ArrayList<>();
            for (Frame scope : frame.scopes) {
                InstrumentationScope.Builder self = InstrumentationScope.newBuilder();
                JsonMessages.merge(scope.fields.path("scope"), self);
                inner.add(new Origin(dataset, resource.build(), schema(frame), self.build(), schema(scope)));
            }
            outline.add(inner);
        }
    }

    @Override
    public Outline outline() {
        return outline;
    }

    private static String schema(Frame frame) {
        return frame.fields.path("schemaUrl").asText("");
    }

    @FunctionalInterface
    private interface Element {
        /// @param number which one it is, from 0
        /// @return whether the next one is asked for
        boolean read(JsonParser json, int number) throws IOException;
    }

    /// Reads the elements of the array at a field of the object that the parser comes to, and passes by what else there
    /// is. Each leaves the parser at its end.
    ///
    /// @return whether the last one asked for more
    private static boolean each(JsonParser json, String field, Element element) throws IOException {
        if (json.nextToken() != JsonToken.START_OBJECT) {
            throw new IOException("its JSON is no object");
        }
        return eachOf(json, field, element);
    }

    private static boolean eachOf(JsonParser json, String field, Element element) throws IOException {
        int number = 0;
        while (json.nextToken() == JsonToken.FIELD_NAME) {
            boolean isIt = json.currentName().equals(field);
            JsonToken value = json.nextToken();
            if (!isIt || value == JsonToken.VALUE_NULL) {
                json.skipChildren();
                continue;
            }
            if (value != JsonToken.START_ARRAY) {
                throw new IOException(field + " is no array");
            }
            while (json.nextToken() != JsonToken.END_ARRAY) {
                if (json.currentToken() != JsonToken.START_OBJECT) {
                    throw new IOException("an element of " + field + " is no object");
                }
                if (!element.read(json, number++)) {
                    return false;
                }
            }
        }
        return true;
    }

    /// Reads an object but for its records.
    private Frame frame(JsonParser json, String inner) throws IOException {
        Frame frame = new Frame(JSON.createObjectNode(), new ArrayList<>());
        // What one takes that says nothing.
        outline.takeRoom(64);
        while (json.nextToken() == JsonToken.FIELD_NAME) {
            String field = json.currentName();
            json.nextToken();
            if (field.equals(inner) && json.currentToken() == JsonToken.START_ARRAY) {
                while (json.nextToken() != JsonToken.END_ARRAY) {
                    if (inner.equals(names.records())) {
                        json.skipChildren();
                    } else if (json.currentToken() == JsonToken.START_OBJECT) {
                        frame.scopes.add(frame(json, names.records()));
                    } else {
                        throw new IOException("an element of " + field + " is no object");
                    }
                }
            } else if (field.equals("resource") || field.equals("scope") || field.equals("schemaUrl")) {
                long before = json.currentLocation().getByteOffset();
                frame.fields.set(field, JSON.<JsonNode>readTree(json));
                outline.takeRoom(json.currentLocation().getByteOffset() - before);
            } else {
                json.skipChildren();
            }
        }
        return frame;
    }

    @Override
    public boolean read(Taker taker) throws IOException {
        try (RequestBody.Reading in = body.open();
                JsonParser json = JSON.createParser(in)) {
            return each(
                    json,
                    names.resources(),
                    (_, resource) -> eachOf(
                            json,
                            names.scopes(),
                            (_, scope) -> eachOf(
                                    json,
                                    names.records(),
                                    (_, _) -> taker.take(resource, scope, new Tree(JSON.readTree(json), builder)))));
        }
    }

    /// A record's JSON.
    private record Tree(JsonNode json, Supplier<Message.Builder> builder) implements Raw {
        @Override
        public Message parse() throws IOException {
            Message.Builder message = builder.get();
            JsonMessages.merge(json, message);
            return message.build();
        }

        @Override
        public long length() {
            return text().length();
        }

        @Override
        public String text() {
            return json.toString();
        }
    }

    @Override
    public byte[] alone(List<Placed> records) throws IOException {
        ObjectNode all = JSON.createObjectNode();
        ArrayNode outer = all.putArray(names.resources());
        for (List<Placed> together : Placed.together(records)) {
            Frame resource = resources.get(together.getFirst().resource());
            Frame scope = resource.scopes.get(together.getFirst().scope());
            ObjectNode inner = scope.fields.deepCopy();
            ArrayNode innermost = inner.putArray(names.records());
            together.forEach(record -> innermost.add(((Tree) record.raw()).json()));
            ObjectNode frame = resource.fields.deepCopy();
            frame.putArray(names.scopes()).add(inner);
            outer.add(frame);
        }
        return JSON.writeValueAsBytes(all);
    }
}
