package io.hypaware.secret;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.HexFormat;
import java.util.regex.Pattern;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/// What stands for a secret: a keyed hash, by which the same one is known again and none can be guessed.
public final class Fingerprints {

    private static final int BYTES = 6;
    private static final Pattern FORM = Pattern.compile("[0-9a-f]{12}");

    /// Other hashes with the same key are of other things.
    private static final String PURPOSE = "secret\0";

    private final SecretKeySpec key;

    public Fingerprints(byte[] key) {
        this.key = new SecretKeySpec(key, "HmacSHA256");
    }

    public String of(Finding finding) {
        return of(finding.secret());
    }

    String of(String secret) {
        try {
            Mac mac = Mac.getInstance(key.getAlgorithm());
            mac.init(key);
            byte[] hash = mac.doFinal((PURPOSE + secret).getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(hash, 0, BYTES);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every JDK has " + key.getAlgorithm(), e);
        }
    }

    /// Whether a text has the form of one.
    public static boolean isOne(String text) {
        return FORM.matcher(text).matches();
    }
}
