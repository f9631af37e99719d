package io.hypaware.project.websocket;

import static org.assertj.core.api.Assertions.assertThat;

import io.hypaware.journal.Direction;
import io.hypaware.testing.Tapes;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Messages are the same however their bytes came, and of what broke off there is all that came before.
class MessageReaderTest {

    private static final String[] SAID = {
        "{\"a\":1}", "", "x".repeat(200), "words ".repeat(20_000), "{\"é\":\"\\u2603 ☃\"}", "{\"a\":1}"
    };

    private final long seed = new Random().nextLong();
    private final Random random = new Random(seed);

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void anySplitGivesTheSameMessages(boolean compressed) throws IOException {
        byte[] tape = Tapes.client(compressed, SAID);
        for (int i = 0; i < 50; i++) {
            assertThat(messages(split(tape), new byte[0])).as("seed %d", seed).containsExactly(SAID);
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void anyPrefixGivesAPrefix(boolean compressed) throws IOException {
        byte[] tape = Tapes.provider(compressed, SAID);
        for (int i = 0; i < 300; i++) {
            int length = random.nextInt(tape.length);
            List<String> read = messages(Arrays.copyOf(tape, length), new byte[0]);
            assertThat(read)
                    .as("seed %d, %d bytes", seed, length)
                    .isEqualTo(List.of(SAID).subList(0, read.size()));
        }
    }

    @Test
    void aRecordingThatFollowsAnotherRefersToItsLastBytes() throws IOException {
        List<byte[]> records = Tapes.records(Tapes.client(true, SAID));
        for (int cut = 1; cut < SAID.length; cut++) {
            byte[] window;
            try (MessageReader first = reader(Tapes.joined(records.subList(0, cut)), new byte[0])) {
                for (int i = 0; i < cut; i++) {
                    assertThat(first.next()).isPresent();
                }
                window = first.window();
            }
            assertThat(messages(Tapes.joined(records.subList(cut, records.size())), window))
                    .containsExactly(Arrays.copyOfRange(SAID, cut, SAID.length));
        }
    }

    @Test
    void aMessageLongerThanIsReadKeepsItsPlace() throws IOException {
        long length = (64L << 20) + 1;
        ByteArrayOutputStream head = new ByteArrayOutputStream();
        DataOutputStream out = new DataOutputStream(head);
        out.writeLong(1);
        out.writeInt(10);
        out.write(new byte[] {(byte) 0x81, 127});
        out.writeLong(length);
        out.writeLong(2);
        out.writeInt((int) length);
        InputStream tape = new SequenceInputStream(Collections.enumeration(List.of(
                new ByteArrayInputStream(head.toByteArray()),
                new BoundedInputStream(length),
                new ByteArrayInputStream(Tapes.provider(false, "after")))));
        try (MessageReader reader = new MessageReader(Direction.RESPONSE, tape, new byte[0])) {
            assertThat(reader.next().orElseThrow().bytes()).isEmpty();
            assertThat(reader.next().orElseThrow().bytes()).asString().isEqualTo("after");
            assertThat(reader.problem()).contains("a message is longer than 67108864 bytes");
        }
    }

    /// So many bytes.
    private static final class BoundedInputStream extends InputStream {
        private long left;

        private BoundedInputStream(long left) {
            this.left = left;
        }

        @Override
        public int read() {
            return left-- > 0 ? 'x' : -1;
        }

        @Override
        public int read(byte[] target, int offset, int length) {
            if (left <= 0) {
                return -1;
            }
            int count = (int) Math.min(left, length);
            left -= count;
            return count;
        }
    }

    private static List<String> messages(byte[] tape, byte[] window) throws IOException {
        List<String> read = new ArrayList<>();
        try (MessageReader reader = reader(tape, window)) {
            for (Optional<Message> next = reader.next(); next.isPresent(); next = reader.next()) {
                read.add(new String(next.get().bytes(), StandardCharsets.UTF_8));
            }
            assertThat(reader.problem()).isEmpty();
        }
        return read;
    }

    private static MessageReader reader(byte[] tape, byte[] window) {
        return new MessageReader(Direction.REQUEST, new ByteArrayInputStream(tape), window);
    }

    /// The same bytes in other records.
    private byte[] split(byte[] tape) throws IOException {
        ByteArrayOutputStream wire = new ByteArrayOutputStream();
        for (byte[] record : Tapes.records(tape)) {
            wire.write(record, 12, record.length - 12);
        }
        byte[] bytes = wire.toByteArray();
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        DataOutputStream records = new DataOutputStream(out);
        int at = 0;
        for (long micros = 1; at < bytes.length; micros++) {
            int length =
                    Math.min(bytes.length - at, random.nextInt(10) == 0 ? random.nextInt(20_000) : random.nextInt(9));
            records.writeLong(micros);
            records.writeInt(length);
            records.write(bytes, at, length);
            at += length;
        }
        return out.toByteArray();
    }
}
