package io.hypaware.project;

import static org.assertj.core.api.Assertions.assertThat;

import io.airlift.compress.v3.zstd.ZstdOutputStream;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Optional;
import java.util.Random;
import java.util.zip.Deflater;
import java.util.zip.DeflaterOutputStream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// A body is the same however often it is read, and in the clear whatever its encoding.
class BodyTest {

    private static final String TEXT = "{\"said\": \"" + "hello ".repeat(500) + "\"}";

    @ParameterizedTest
    @ValueSource(ints = {0, 1, Body.MOST_HELD_BYTES, Body.MOST_HELD_BYTES + 1, Body.MOST_HELD_BYTES + 100_000})
    void readTwiceItIsTheSame(int size) throws IOException {
        byte[] bytes = new byte[size];
        new Random(size).nextBytes(bytes);
        int[] opened = new int[1];
        Body body = new Body(() -> {
            opened[0]++;
            return new ByteArrayInputStream(bytes);
        });
        for (int i = 0; i < 3; i++) {
            try (InputStream in = body.open()) {
                assertThat(in.readAllBytes()).isEqualTo(bytes);
            }
        }
        boolean held = size <= Body.MOST_HELD_BYTES;
        assertThat(opened[0]).isEqualTo(held ? 1 : 3);
        assertThat(body.bytes().isPresent()).isEqualTo(held);
    }

    @Test
    void encodingsAreUndone() throws IOException {
        byte[] gzip = gzip(TEXT);
        assertThat(read(gzip, "gzip")).isEqualTo(TEXT);
        assertThat(read(zstd(TEXT.getBytes(StandardCharsets.UTF_8)), "zstd")).isEqualTo(TEXT);
        assertThat(read(deflate(TEXT, false), "deflate")).isEqualTo(TEXT);
        assertThat(read(deflate(TEXT, true), "deflate")).isEqualTo(TEXT);
        assertThat(read(zstd(gzip), "gzip, zstd")).isEqualTo(TEXT);
    }

    /// Senders get the header wrong; the bytes say what they are.
    @Test
    void theBytesOutrankTheHeader() throws IOException {
        assertThat(read(TEXT.getBytes(StandardCharsets.UTF_8), "gzip")).isEqualTo(TEXT);
        assertThat(read(TEXT.getBytes(StandardCharsets.UTF_8), "br")).isEqualTo(TEXT);
        assertThat(read(gzip(TEXT), "")).isEqualTo(TEXT);
        assertThat(read(new byte[0], "br")).isEmpty();
    }

    @Test
    void whatBreaksOffGivesWhatItHas() throws IOException {
        byte[] gzip = gzip(TEXT + new Random(3).ints(20_000).boxed().toList());
        String half = read(Arrays.copyOf(gzip, gzip.length / 2), "gzip");
        assertThat(half).startsWith(TEXT).hasSizeGreaterThan(TEXT.length());
    }

    private static String read(byte[] bytes, String encoding) throws IOException {
        Body body = new Body(() -> new ByteArrayInputStream(bytes)).readable(Optional.of(encoding));
        try (InputStream in = body.open()) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    private static byte[] gzip(String text) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (GZIPOutputStream gzip = new GZIPOutputStream(out)) {
            gzip.write(text.getBytes(StandardCharsets.UTF_8));
        }
        return out.toByteArray();
    }

    private static byte[] zstd(byte[] bytes) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (ZstdOutputStream zstd = new ZstdOutputStream(out)) {
            zstd.write(bytes);
        }
        return out.toByteArray();
    }

    private static byte[] deflate(String text, boolean raw) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (DeflaterOutputStream deflate = new DeflaterOutputStream(out, new Deflater(6, raw))) {
            deflate.write(text.getBytes(StandardCharsets.UTF_8));
        }
        return out.toByteArray();
    }
}
