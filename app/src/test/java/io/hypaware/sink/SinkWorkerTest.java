package io.hypaware.sink;

import static io.hypaware.testing.RecordedCalls.message;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import io.hypaware.cli.Hyp;
import io.hypaware.home.Cache;
import io.hypaware.testing.Processes;
import io.hypaware.testing.RecordedCalls;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest;
import io.opentelemetry.proto.trace.v1.Span;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The process that the gateway starts when a sink is due.
@Tag("slow")
class SinkWorkerTest {

    @TempDir
    private Path home;

    @Test
    void sendsWhatWasRecordedAndNothingTwice() throws Exception {
        List<Span> taken = new CopyOnWriteArrayList<>();
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/v1/traces", exchange -> {
            taken.addAll(ExportTraceServiceRequest.parseFrom(new GZIPInputStream(exchange.getRequestBody()))
                    .getResourceSpans(0)
                    .getScopeSpans(0)
                    .getSpansList());
            exchange.sendResponseHeaders(200, -1);
            exchange.close();
        });
        server.start();
        try {
            Files.writeString(home.resolve("hypaware-config.json"), """
                    {"version": 2, "sinks": {"traces": {"plugin": "@hypaware/otlp", "config": {"endpoint": "http://127.0.0.1:%d"}}}}
                    """.formatted(
                            server.getAddress().getPort()));
            // Not projected yet: the worker does that, too.
            new RecordedCalls(new Cache(home.resolve("hypaware/cache")).folder())
                    .call()
                    .messages(message("user", "question"))
                    .record();
            for (int run = 0; run < 2; run++) {
                Processes.output(Hyp.class, home, "worker", "--sinks");
            }
            assertThat(taken)
                    .extracting(Span::getName)
                    .containsExactlyInAnyOrder("session claude", "invoke_agent claude", "chat claude-sonnet-4-5");
            assertThat(Processes.output(Hyp.class, home, "sink", "list")).contains("traces");
        } finally {
            server.stop(0);
        }
    }
}
