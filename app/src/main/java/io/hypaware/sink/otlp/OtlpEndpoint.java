package io.hypaware.sink.otlp;

import com.google.protobuf.InvalidProtocolBufferException;
import io.hypaware.config.OtlpSinkConfig;
import io.hypaware.journal.SinkState.Refused;
import io.hypaware.journal.TelemetryRequest;
import io.hypaware.sink.SinkException;
import io.opentelemetry.proto.collector.trace.v1.ExportTracePartialSuccess;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceResponse;
import io.opentelemetry.proto.trace.v1.ResourceSpans;
import io.opentelemetry.proto.trace.v1.ScopeSpans;
import io.opentelemetry.proto.trace.v1.Span;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import java.util.zip.GZIPOutputStream;
import javax.net.ssl.SSLException;

/// An endpoint of OpenTelemetry's protocol, by HTTP with protobuf: asked again as the protocol says, redirects not
/// followed, as keys go with each request. The status says what became of the spans; a body is read up to a length, to
/// learn more, and what is wrong with it changes nothing.
final class OtlpEndpoint implements SpanDelivery, AutoCloseable {

    /// Says whose request it is, so that our own receiver takes nothing of it.
    static final String AGENT = "hypaware";

    private static final Set<Integer> AGAIN = Set.of(429, 502, 503, 504);

    /// The request itself is what is refused.
    private static final Set<Integer> REFUSED = Set.of(400, 413, 422);

    private static final int ATTEMPTS = 4;

    /// Who wants to be left alone for longer is asked by the next run.
    private static final Duration LONGEST_WAIT = Duration.ofSeconds(10);

    private static final int LONGEST_ANSWER = 64 * 1024;

    /// Single spans refused one after the other: the endpoint takes none.
    private static final int MOST_REFUSED = 20;

    private static final int SHOWN = 200;

    /// Shorter words of a header's value are no secret, as `Bearer` is none.
    private static final int SHORTEST_KEY = 7;

    /// How it is reached.
    record Settings(URI uri, Map<String, String> headers, boolean gzip, Duration timeout) {}

    /// Waits; tests do not.
    @FunctionalInterface
    interface Pause {
        void sleep(Duration time) throws InterruptedException;
    }

    private final Settings settings;
    private final Pause pause;
    private final Clock clock;
    private final HttpClient http;
    private int refusedInARow;

    OtlpEndpoint(Settings settings, Clock clock) {
        this(settings, clock, Thread::sleep);
    }

    OtlpEndpoint(Settings settings, Clock clock, Pause pause) {
        this.settings = settings;
        this.clock = clock;
        this.pause = pause;
        this.http = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .followRedirects(HttpClient.Redirect.NEVER)
                .connectTimeout(settings.timeout())
                .build();
    }

    @Override
    public Refused deliver(ExportTraceServiceRequest spans) throws IOException {
        HttpResponse<byte[]> answer;
        try {
            answer = answer(packed(spans));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("told to stop");
        }
        if (answer.headers()
                .firstValue(TelemetryRequest.OWN_HEADER)
                .filter(TelemetryRequest.NOT_RECORDED::equals)
                .isPresent()) {
            throw new SinkException(OtlpSinkConfig.shown(settings.uri())
                    + " is a receiver of HypAware, which keeps nothing of what HypAware sends; name the address of the"
                    + " tool that is to show it");
        }
        if (answer.statusCode() / 100 == 2) {
            if (isPage(answer)) {
                throw new SinkException(OtlpSinkConfig.shown(settings.uri()) + " answers with a page, as no endpoint of"
                        + " OTLP does; is there a proxy, or a network to sign in to, on the way?");
            }
            refusedInARow = 0;
            return partly(answer.body(), count(spans));
        }
        if (REFUSED.contains(answer.statusCode())) {
            return halves(spans, answer);
        }
        throw new SinkException(said(answer) + hint(answer.statusCode()), wait(answer));
    }

    /// Asks until there is an answer that says what becomes of the request.
    private HttpResponse<byte[]> answer(byte[] body) throws SinkException, InterruptedException {
        for (int attempt = 1; ; attempt++) {
            try {
                HttpResponse<byte[]> answer = once(body);
                Optional<Duration> wait = wait(answer);
                if (!AGAIN.contains(answer.statusCode())
                        || attempt == ATTEMPTS
                        || wait.filter(time -> time.compareTo(LONGEST_WAIT) > 0).isPresent()) {
                    return answer;
                }
                pause.sleep(wait.orElse(backOff(attempt)));
            } catch (IOException e) {
                if (attempt == ATTEMPTS) {
                    throw new SinkException(
                            withoutKeys(OtlpSinkConfig.shown(settings.uri()) + " cannot be reached: " + why(e)));
                }
                pause.sleep(backOff(attempt));
            }
        }
    }

    /// Twice as long each time, and not at the same moment as others.
    private static Duration backOff(int attempt) {
        long most = 500L << attempt;
        return Duration.ofMillis(most / 2 + ThreadLocalRandom.current().nextLong(most / 2));
    }

    private HttpResponse<byte[]> once(byte[] body) throws IOException, InterruptedException {
        HttpRequest.Builder request = HttpRequest.newBuilder(settings.uri()).timeout(settings.timeout());
        settings.headers().forEach(request::setHeader);
        request.setHeader("content-type", "application/x-protobuf")
                .setHeader("user-agent", AGENT)
                // A receiver of ours does not take it for news.
                .setHeader(TelemetryRequest.OWN_HEADER, "1");
        if (settings.gzip()) {
            request.setHeader("content-encoding", "gzip");
        }
        // The client's own limit is over once headers are there; from then on it is the body's.
        return http.send(
                request.POST(HttpRequest.BodyPublishers.ofByteArray(body)).build(),
                _ -> new BoundedBody(LONGEST_ANSWER, settings.timeout()));
    }

