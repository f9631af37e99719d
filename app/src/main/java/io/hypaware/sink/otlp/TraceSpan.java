package io.hypaware.sink.otlp;

import com.google.protobuf.ByteString;
import io.hypaware.journal.Micros;
import io.hypaware.read.SessionCall.Tokens;
import io.opentelemetry.proto.common.v1.AnyValue;
import io.opentelemetry.proto.common.v1.ArrayValue;
import io.opentelemetry.proto.common.v1.KeyValue;
import io.opentelemetry.proto.trace.v1.Span;
import io.opentelemetry.proto.trace.v1.Status;
import java.time.Duration;
import java.time.Instant;

/// A span being put together.
final class TraceSpan {

    /// Names come of what models and clients say.
    private static final int LONGEST_NAME = 200;

    private static final long NANOS = 1_000;

    private final Span.Builder span;

    /// @param parent 0 for none
    TraceSpan(ByteString trace, long id, long parent, String name) {
        this.span = Span.newBuilder()
                .setTraceId(trace)
                .setSpanId(SpanIds.bytes(id))
                .setName(cut(name))
                .setKind(Span.SpanKind.SPAN_KIND_INTERNAL);
        if (parent != 0) {
            span.setParentSpanId(SpanIds.bytes(parent));
        }
    }

    TraceSpan client() {
        span.setKind(Span.SpanKind.SPAN_KIND_CLIENT);
        return this;
    }

    /// Never ends before it begins, whatever clocks say.
    TraceSpan time(Instant from, Instant to) {
        long begin = nanos(from);
        span.setStartTimeUnixNano(begin).setEndTimeUnixNano(Math.max(begin, nanos(to)));
        return this;
    }

    /// A text that is short, if there is one.
    TraceSpan text(String name, String value) {
        return whole(name, cut(value));
    }

    /// A text as long as it is, if there is one.
    TraceSpan whole(String name, String value) {
        return value.isEmpty() ? this : put(name, AnyValue.newBuilder().setStringValue(value));
    }

    TraceSpan number(String name, long value) {
        return put(name, AnyValue.newBuilder().setIntValue(value));
    }

    TraceSpan dollars(String name, long millionths) {
        return put(name, AnyValue.newBuilder().setDoubleValue(millionths / 1e6));
    }

    /// A list of one text.
    TraceSpan list(String name, String value) {
        ArrayValue one = ArrayValue.newBuilder()
                .addValues(AnyValue.newBuilder().setStringValue(cut(value)))
                .build();
        return value.isEmpty() ? this : put(name, AnyValue.newBuilder().setArrayValue(one));
    }

    /// What was counted. The convention's input is all that the model was sent, wherever the provider had it from.
    TraceSpan tokens(Tokens tokens) {
        number(GenAi.INPUT_TOKENS, tokens.prompt());
        number(GenAi.OUTPUT_TOKENS, tokens.output());
        number(GenAi.CACHE_READ, tokens.cacheRead());
        return number(GenAi.CACHE_CREATION, tokens.cacheWrite());
    }

    /// @param type as few different ones as can be
    TraceSpan failed(String type) {
        span.setStatus(
                Status.newBuilder().setCode(Status.StatusCode.STATUS_CODE_ERROR).setMessage(cut(type)));
        return text(GenAi.ERROR_TYPE, type);
    }

    TraceSpan event(String name, Instant at, String attribute, String value) {
        Span.Event.Builder event = span.addEventsBuilder().setName(name).setTimeUnixNano(nanos(at));
        if (!value.isEmpty()) {
            event.addAttributes(KeyValue.newBuilder()
                    .setKey(attribute)
                    .setValue(AnyValue.newBuilder().setStringValue(cut(value))));
        }
        return this;
    }

    Span build() {
        return span.build();
    }

    static Instant end(Span span) {
        return Micros.toInstant(span.getEndTimeUnixNano() / NANOS);
    }

    private TraceSpan put(String name, AnyValue.Builder value) {
        span.addAttributes(KeyValue.newBuilder().setKey(name).setValue(value));
        return this;
    }

    private static long nanos(Instant at) {
        return Math.multiplyExact(Math.max(0, Math.min(Micros.of(at), Long.MAX_VALUE / NANOS)), NANOS);
    }

    static Duration atLeastNothing(Duration duration) {
        return duration.isNegative() ? Duration.ZERO : duration;
    }

    private static String cut(String text) {
        if (text.length() <= LONGEST_NAME) {
            return text;
        }
        boolean isHalf = Character.isHighSurrogate(text.charAt(LONGEST_NAME - 1));
        return text.substring(0, isHalf ? LONGEST_NAME - 1 : LONGEST_NAME);
    }
}
