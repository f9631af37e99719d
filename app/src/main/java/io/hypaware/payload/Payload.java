package io.hypaware.payload;

import io.hypaware.dataset.Datasets;
import io.hypaware.dataset.Hashes;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CoderResult;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/// A value that is stored once.
///
/// @param hash SHA-256 of the value, in hex
/// @param size bytes of the value
public record Payload(String hash, long size, Content content) {

    /// Providers take images of some megabytes.
    private static final int MOST_WHOLE_BYTES = 8 << 20;

    private static final int DECODED_CHARS = 8_192;

    private static final Pattern HASH = Pattern.compile("[0-9a-f]{64}");

    /// What is stored of it.
    public sealed interface Content {
        record Text(String text) implements Content {}

        record Bytes(byte[] bytes) implements Content {}

        record Parts(List<Part> parts) implements Content {}
    }

    /// Keeps a value that is at hand: whole, so that its row holds it, or in pieces if it is larger than any
    /// row should be.
    ///
    /// @return its hash
    public static String keep(byte[] bytes, ValueBuilder.Store store) {
        if (bytes.length <= MOST_WHOLE_BYTES) {
            String hash = Hashes.sha256(bytes);
            store.put(hash, () -> of(hash, bytes));
            return hash;
        }
        ValueBuilder value = new ValueBuilder(store);
        try {
            Pieces.read(new ByteArrayInputStream(bytes), Cuts.none(), value::add);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return value.finish();
    }

    static Payload of(String hash, byte[] bytes) {
        Content content = text(bytes).<Content>map(Content.Text::new).orElseGet(() -> new Content.Bytes(bytes));
        return new Payload(hash, bytes.length, content);
    }

    /// Whether a column's value may be the hash of a payload rather than a value that was small enough to stay.
    public static boolean isHash(String value) {
        return value.length() == 64 && HASH.matcher(value).matches();
    }

    /// Whether a value goes to `payloads` rather than staying in its row.
    public static boolean isLarge(long bytes) {
        return bytes > Datasets.PAYLOAD_INLINE_BYTES;
    }

    /// The bytes as text, if that is what they are: UTF-8 without NUL, which not every engine takes.
    static Optional<String> text(byte[] bytes) {
        for (byte b : bytes) {
            if (b == 0) {
                return Optional.empty();
            }
        }
        return isUtf8(bytes) ? Optional.of(new String(bytes, StandardCharsets.UTF_8)) : Optional.empty();
    }

    /// Decodes a little at a time, because most large values that are no text show it soon.
    private static boolean isUtf8(byte[] bytes) {
        CharsetDecoder decoder = StandardCharsets.UTF_8.newDecoder();
        ByteBuffer in = ByteBuffer.wrap(bytes);
        CharBuffer out = CharBuffer.allocate(DECODED_CHARS);
        CoderResult result = CoderResult.OVERFLOW;
        while (result.isOverflow()) {
            out.clear();
            result = decoder.decode(in, out, true);
        }
        return !result.isError();
    }
}
