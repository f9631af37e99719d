package io.hypaware.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import io.hypaware.testing.Tapes;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

/// Where a message begins and ends is known however its bytes come.
class FrameScannerTest {

    private static final byte[] PING = {(byte) 0x89, 2, 'h', 'i'};

    @Test
    void anySplitIsFollowed() throws IOException {
        long seed = new Random().nextLong();
        Random random = new Random(seed);
        ByteArrayOutputStream wire = new ByteArrayOutputStream();
        for (int length : new int[] {0, 1, 125, 126, 65_535, 65_536, 70_000}) {
            wire.writeBytes(Tapes.message("x".repeat(length), length % 2 == 0));
        }
        byte[] bytes = wire.toByteArray();
        for (int round = 0; round < 200; round++) {
            FrameScanner scanner = new FrameScanner();
            for (int at = 0; at < bytes.length; ) {
                int end = Math.min(bytes.length, at + 1 + random.nextInt(round % 2 == 0 ? 20 : 40_000));
                scanner.scan(Arrays.copyOfRange(bytes, at, end));
                at = end;
            }
            assertThat(scanner.isBetweenMessages()).as("seed %d", seed).isTrue();
            assertThat(scanner.takeDataSeen()).isTrue();
            assertThat(scanner.takeDataSeen()).isFalse();
        }
    }

    @Test
    void aFrameOfControlIsNoMessage() {
        FrameScanner scanner = new FrameScanner();
        assertThat(scanner.beginsMessage(PING)).isFalse();
        scanner.scan(PING);
        assertThat(scanner.takeDataSeen()).isFalse();
        assertThat(scanner.isBetweenMessages()).isTrue();
        // A message in two frames, with one of control between them.
        scanner.scan(new byte[] {0x01, 1, 'a'});
        scanner.scan(PING);
        assertThat(scanner.isBetweenMessages()).isFalse();
        scanner.scan(new byte[] {(byte) 0x80, 1, 'b'});
        assertThat(scanner.isBetweenMessages()).isTrue();
    }

    @Test
    void aLengthThatNobodyCanSendEndsNothing() {
        FrameScanner scanner = new FrameScanner();
        byte[] endless = new byte[10];
        Arrays.fill(endless, (byte) 0xff);
        endless[0] = (byte) 0x81;
        endless[1] = 127;
        scanner.scan(endless);
        scanner.scan(new byte[1_000]);
        assertThat(scanner.isBetweenMessages()).isFalse();
    }
}
