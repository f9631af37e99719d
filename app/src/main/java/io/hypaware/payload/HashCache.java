package io.hypaware.payload;

import io.hypaware.dataset.Hashes;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.zip.CRC32;

/// Hashes of what was seen lately: an agent sends all it has said with each call, and SHA-256 of that is most of what
/// its projection would cost. Bytes are known by comparing them, so that a hash is never guessed. Of one thread.
public final class HashCache {

    private static final int MOST_GROUPS = 4_000;

    private record Known(byte[] piece, String hash) {}

    private final long mostBytes;
    private long bytes;

    /// By checksum and length, the one used longest ago first.
    private final LinkedHashMap<Long, Known> pieces = new LinkedHashMap<>(16, 0.75f, true);

    private final Map<List<Part>, String> groups = new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1;

        @Override
        protected boolean removeEldestEntry(Map.Entry<List<Part>, String> eldest) {
            return size() > MOST_GROUPS || mostBytes == 0;
        }
    };

    /// @param mostBytes of pieces that are held; 0 to remember nothing
    public HashCache(long mostBytes) {
        this.mostBytes = mostBytes;
    }

    public void clear() {
        pieces.clear();
        groups.clear();
        bytes = 0;
    }

    /// SHA-256 of a piece, which must not change afterwards.
    String ofPiece(byte[] piece) {
        if (piece.length > mostBytes / 4) {
            return Hashes.sha256(piece);
        }
        CRC32 crc = new CRC32();
        crc.update(piece);
        long key = crc.getValue() << 32 | piece.length;
        Known known = pieces.get(key);
        if (known != null && Arrays.equals(known.piece(), piece)) {
            return known.hash();
        }
        String hash = Hashes.sha256(piece);
        Known before = pieces.put(key, new Known(piece, hash));
        bytes += piece.length - (before == null ? 0 : before.piece().length);
        while (bytes > mostBytes) {
            bytes -= pieces.pollFirstEntry().getValue().piece().length;
        }
        return hash;
    }

    /// The hash of a value that has these parts.
    Optional<String> ofParts(List<Part> parts) {
        return Optional.ofNullable(groups.get(parts));
    }

    void put(List<Part> parts, String hash) {
        groups.put(List.copyOf(parts), hash);
    }
}
