package io.hypaware.payload;

import static org.assertj.core.api.Assertions.assertThat;

import io.hypaware.dataset.Hashes;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

/// A hash that is remembered is the one that would be computed, whatever was seen and forgotten before.
class HashCacheTest {

    @Test
    void everyHashIsTheRightOne() {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        HashCache hashes = new HashCache(20_000);
        List<byte[]> pieces = new ArrayList<>();
        for (int i = 0; i < 60; i++) {
            byte[] piece = new byte[1 + random.nextInt(2_000)];
            random.nextBytes(piece);
            pieces.add(piece);
        }
        for (int i = 0; i < 5_000; i++) {
            byte[] piece = pieces.get(random.nextInt(pieces.size())).clone();
            assertThat(hashes.ofPiece(piece)).as("seed " + seed).isEqualTo(Hashes.sha256(piece));
        }
    }

    /// Two texts with one CRC-32 and one length.
    @Test
    void aChecksumAloneTellsNothing() {
        HashCache hashes = new HashCache(1 << 20);
        byte[] one = "plumless".getBytes(StandardCharsets.UTF_8);
        byte[] other = "buckeroo".getBytes(StandardCharsets.UTF_8);
        assertThat(crc(one)).isEqualTo(crc(other));
        for (int i = 0; i < 3; i++) {
            assertThat(hashes.ofPiece(one)).isEqualTo(Hashes.sha256(one));
            assertThat(hashes.ofPiece(other)).isEqualTo(Hashes.sha256(other));
        }
    }

    /// With a cache the same payloads are stored as without one.
    @Test
    void valuesAreTheSameWithAndWithoutIt() {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        List<String> pieces = new ArrayList<>();
        HashCache hashes = new HashCache(1 << 16);
        for (int turn = 0; turn < 60; turn++) {
            pieces.add(("piece " + random.nextInt(30) + " ").repeat(random.nextInt(200)));
            pieces.add(",");
            if (random.nextInt(5) == 0) {
                pieces.set(random.nextInt(pieces.size()), "changed " + turn);
            }
            assertThat(stored(pieces, hashes)).as("seed " + seed).isEqualTo(stored(pieces, new HashCache(0)));
        }
    }

    private static List<Payload> stored(List<String> pieces, HashCache hashes) {
        List<Payload> stored = new ArrayList<>();
        ValueBuilder.keep(pieces, new ValueBuilder.Store() {
            @Override
            public void put(String hash, Supplier<Payload> payload) {
                stored.add(payload.get());
            }

            @Override
            public HashCache hashes() {
                return hashes;
            }
        });
        return stored;
    }

    private static long crc(byte[] bytes) {
        java.util.zip.CRC32 crc = new java.util.zip.CRC32();
        crc.update(bytes);
        return crc.getValue();
    }
}
