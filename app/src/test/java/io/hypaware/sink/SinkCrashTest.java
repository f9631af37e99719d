package io.hypaware.sink;

import static io.hypaware.testing.RecordedCalls.message;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import com.sun.net.httpserver.HttpServer;
import io.hypaware.config.HypConfig;
import io.hypaware.home.Cache;
import io.hypaware.testing.Configs;
import io.hypaware.testing.Processes;
import io.hypaware.testing.RecordedCalls;
import io.hypaware.testing.SinkEnvironments;
import io.hypaware.testing.Trees;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest;
import io.opentelemetry.proto.trace.v1.Span;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Whatever step a sink's run dies at: each span arrives, once, or again as the same bytes.
class SinkCrashTest {

    private static final Instant LONG_AFTER = Instant.parse("2026-03-02T10:00:00Z");

    @TempDir
    private Path home;

    /// By id, each time that one came.
    private final Map<ByteString, List<Span>> taken = new ConcurrentHashMap<>();

    private HttpServer server;

    @BeforeEach
    void listen() throws Exception {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        server.createContext("/", exchange -> {
            ExportTraceServiceRequest.parseFrom(new GZIPInputStream(exchange.getRequestBody()))
                    .getResourceSpans(0)
                    .getScopeSpans(0)
                    .getSpansList()
                    .forEach(span -> taken.computeIfAbsent(span.getSpanId(), _ -> new CopyOnWriteArrayList<>())
                            .add(span));
            exchange.sendResponseHeaders(200, -1);
            exchange.close();
        });
        server.start();
    }

    @AfterEach
    void stop() {
        server.stop(0);
    }

    @Test
    void dyingAtAStepLosesNothing() throws Exception {
        Cache cache = new Cache(home.resolve("hypaware/cache"));
        RecordedCalls calls = new RecordedCalls(cache.folder());
        String url = "http://127.0.0.1:" + server.getAddress().getPort();
        Map<SinkStep, Integer> cameTo = new HashMap<>();
        int sessions = 0;
        for (SinkStep step : SinkStep.values()) {
            calls.call()
                    .session("s" + sessions++)
                    .messages(message("user", "question"))
                    .answer("answer")
                    .record();
            calls.settle();
            Process dying = Processes.java(Dying.class, home, cache.folder().toString(), url, step.name());
            assertThat(dying.waitFor(60, TimeUnit.SECONDS)).isTrue();
            cameTo.put(step, dying.exitValue());
            assertThat(Trees.files(cache.spill())).as("left behind at " + step).isEmpty();

            run(cache.folder(), url, _ -> {});
            // A session, its turn and its call.
            assertThat(taken).as("after " + step).hasSize(3 * sessions);
        }
        assertThat(cameTo)
                .hasSize(SinkStep.values().length)
                .allSatisfy((_, exit) -> assertThat(exit).isEqualTo(137));
        assertThat(taken.values()).allSatisfy(spans -> {
            assertThat(spans).hasSizeLessThanOrEqualTo(2);
            assertThat(spans.stream().map(Span::toByteString).distinct()).hasSize(1);
        });
        assertThat(taken.values().stream().filter(spans -> spans.size() > 1)).hasSize(3);
    }

    private static List<Sinks.Ran> run(Path cache, String url, Consumer<SinkStep> steps) throws InterruptedException {
        HypConfig config = Configs.withSinks("""
                {"traces": {"plugin": "@hypaware/otlp", "config": {"endpoint": "%s"}}}""".formatted(url));
        return new Sinks(config, SinkEnvironments.at(LONG_AFTER, new Cache(cache), steps)).force(Optional.empty());
    }

    /// A run that dies, as by SIGKILL, when it comes to a step.
    static final class Dying {
        public static void main(String[] arguments) throws Exception {
            run(Path.of(arguments[0]), arguments[1], Processes.dyingAt(arguments[2]));
        }
    }
}
