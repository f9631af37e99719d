package io.hypaware.dataset;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.function.Consumer;

/// SHA-256, whole or shortened to what tells the messages of one user apart.
public final class Hashes {

    private static final int SHORT_BYTES = 12;

    public static String sha256(byte[] bytes) {
        return HexFormat.of().formatHex(digest(bytes));
    }

    /// The same of what a file holds.
    public static String sha256(Path file) throws IOException {
        MessageDigest digest = sha256();
        try (InputStream in = new DigestInputStream(Files.newInputStream(file), digest)) {
            in.transferTo(OutputStream.nullOutputStream());
        }
        return HexFormat.of().formatHex(digest.digest());
    }

    /// Shortened, of a text that comes in pieces.
    public static String shortHash(Consumer<Consumer<CharSequence>> text) {
        MessageDigest digest = sha256();
        text.accept(piece -> digest.update(piece.toString().getBytes(StandardCharsets.UTF_8)));
        return HexFormat.of().formatHex(digest.digest(), 0, SHORT_BYTES);
    }

    public static String shortHash(String text) {
        return HexFormat.of().formatHex(digest(text.getBytes(StandardCharsets.UTF_8)), 0, SHORT_BYTES);
    }

    /// What [#shortHash] says of that whose whole hash this is.
    public static String shortened(String sha256) {
        return sha256.substring(0, 2 * SHORT_BYTES);
    }

    /// For values that come in pieces.
    public static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }

    private static byte[] digest(byte[] bytes) {
        return sha256().digest(bytes);
    }

    private Hashes() {}
}
