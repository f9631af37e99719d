package io.hypaware.daemon;

import static org.assertj.core.api.Assertions.assertThat;

import io.hypaware.cli.Hyp;
import io.hypaware.dataset.Row;
import io.hypaware.home.HypHome;
import io.hypaware.journal.Journal;
import io.hypaware.project.ExchangeRow;
import io.hypaware.testing.FakeProvider;
import io.hypaware.testing.Processes;
import io.hypaware.testing.RawClient;
import io.hypaware.testing.RecordedCalls;
import io.hypaware.testing.ResponsesCalls;
import io.hypaware.testing.Tapes;
import io.hypaware.testing.TestGateway;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The whole gateway process: killed in mid-stream, and told to stop while a call is open.
class GatewayKillTest {

    @TempDir
    private Path root;

    @Test
    void killedInMidStreamItsNextStartKeepsWhatWasReceived() throws Exception {
        try (FakeProvider provider = new FakeProvider((_, out) -> {
            out.write("HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n");
            out.chunk(
                    "data: {\"type\":\"message_start\",\"message\":{\"id\":\"msg_k\",\"model\":\"m\",\"usage\":{\"input_tokens\":4}}}\n\n");
            out.chunk(
                    "data: {\"type\":\"content_block_start\",\"index\":0,\"content_block\":{\"type\":\"text\",\"text\":\"\"}}\n\n");
            out.chunk(
                    "data: {\"type\":\"content_block_delta\",\"index\":0,\"delta\":{\"type\":\"text_delta\",\"text\":\"half an ans\"}}\n\n");
            out.awaitClose();
        })) {
            Process gateway = start(provider);
            String body =
                    "{\"model\":\"m\",\"stream\":true,\"messages\":[{\"role\":\"user\",\"content\":\"tell me\"}]}";
            try (RawClient client = new RawClient(port())) {
                client.write("POST /v1/messages HTTP/1.1\r\nHost: localhost\r\nContent-Length: " + body.length()
                        + "\r\n\r\n" + body);
                client.readUntil("half an ans");
                awaitFrames();
                gateway.destroyForcibly();
                assertThat(gateway.waitFor(10, TimeUnit.SECONDS)).isTrue();
                assertThat(client.readAll()).doesNotContain("\r\n0\r\n");
            }
            Process next = start(provider);
            RecordedCalls calls = new RecordedCalls(cache());
            List<Row> rows = calls.messages();
            assertThat(rows.stream().map(RecordedCalls::line))
                    .containsExactly("user: tell me", "assistant: half an ans");
            assertThat(RecordedCalls.text(rows.getLast(), "status")).contains("\"outcome\":\"gateway_error\"");
            assertThat(RecordedCalls.text(calls.rows(ExchangeRow.DATASET).getFirst(), "outcome"))
                    .isEqualTo("gateway_error");
            next.destroy();
            assertThat(next.waitFor(20, TimeUnit.SECONDS)).isTrue();
            assertThat(next.exitValue()).isZero();
        }
    }

    @Tag("slow")
    @Test
    void killedInMidTurnItsNextStartHasEachTurnOnce() throws Exception {
        byte[] first = Tapes.message(ResponsesCalls.create("one"), true);
        byte[] second = Tapes.message(ResponsesCalls.create("two"), true);
        try (FakeProvider provider = new FakeProvider((_, out) -> {
            out.write("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n");
            out.read(first.length);
            out.write(Tapes.message(ResponsesCalls.completed("resp_1", "whole"), false));
            out.read(second.length);
            String half = ResponsesCalls.object("response.output_text.delta")
                    .put("output_index", 0)
                    .put("delta", "half an ans")
                    .toString();
            out.write(Tapes.message(half, false));
            out.awaitClose();
        })) {
            Process gateway = start(provider);
            RecordedCalls calls = new RecordedCalls(cache());
            try (RawClient client = new RawClient(port())) {
                client.write("GET /v1/responses HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\n"
                        + "Upgrade: websocket\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
                        + "Sec-WebSocket-Version: 13\r\nsession-id: s\r\n\r\n");
                client.readUntil("\r\n\r\n");
                client.write(first);
                client.readUntil("whole");
                // The first turn is projected while the connection is open.
                TestGateway.await(() -> calls.said().size() == 2);
                client.write(second);
                client.readUntil("half an ans");
                awaitFrames();
                gateway.destroyForcibly();
                assertThat(gateway.waitFor(10, TimeUnit.SECONDS)).isTrue();
            }
            Process next = start(provider);
            assertThat(calls.said())
                    .containsExactly("user: one", "assistant: whole", "user: two", "assistant: half an ans");
            assertThat(calls.rows(ExchangeRow.DATASET).stream()
                            .map(row -> RecordedCalls.text(row, "method") + " " + RecordedCalls.text(row, "outcome")))
                    .containsExactlyInAnyOrder("WEBSOCKET completed", "WEBSOCKET gateway_error", "GET gateway_error");
            next.destroy();
            assertThat(next.waitFor(20, TimeUnit.SECONDS)).isTrue();
        }
    }