    private static String why(IOException e) {
        if (e instanceof HttpTimeoutException) {
            return "it does not answer in time";
        }
        if (e instanceof ConnectException) {
            return "nothing takes connections there";
        }
        if (e instanceof SSLException) {
            return "TLS failed: " + e.getMessage()
                    + ". Is its certificate known to this machine, and is it https there?";
        }
        return e.getMessage() == null ? e.toString() : e.getMessage();
    }

    private byte[] packed(ExportTraceServiceRequest spans) throws IOException {
        if (!settings.gzip()) {
            return spans.toByteArray();
        }
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (GZIPOutputStream gzip = new GZIPOutputStream(bytes)) {
            spans.writeTo(gzip);
        }
        return bytes.toByteArray();
    }

    /// A page for a browser, which somebody else on the way answers with.
    private static boolean isPage(HttpResponse<byte[]> answer) {
        String type = answer.headers().firstValue("content-type").orElse("");
        if (!type.isBlank()) {
            return type.strip().toLowerCase(Locale.ROOT).matches("(text/html|application/xhtml\\+xml)\\b.*");
        }
        return new String(answer.body(), StandardCharsets.ISO_8859_1)
                .stripLeading()
                .startsWith("<");
    }

    /// The spans that an answer which is none of failure says it did not take; they are not to be sent again.
    private Refused partly(byte[] body, long all) {
        try {
            ExportTracePartialSuccess partly =
                    ExportTraceServiceResponse.parseFrom(body).getPartialSuccess();
            long rejected = Math.clamp(partly.getRejectedSpans(), 0, all);
            return rejected == 0 ? Refused.NONE : new Refused(rejected, shown(partly.getErrorMessage()));
        } catch (InvalidProtocolBufferException e) {
            // Some answer with a text; the status is what counts.
            return Refused.NONE;
        }
    }

    /// What is refused as a whole may be taken but for one span, or is too large.
    private Refused halves(ExportTraceServiceRequest spans, HttpResponse<byte[]> answer) throws IOException {
        ResourceSpans resource = spans.getResourceSpans(0);
        ScopeSpans scope = resource.getScopeSpans(0);
        List<Span> all = scope.getSpansList();
        if (all.size() == 1) {
            refusedInARow++;
            if (refusedInARow > MOST_REFUSED) {
                throw new SinkException(said(answer) + "; it takes no span. Is it an endpoint of OTLP?");
            }
            return new Refused(1, said(answer));
        }
        int middle = all.size() / 2;
        return deliver(with(resource, scope, all.subList(0, middle)))
                .and(deliver(with(resource, scope, all.subList(middle, all.size()))));
    }

    private static ExportTraceServiceRequest with(ResourceSpans resource, ScopeSpans scope, List<Span> spans) {
        return ExportTraceServiceRequest.newBuilder()
                .addResourceSpans(resource.toBuilder()
                        .clearScopeSpans()
                        .addScopeSpans(scope.toBuilder().clearSpans().addAllSpans(spans)))
                .build();
    }

    private static long count(ExportTraceServiceRequest spans) {
        return spans.getResourceSpans(0).getScopeSpans(0).getSpansCount();
    }

    private String said(HttpResponse<byte[]> answer) {
        String known = shown(new String(answer.body(), StandardCharsets.UTF_8));
        return OtlpSinkConfig.shown(settings.uri()) + " answers " + answer.statusCode()
                + (known.isEmpty() ? "" : ": " + known);
    }

    private String shown(String theirs) {
        String known = withoutKeys(theirs.replaceAll("[^\\x20-\\x7e]+", " ").strip());
        return known.substring(0, Math.min(SHOWN, known.length()));
    }

    /// Some endpoints repeat what they were sent, and what they say is shown and written down.
    private String withoutKeys(String text) {
        String shown = text;
        for (String value : settings.headers().values()) {
            for (String word : value.split(" ", -1)) {
                shown = word.length() < SHORTEST_KEY ? shown : shown.replace(word, "…");
            }
        }
        String query = settings.uri().getRawQuery();
        return query == null || query.length() < SHORTEST_KEY ? shown : shown.replace(query, "…");
    }

    private static String hint(int status) {
        return switch (status) {
            case 301, 302, 303, 307, 308 -> ". It leads elsewhere, which is not followed; name that address";
            case 401, 403 -> ". Its key stands in headers, or in OTEL_EXPORTER_OTLP_HEADERS";
            case 404, 405 -> ". Its address ends in /v1/traces most often";
            default -> "";
        };
    }

    /// How long it wants to be left alone.
    private Optional<Duration> wait(HttpResponse<byte[]> answer) {
        return answer.headers().firstValue("retry-after").flatMap(text -> {
            if (text.matches("\\d{1,12}")) {
                return Optional.of(Duration.ofSeconds(Long.parseLong(text)));
            }
            try {
                Instant until = ZonedDateTime.parse(text, DateTimeFormatter.RFC_1123_DATE_TIME)
                        .toInstant();
                return Optional.of(TraceSpan.atLeastNothing(Duration.between(clock.instant(), until)));
            } catch (DateTimeParseException e) {
                return Optional.empty();
            }
        });
    }

    @Override
    public void close() {
        http.shutdownNow();
    }
}
