package io.hypaware.sink.otlp;

import io.hypaware.journal.SinkLedger;
import io.hypaware.journal.SinkLedger.Sent;
import io.hypaware.journal.SinkState.Refused;
import io.hypaware.sink.SinkStep;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest;
import io.opentelemetry.proto.resource.v1.Resource;
import io.opentelemetry.proto.trace.v1.ScopeSpans;
import io.opentelemetry.proto.trace.v1.Span;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/// Spans on their way: gathered, delivered, then written down as sent. Whoever dies between the two delivers the same
/// spans again, with the same ids.
final class SpanBatch {

    private static final int MOST_SPANS = 512;
    private static final int MOST_BYTES = 1 << 20;

    /// Where what was sent is written down, and under which name.
    record Book(SinkLedger ledger, String name) {}

    private final SpanDelivery delivery;
    private final Resource resource;
    private final ScopeSpans scope;
    private final Optional<Book> book;
    private final Consumer<SinkStep> steps;
    private final List<Span> spans = new ArrayList<>();
    private final List<Sent> sent = new ArrayList<>();
    private long purges;
    private int bytes;
    private long delivered;
    private long refused;

    /// @param scope without spans
    /// @param steps told where a process may die
    SpanBatch(
            SpanDelivery delivery, Resource resource, ScopeSpans scope, Optional<Book> book, Consumer<SinkStep> steps) {
        this.delivery = delivery;
        this.resource = resource;
        this.scope = scope;
        this.book = book;
        this.steps = steps;
    }

    /// Says what had been purged when the spans that follow were read.
    void readAfter(long before) {
        purges = before;
    }

    void add(String session, Span span) throws IOException {
        if (isFull()) {
            flush();
        }
        spans.add(span);
        sent.add(new Sent(session, SpanIds.number(span.getSpanId()), TraceSpan.end(span)));
        bytes += span.getSerializedSize();
    }

    boolean isFull() {
        return spans.size() >= MOST_SPANS || bytes >= MOST_BYTES;
    }

    /// Delivers what is gathered.
    ///
    /// @return false, and nothing leaves, if something was purged since it was read
    boolean flush() throws IOException {
        if (spans.isEmpty()) {
            return true;
        }
        if (book.isPresent() && !book.get().ledger().sending(book.get().name(), sent, purges)) {
            return false;
        }
        ExportTraceServiceRequest.Builder request = ExportTraceServiceRequest.newBuilder();
        request.addResourceSpansBuilder()
                .setResource(resource)
                .setSchemaUrl(scope.getSchemaUrl())
                .addScopeSpans(scope.toBuilder().addAllSpans(spans));
        Refused refusal = delivery.deliver(request.build());
        steps.accept(SinkStep.DELIVERED);
        book.ifPresent(of -> of.ledger().sent(of.name(), sent, refusal));
        steps.accept(SinkStep.WRITTEN_DOWN);
        delivered += spans.size() - refusal.count();
        refused += refusal.count();
        clear();
        return true;
    }

    /// Forgets what is gathered.
    void clear() {
        spans.clear();
        sent.clear();
        bytes = 0;
    }

    long delivered() {
        return delivered;
    }

    long refused() {
        return refused;
    }
}
