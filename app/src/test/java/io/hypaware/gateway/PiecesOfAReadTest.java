package io.hypaware.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import io.hypaware.testing.FakeProvider;
import io.hypaware.testing.RawClient;
import io.hypaware.testing.TestGateway;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http.DefaultHttpContent;
import io.netty.handler.codec.http.DefaultLastHttpContent;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.LastHttpContent;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Pieces that came together go on together, in their order, and none waits for another read.
class PiecesOfAReadTest {

    private final EmbeddedChannel channel = new EmbeddedChannel(new PiecesOfARead());

    @Test
    void joinsWhatCameByOneRead() {
        read(piece("a"), piece("b"), piece("c"));
        read(piece("d"));

        assertThat(passed()).containsExactly("abc", "d");
    }

    @Test
    void theEndComesAfterWhatWasBeforeIt() {
        read(piece("a"), new DefaultLastHttpContent(Unpooled.copiedBuffer("z", StandardCharsets.US_ASCII)));

        assertThat(passed()).containsExactly("a", "z (last)");
    }

    @Test
    void aLargePieceStaysWhatItIsAndSmallOnesKeepToTheirSize() {
        String large = "x".repeat(20_000);
        String small = "y".repeat(10_000);
        read(piece("a"), piece(large), piece(small), piece(small));

        assertThat(passed()).containsExactly("a", large, small, small);
    }

    @Test
    void nothingIsLostAtACut() {
        channel.writeOneInbound(piece("a"));
        var _ = channel.close();

        assertThat(passed()).containsExactly("a");
    }

    @Test
    void eventsOfOneReadAreOneChunkForTheClient(@TempDir Path folder) throws Exception {
        String three = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"
                + "3\r\na\n\n\r\n3\r\nb\n\n\r\n3\r\nc\n\n\r\n0\r\n\r\n";
        try (FakeProvider provider = new FakeProvider((_, out) -> out.write(three));
                TestGateway gateway = new TestGateway(folder, provider.url());
                RawClient raw = new RawClient(gateway.port())) {
            raw.write("POST /v1/messages HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\n\r\n{}");

            assertThat(raw.readUntil("0\r\n\r\n")).endsWith("9\r\na\n\nb\n\nc\n\n\r\n0\r\n\r\n");
        }
    }

    private void read(HttpContent... pieces) {
        channel.writeInbound((Object[]) pieces);
    }

    private static HttpContent piece(String text) {
        return new DefaultHttpContent(Unpooled.copiedBuffer(text, StandardCharsets.US_ASCII));
    }

    private List<String> passed() {
        List<String> texts = new ArrayList<>();
        for (HttpContent content = channel.readInbound(); content != null; content = channel.readInbound()) {
            texts.add(content.content().toString(StandardCharsets.US_ASCII)
                    + (content instanceof LastHttpContent ? " (last)" : ""));
            content.release();
        }
        return texts;
    }
}
