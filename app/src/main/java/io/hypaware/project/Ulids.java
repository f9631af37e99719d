package io.hypaware.project;

import com.github.f4b6a3.ulid.Ulid;
import java.time.Instant;
import java.util.Arrays;
import java.util.HexFormat;

/// Ids that say when, and of what they are made.
public final class Ulids {

    private static final int RANDOM_BYTES = 10;

    /// @param hash in hex, of 20 digits or more
    public static String of(Instant at, String hash) {
        byte[] bytes = Arrays.copyOf(HexFormat.of().parseHex(hash), RANDOM_BYTES);
        return new Ulid(Math.max(0, at.toEpochMilli()), bytes).toString();
    }

    private Ulids() {}
}
