package io.hypaware.project;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.TreeSet;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// A stream means the same wherever the network cuts it, and whichever line ends the sender uses.
class SseReaderTest {

    private static final String STREAM =
            "\uFEFF: hello\nevent: a\ndata: one ☃\n\ndata:two\ndata: more\n\n\n\nid: 7\ndata\ndata: three\n\ndata: cut";

    @ParameterizedTest
    @ValueSource(strings = {"\n", "\r\n", "\r"})
    void splitsDoNotMatter(String end) throws IOException {
        byte[] bytes = STREAM.replace("\n", end).getBytes(StandardCharsets.UTF_8);
        for (int seed = 0; seed < 100; seed++) {
            assertThat(events(split(bytes, new Random(seed))))
                    .as("cut as by seed %d", seed)
                    .containsExactly("one ☃", "two\nmore", "three", "cut");
        }
    }

    /// The bytes in up to 20 pieces.
    private static InputStream split(byte[] bytes, Random random) {
        TreeSet<Integer> cuts = new TreeSet<>();
        int count = random.nextInt(20);
        for (int i = 0; i < count; i++) {
            cuts.add(random.nextInt(bytes.length));
        }
        cuts.add(bytes.length);
        List<InputStream> pieces = new ArrayList<>();
        int from = 0;
        for (int to : cuts) {
            pieces.add(new ByteArrayInputStream(Arrays.copyOfRange(bytes, from, to)));
            from = to;
        }
        return new SequenceInputStream(Collections.enumeration(pieces));
    }

    private static List<String> events(InputStream stream) throws IOException {
        SseReader reader = new SseReader(stream);
        List<String> events = new ArrayList<>();
        for (String data = reader.next(); data != null; data = reader.next()) {
            events.add(data);
        }
        return events;
    }
}
