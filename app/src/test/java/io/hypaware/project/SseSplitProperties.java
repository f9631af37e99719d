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
import java.util.TreeSet;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;

/// A stream means the same wherever the network cuts it, and whichever line ends the sender uses.
class SseSplitProperties {

    private static final String STREAM =
            "\uFEFF: hello\nevent: a\ndata: one ☃\n\ndata:two\ndata: more\n\n\n\nid: 7\ndata\ndata: three\n\ndata: cut";

    @Property(tries = 300)
    void splitsDoNotMatter(
            @ForAll @Size(max = 20) List<@IntRange(min = 1, max = 90) Integer> cuts,
            @ForAll @IntRange(min = 0, max = 2) int lineEnd)
            throws IOException {
        String end = List.of("\n", "\r\n", "\r").get(lineEnd);
        byte[] bytes = STREAM.replace("\n", end).getBytes(StandardCharsets.UTF_8);
        List<InputStream> pieces = new ArrayList<>();
        int from = 0;
        for (int cut : new TreeSet<>(cuts)) {
            int to = Math.min(cut, bytes.length);
            pieces.add(new ByteArrayInputStream(Arrays.copyOfRange(bytes, from, Math.max(from, to))));
            from = Math.max(from, to);
        }
        pieces.add(new ByteArrayInputStream(Arrays.copyOfRange(bytes, from, bytes.length)));

        SseReader reader = new SseReader(new SequenceInputStream(Collections.enumeration(pieces)));
        List<String> events = new ArrayList<>();
        for (String data = reader.next(); data != null; data = reader.next()) {
            events.add(data);
        }
        assertThat(events).containsExactly("one ☃", "two\nmore", "three", "cut");
    }
}
