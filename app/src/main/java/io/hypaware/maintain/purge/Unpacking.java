package io.hypaware.maintain.purge;

import io.airlift.compress.v3.zstd.ZstdDecompressor;
import io.airlift.compress.v3.zstd.ZstdJavaDecompressor;
import java.util.Arrays;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;

/// Finds what is packed anywhere within bytes, and unpacks it: frames of Zstandard (RFC 8878), which the pages of our
/// Parquet files are, and members of gzip (RFC 1952).
final class Unpacking {

    /// Takes what was unpacked.
    @FunctionalInterface
    interface Taker {
        void take(byte[] bytes, int length);
    }

    private static final int MOST_UNPACKED = 48 << 20;
    private static final int INFLATED = 1 << 16;

    /// A member shorter than this holds nothing that is looked for.
    private static final int MOST_HEADER = 64;

    private final ZstdDecompressor zstd = new ZstdJavaDecompressor();
    private long tooLarge;

    /// How much was found that is larger than can be unpacked here.
    long tooLarge() {
        return tooLarge;
    }

    /// How many bytes at a place are a frame; 0 if none is there, -1 if not all of it is.
    static int frame(byte[] bytes, int at, int end) {
        if (end - at < 9
                || bytes[at] != 0x28
                || bytes[at + 1] != (byte) 0xb5
                || bytes[at + 2] != 0x2f
                || bytes[at + 3] != (byte) 0xfd) {
            return 0;
        }
        int descriptor = bytes[at + 4] & 0xff;
        boolean single = (descriptor & 0x20) != 0;
        boolean checksum = (descriptor & 4) != 0;
        int[] dictionary = {0, 1, 2, 4};
        int[] content = {single ? 1 : 0, 2, 4, 8};
        long place = at + 5L + (single ? 0 : 1) + dictionary[descriptor & 3] + content[descriptor >>> 6];
        boolean last = false;
        while (!last) {
            if (place + 3 > end) {
                return -1;
            }
            int p = (int) place;
            int header = (bytes[p] & 0xff) | (bytes[p + 1] & 0xff) << 8 | (bytes[p + 2] & 0xff) << 16;
            last = (header & 1) != 0;
            int type = header >>> 1 & 3;
            if (type == 3) {
                return 0;
            }
            place += 3 + (type == 1 ? 1 : header >>> 3);
        }
        place += checksum ? 4 : 0;
        return place > end ? -1 : (int) (place - at);
    }

    /// Hands over what is packed within bytes.
    void each(byte[] bytes, int end, Taker taker) {
        for (int at = 0; at + 9 < end; at++) {
            if (bytes[at] == 0x28 && bytes[at + 1] == (byte) 0xb5) {
                int length = frame(bytes, at, end);
                if (length > 0) {
                    unpack(bytes, at, length, taker);
                    at += length - 1;
                }
            } else if (bytes[at] == 0x1f && bytes[at + 1] == (byte) 0x8b && bytes[at + 2] == 8) {
                inflate(bytes, at, end, taker);
            }
        }
    }

    void unpack(byte[] bytes, int at, int length, Taker taker) {
        try {
            long size = zstd.getDecompressedSize(bytes, at, length);
            if (size > MOST_UNPACKED) {
                tooLarge++;
                return;
            }
            byte[] out = new byte[(int) Math.min(MOST_UNPACKED, size > 0 ? size : length * 20L + 1024)];
            taker.take(out, zstd.decompress(bytes, at, length, out, 0, out.length));
        } catch (RuntimeException e) {
            // It only looked like one.
        }
    }

    private void inflate(byte[] bytes, int at, int end, Taker taker) {
        int begin = at + 10 + extra(bytes, at, end);
        if (begin >= end) {
            return;
        }
        try (Inflater inflater = new Inflater(true)) {
            inflater.setInput(bytes, begin, end - begin);
            byte[] all = new byte[INFLATED];
            int length = 0;
            while (!inflater.finished() && !inflater.needsInput() && length < MOST_UNPACKED) {
                if (length == all.length) {
                    all = Arrays.copyOf(all, length * 2);
                }
                int read = inflater.inflate(all, length, all.length - length);
                if (read == 0 && inflater.needsDictionary()) {
                    break;
                }
                length += read;
            }
            tooLarge += length >= MOST_UNPACKED ? 1 : 0;
            taker.take(all, length);
        } catch (DataFormatException e) {
            // It only looked like one.
        }
    }

    /// What stands in a header beyond its first ten bytes: a name, mostly.
    private static int extra(byte[] bytes, int at, int end) {
        int flags = bytes[at + 3];
        int length = 0;
        if ((flags & 8) != 0) {
            while (at + 10 + length < end && bytes[at + 10 + length] != 0 && length < MOST_HEADER) {
                length++;
            }
            length++;
        }
        return length;
    }
}
