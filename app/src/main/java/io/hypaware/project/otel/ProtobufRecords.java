package io.hypaware.project.otel;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.ExtensionRegistryLite;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.protobuf.Parser;
import com.google.protobuf.WireFormat;
import io.hypaware.dataset.Dataset;
import io.hypaware.journal.TelemetryRequest;
import io.opentelemetry.proto.common.v1.InstrumentationScope;
import io.opentelemetry.proto.logs.v1.LogRecord;
import io.opentelemetry.proto.metrics.v1.Metric;
import io.opentelemetry.proto.resource.v1.Resource;
import io.opentelemetry.proto.trace.v1.Span;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/// Records in protobuf. The three signals have the same frame, with the same numbers of fields.
final class ProtobufRecords implements TelemetryRecords {

    private static final int RESOURCES = 1;

    /// Within one: the resource itself, its scopes, and the schema.
    private static final int SELF = 1;

    private static final int INNER = 2;
    private static final int SCHEMA = 3;

    /// More is not read at once. Objects take some times what a message takes on the wire.
    static final int MOST_RECORD_BYTES = 16 << 20;

    /// A resource or a scope, as it comes together from its pieces.
    private static final class Frame<B extends Message.Builder> {
        private final B self;
        private String schema = "";
        private final List<Frame<InstrumentationScope.Builder>> scopes = new ArrayList<>();

        private Frame(B self) {
            this.self = self;
        }
    }

    private final Outline outline = new Outline();
    private final RequestBody body;
    private final Parser<? extends Message> parser;
    private final List<Frame<Resource.Builder>> resources = new ArrayList<>();

    ProtobufRecords(TelemetryRequest request, RequestBody body) throws IOException {
        this.body = body;
        this.parser = switch (request.signal()) {
            case LOGS -> LogRecord.parser();
            case TRACES -> Span.parser();
            case METRICS -> Metric.parser();
        };
        try (RequestBody.Reading in = body.open()) {
            eachInner(coded(in), RESOURCES, (coded, _) -> resources.add(resource(coded)));
            outline.end(in.hash());
        }
        Dataset dataset = TelemetryDatasets.of(request.signal());
        for (Frame<Resource.Builder> frame : resources) {
            Resource resource = frame.self.build();
            outline.add(frame.scopes.stream()
                    .map(scope -> new Origin(dataset, resource, frame.schema, scope.self.build(), scope.schema))
                    .toList());
        }
    }

    @Override
    public Outline outline() {
        return outline;
    }

    private static CodedInputStream coded(RequestBody.Reading in) {
        CodedInputStream coded = CodedInputStream.newInstance(in, 1 << 16);
        coded.setSizeLimit(Integer.MAX_VALUE);
        return coded;
    }

    @FunctionalInterface
    private interface Inner {
        /// @param number which one of its kind it is, from 0
        /// @return whether the next one is asked for
        boolean read(CodedInputStream in, int number) throws IOException;
    }

    /// Reads the messages at a field, and passes by what else there is.
    ///
    /// @return whether the last one asked for more
    private static boolean eachInner(CodedInputStream in, int field, Inner inner) throws IOException {
        boolean goesOn = true;
        int number = 0;
        for (int tag = in.readTag(); tag != 0 && goesOn; tag = goesOn ? in.readTag() : 0) {
            if (tag == tag(field)) {
                int end = enter(in);
                goesOn = inner.read(in, number++);
                if (goesOn) {
                    in.popLimit(end);
                }
            } else {
                skip(in, tag);
            }
        }
        return goesOn;
    }

    private static int tag(int field) {
        return field << 3 | WireFormat.WIRETYPE_LENGTH_DELIMITED;
    }

    private static int enter(CodedInputStream in) throws IOException {
        return in.pushLimit(in.readRawVarint32());
    }

    private static void skip(CodedInputStream in, int tag) throws IOException {
        if (!in.skipField(tag)) {
            throw new InvalidProtocolBufferException("a group ends that did not begin");
        }
    }

    private Frame<Resource.Builder> resource(CodedInputStream in) throws IOException {
        Frame<Resource.Builder> frame = new Frame<>(Resource.newBuilder());
        frame(in, frame, inner -> {
            Frame<InstrumentationScope.Builder> scope = new Frame<>(InstrumentationScope.newBuilder());
            frame(inner, scope, ProtobufRecords::passRecord);
            frame.scopes.add(scope);
        });
        return frame;
    }

    private static void passRecord(CodedInputStream in) throws IOException {
        int length = in.getBytesUntilLimit();
        if (length > MOST_RECORD_BYTES) {
            throw new IOException("one of its records takes more than " + (MOST_RECORD_BYTES >> 20) + " MB");
        }
        in.skipRawBytes(length);
    }

    @FunctionalInterface
    private interface Content {
        void read(CodedInputStream in) throws IOException;
    }

    private void frame(CodedInputStream in, Frame<?> frame, Content inner) throws IOException {
        // What one takes that says nothing.
        outline.takeRoom(64);
        for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
            if (tag == tag(SELF)) {
                int before = in.getTotalBytesRead();
                in.readMessage(frame.self, ExtensionRegistryLite.getEmptyRegistry());
                outline.takeRoom(in.getTotalBytesRead() - before);
            } else if (tag == tag(SCHEMA)) {
                frame.schema = in.readStringRequireUtf8();
                outline.takeRoom(frame.schema.length());
            } else if (tag == tag(INNER)) {
                int end = enter(in);
                inner.read(in);
                in.popLimit(end);
            } else {
                skip(in, tag);
            }
        }
    }

    @Override
    public boolean read(Taker taker) throws IOException {
        try (RequestBody.Reading in = body.open()) {
            return eachInner(
                    coded(in),
                    RESOURCES,
                    (resource, r) -> eachInner(
                            resource,
                            INNER,
                            (scope, s) -> eachInner(
                                    scope,
                                    INNER,
                                    (record, _) -> taker.take(
                                            r,
                                            s,
                                            new Bytes(record.readRawBytes(record.getBytesUntilLimit()), parser)))));
        }
    }

    /// A record's bytes.
    private record Bytes(byte[] bytes, Parser<? extends Message> parser) implements Raw {
        @Override
        public Message parse() throws IOException {
            return parser.parseFrom(bytes);
        }

        @Override
        public long length() {
            return bytes.length;
        }

        @Override
        public String text() {
            return new String(bytes, StandardCharsets.UTF_8);
        }
    }

    @Override
    public byte[] alone(List<Placed> records) throws IOException {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        CodedOutputStream out = CodedOutputStream.newInstance(all);
        for (List<Placed> together : Placed.together(records)) {
            Frame<Resource.Builder> resource = resources.get(together.getFirst().resource());
            Frame<InstrumentationScope.Builder> scope =
                    resource.scopes.get(together.getFirst().scope());
            List<byte[]> inner = together.stream()
                    .map(record -> ((Bytes) record.raw()).bytes())
                    .toList();
            out.writeByteArray(RESOURCES, frame(resource, List.of(frame(scope, inner))));
        }
        out.flush();
        return all.toByteArray();
    }

    private static byte[] frame(Frame<?> frame, List<byte[]> inner) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        CodedOutputStream out = CodedOutputStream.newInstance(bytes);
        out.writeMessage(SELF, frame.self.build());
        for (byte[] one : inner) {
            out.writeByteArray(INNER, one);
        }
        out.writeString(SCHEMA, frame.schema);
        out.flush();
        return bytes.toByteArray();
    }
}
