package io.hypaware.project.otel;

import io.airlift.compress.v3.zstd.ZstdInputStream;
import io.hypaware.dataset.Hashes;
import io.hypaware.journal.TelemetryRequest;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.Locale;
import java.util.zip.GZIPInputStream;
import java.util.zip.InflaterInputStream;

/// A request's body in the clear, as a stream: what a few megabytes unpack to is not held. Other than an answer's body
/// it is whole or it is nothing, because who sent it was told that it is.
final class RequestBody {

    /// Of spans, some hundred thousand.
    static final long MOST_BYTES = 256L << 20;

    private final TelemetryRequest request;

    RequestBody(TelemetryRequest request) {
        this.request = request;
    }

    boolean isJson() {
        return request.contentType().toLowerCase(Locale.ROOT).contains("json");
    }

    Reading open() throws IOException {
        InputStream body = new ByteArrayInputStream(request.body());
        String coding = request.contentEncoding().strip().toLowerCase(Locale.ROOT);
        return new Reading(
                switch (coding) {
                    case "", "identity" -> body;
                    case "gzip", "x-gzip" -> new GZIPInputStream(body, 1 << 13);
                    case "zstd" -> new ZstdInputStream(body);
                    case "deflate" -> new InflaterInputStream(body);
                    default -> throw new IOException("its content encoding is " + coding);
                });
    }

    /// Reads once, counts, and knows the hash of what was read. Skipping reads, too.
    static final class Reading extends InputStream {

        private final InputStream in;
        private final MessageDigest digest = Hashes.sha256();
        private long left = MOST_BYTES;

        private Reading(InputStream in) {
            this.in = in;
        }

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
        }

        @Override
        public int read(byte[] target, int offset, int length) throws IOException {
            int count;
            try {
                count = in.read(target, offset, length);
            } catch (RuntimeException e) {
                // Of the decoder, which does not expect everything.
                throw new IOException("it cannot be unpacked: " + e.getMessage(), e);
            }
            if (count > 0) {
                left -= count;
                digest.update(target, offset, count);
            }
            if (left < 0) {
                throw new IOException("it unpacks to more than " + (MOST_BYTES >> 20) + " MB");
            }
            return count;
        }

        /// SHA-256 of all that was read.
        String hash() {
            return HexFormat.of().formatHex(digest.digest());
        }

        @Override
        public void close() throws IOException {
            in.close();
        }
    }
}
