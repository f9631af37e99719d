package io.hypaware.journal;

import java.util.HashSet;
import java.util.Set;

/// Payloads that the exchange at hand was the first to hold: it may hold one in its body and in a row, which is no
/// second sighting.
final class FirstSeen {

    private static final int MOST = 50_000;

    private final Set<String> hashes = new HashSet<>();
    private long atMicros = Long.MIN_VALUE;

    void add(String hash, long micros) {
        if (micros != atMicros || hashes.size() >= MOST) {
            hashes.clear();
            atMicros = micros;
        }
        hashes.add(hash);
    }

    boolean holds(String hash, long micros) {
        return micros == atMicros && hashes.contains(hash);
    }

    void clear() {
        hashes.clear();
    }
}
