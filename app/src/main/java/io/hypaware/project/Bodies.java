package io.hypaware.project;

import io.airlift.compress.v3.zstd.ZstdInputStream;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.Locale;
import java.util.zip.GZIPInputStream;
import java.util.zip.Inflater;
import java.util.zip.InflaterInputStream;
import org.brotli.dec.BrotliInputStream;

/// Undoes content encodings (RFC 9110, 8.4). Recorded bodies are as they were sent; only here they are decoded.
public final class Bodies {

    /// The body in the clear. What a cut or damaged body still gives is given, then it ends.
    ///
    /// @param contentEncoding the header's value, such as `gzip` or `zstd, br`
    /// @throws IOException if an encoding is not known
    public static InputStream decoded(InputStream body, String contentEncoding) throws IOException {
        InputStream in = new BufferedInputStream(body);
        String[] codings = contentEncoding.toLowerCase(Locale.ROOT).split(",", -1);
        for (int i = codings.length - 1; i >= 0; i--) {
            in = decode(in, codings[i].strip());
        }
        return in;
    }

    private static InputStream decode(InputStream in, String coding) throws IOException {
        if (coding.isEmpty() || coding.equals("identity")) {
            return in;
        }
        in.mark(4);
        boolean empty = in.read() < 0;
        in.reset();
        if (empty) {
            return in;
        }
        return new BufferedInputStream(new Salvaging(
                switch (coding) {
                    case "gzip", "x-gzip" -> new GZIPInputStream(in);
                    case "deflate" -> deflate(in);
                    case "br" -> new BrotliInputStream(in);
                    case "zstd" -> new ZstdInputStream(in);
                    default -> throw new IOException("content-encoding \"" + coding + "\" is not known");
                }));
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
    }

    private Bodies() {}
}
