package io.hypaware.project.websocket;

import static org.assertj.core.api.Assertions.assertThat;

import io.hypaware.journal.Direction;
import io.hypaware.testing.Tapes;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
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
