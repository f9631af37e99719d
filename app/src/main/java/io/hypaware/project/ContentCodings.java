package io.hypaware.project;

import io.airlift.compress.v3.zstd.ZstdInputStream;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Locale;
import java.util.zip.GZIPInputStream;
import java.util.zip.Inflater;
import java.util.zip.InflaterInputStream;
import org.apache.commons.io.input.BoundedInputStream;
import org.brotli.dec.BrotliInputStream;

/// Undoes content encodings (RFC 9110, 8.4). Recorded bodies are as they were sent; only here they are decoded.
public final class ContentCodings {

    /// Four times the largest body that is recorded.
    private static final long MOST_READ = 256L << 20;

    private static final byte[] GZIP = {0x1f, (byte) 0x8b};
    private static final byte[] ZSTD = {0x28, (byte) 0xb5, 0x2f, (byte) 0xfd};

    /// The body in the clear. What a cut or damaged body still gives is given, then it ends. What the bytes themselves
    /// say outranks the header, which senders get wrong: a body that is not encoded as it claims is taken as it is.
    ///
    /// @param contentEncoding the header's value, such as `gzip` or `zstd, br`
    public static InputStream decoded(InputStream body, String contentEncoding) throws IOException {
        InputStream in = new BufferedInputStream(body);
        String[] codings = contentEncoding.toLowerCase(Locale.ROOT).split(",", -1);
        for (int i = codings.length - 1; i >= 0; i--) {
            in = decode(in, codings[i].strip());
        }
        return begins(in, GZIP) ? decode(in, "gzip") : begins(in, ZSTD) ? decode(in, "zstd") : in;
    }

    /// The same to be read into rows. What a few megabytes can be unpacked to has no end; this ends, as a cut
    /// body does.
    public static InputStream readable(InputStream body, String contentEncoding) throws IOException {
        return BoundedInputStream.builder()
                .setInputStream(decoded(body, contentEncoding))
                .setMaxCount(MOST_READ)
                .get();
    }

    private static InputStream decode(InputStream in, String coding) throws IOException {
        boolean encoded = switch (coding) {
            case "gzip", "x-gzip" -> begins(in, GZIP);
            case "zstd" -> begins(in, ZSTD);
            case "deflate", "br" -> !isText(in);
            default -> false;
        };
        if (!encoded) {
            return in;
        }
        return new BufferedInputStream(new Salvaging(
                switch (coding) {
                    case "deflate" -> deflate(in);
                    case "br" -> new BrotliInputStream(in);
                    case "zstd" -> new ZstdInputStream(in);
                    default -> new GZIPInputStream(in);
                }));
    }

    private static boolean begins(InputStream in, byte[] magic) throws IOException {
        in.mark(magic.length);
        byte[] start = in.readNBytes(magic.length);
        in.reset();
        return Arrays.equals(start, magic);
    }

    /// Whether it begins as JSON or an event stream does, or is empty.
    private static boolean isText(InputStream in) throws IOException {
        in.mark(8);
        String start = new String(in.readNBytes(6), StandardCharsets.ISO_8859_1);
        in.reset();
        String text = start.stripLeading();
        return start.isEmpty()
                || text.startsWith("{")
                || text.startsWith("[")
                || text.startsWith("event:")
                || text.startsWith("data:");
    }

    /// "deflate" is the zlib format, but some senders leave its header out.
    private static InputStream deflate(InputStream in) throws IOException {
        in.mark(2);
        int first = in.read();
        int second = in.read();
        in.reset();
        boolean zlib = (first & 0x0f) == 8 && (first << 8 | second) % 31 == 0;
        return new InflaterInputStream(in, new Inflater(!zlib));
    }

    /// Ends where the decoder fails, instead of failing: half an answer is worth having.
    private static final class Salvaging extends InputStream {

        private final InputStream in;
        private boolean ended;

        private Salvaging(InputStream in) {
            this.in = in;
        }

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
        }

        @Override
        public int read(byte[] target, int offset, int length) {
            if (ended) {
                return -1;
            }
            try {
                int count = in.read(target, offset, length);
                ended = count < 0;
                return count;
            } catch (IOException | RuntimeException e) {
                ended = true;
                return -1;
            }
        }

        @Override
        public void close() throws IOException {
            in.close();
        }
    }

    private ContentCodings() {}
}
