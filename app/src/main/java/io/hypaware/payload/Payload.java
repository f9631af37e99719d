package io.hypaware.payload;

import io.hypaware.dataset.Datasets;
import io.hypaware.dataset.Hashes;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/// A value that is stored once.
///
/// @param hash SHA-256 of the value, in hex
/// @param size bytes of the value
public record Payload(String hash, long size, Content content) {

    private static final Pattern HASH = Pattern.compile("[0-9a-f]{64}");

    /// What is stored of it.
    public sealed interface Content {
        record Text(String text) implements Content {}

        record Bytes(byte[] bytes) implements Content {}

        record Parts(List<Part> parts) implements Content {}
    }

    /// A value that is stored whole.
    public static Payload of(byte[] bytes) {
        return of(Hashes.sha256(bytes), bytes);
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
        try {
            return Optional.of(StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes))
                    .toString());
        } catch (CharacterCodingException e) {
            return Optional.empty();
        }
    }
}