    @Test
    void toldToStopItLetsAnOpenCallEnd() throws Exception {
        CountDownLatch go = new CountDownLatch(1);
        try (FakeProvider provider = new FakeProvider((_, out) -> {
            out.write("HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n");
            out.chunk("data: one\n\n");
            go.await();
            out.chunk("data: two\n\n");
            out.write("0\r\n\r\n");
        })) {
            Process gateway = start(provider);
            try (RawClient client = new RawClient(port())) {
                client.write("POST /v1/messages HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\n\r\n{}");
                client.readUntil("data: one");
                gateway.destroy();
                assertThat(gateway.waitFor(1, TimeUnit.SECONDS)).isFalse();
                go.countDown();
                assertThat(client.readUntil("0\r\n\r\n")).contains("data: two");
                assertThat(gateway.waitFor(20, TimeUnit.SECONDS)).isTrue();
                assertThat(gateway.exitValue()).isZero();
            }
        }
    }

    @Tag("slow")
    @Test
    void aSecondSignalEndsAtOnce() throws Exception {
        try (FakeProvider provider = new FakeProvider((_, out) -> {
            out.write("HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n");
            out.chunk("data: one\n\n");
            out.awaitClose();
        })) {
            Process gateway = start(provider);
            try (RawClient client = new RawClient(port())) {
                client.write("POST /v1/messages HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\n\r\n{}");
                client.readUntil("data: one");
                gateway.destroy();
                assertThat(gateway.waitFor(1, TimeUnit.SECONDS)).isFalse();
                gateway.destroy();
                assertThat(gateway.waitFor(5, TimeUnit.SECONDS)).isTrue();
            }
        }
    }

    private Process start(FakeProvider provider) throws Exception {
        Files.writeString(root.resolve("hypaware-config.json"), """
                {"version": 2, "plugins": [{"name": "@hypaware/ai-gateway", "config": {"port": 0, "upstreams": [
                  {"name": "anthropic", "base_url": "%s", "provider": "anthropic"},
                  {"name": "openai", "base_url": "%s", "provider": "openai"}]}}]}""".formatted(provider.url(), provider.url()));
        Process process = Processes.java(Hyp.class, root, "daemon", "run", "--foreground");
        TestGateway.await(() -> Presence.of(files()) instanceof Presence.Answering a
                && a.status().path("journal_open").asBoolean()
                && a.address().pid() == process.pid());
        return process;
    }

    private int port() {
        return files().address().orElseThrow().port();
    }

    private GatewayFiles files() {
        return new GatewayFiles(new HypHome(root));
    }

    private Path cache() {
        return root.resolve("hypaware/cache");
    }

    private void awaitFrames() {
        try (Journal journal = Journal.open(cache().resolve("journal.db"))) {
            TestGateway.await(() -> journal.stats().open() == 1
                    && new String(read(journal), java.nio.charset.StandardCharsets.UTF_8).contains("half an ans"));
        }
    }

    private static byte[] read(Journal journal) {
        try (var in = journal.body(1, io.hypaware.journal.Direction.RESPONSE)) {
            return in.readAllBytes();
        } catch (java.io.IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }
}
