package io.hypaware.query;

import io.hypaware.home.Cache;
import io.hypaware.payload.Part;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// Reads payloads by their hash, from the journal or the lake, and puts together those that are stored in parts.
///
/// A value never changes, so no snapshot is needed: what is no longer in the journal is in the lake by now.
public final class PayloadReader implements AutoCloseable {

    /// Of values in use, and of elements on their way.
    private static final long CACHED_BYTES = 16L << 20;

    private static final int MOST_SHAPES = 20_000;
    private static final long BATCH_BYTES = 8L << 20;

    private final PayloadStore stored;
    private final Map<String, byte[]> values = new LinkedHashMap<>(64, 0.75f, true);
    private final Map<String, PayloadStore.Shape> shapes = new HashMap<>();
    private long cachedBytes;

    /// A piece of a value: bytes at hand, or an element that is still to be read.
    private record Piece(byte[] literal, Optional<String> element, long size) {

        static Piece literal(String text) {
            byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
            return new Piece(bytes, Optional.empty(), bytes.length);
        }

        static Piece element(String hash, long size) {
            return new Piece(new byte[0], Optional.of(hash), size);
        }
    }

    PayloadReader(PayloadStore stored) {
        this.stored = stored;
    }

    /// @param cache the cache folder, which need not exist yet
    public static PayloadReader open(Cache cache) {
        return new PayloadReader(new StoredPayloads(cache));
    }

    /// A value whole; empty if there is no such payload.
    ///
    /// @throws QueryException if part of it is missing
    public synchronized Optional<byte[]> value(String hash) throws QueryException {
        byte[] known = values.get(hash);
        if (known != null) {
            return Optional.of(known);
        }
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try {
            if (!copy(hash, out)) {
                return Optional.empty();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        byte[] value = out.toByteArray();
        remember(hash, value);
        return Optional.of(value);
    }

    /// Several values whole, elements that they share read once; those that there are.
    ///
    /// @param hashes of values that fit in memory together, see [#sizes]
    /// @throws QueryException if part of one is missing
    public synchronized Map<String, byte[]> values(Collection<String> hashes) throws QueryException {
        try {
            learn(hashes);
            Map<String, List<Piece>> pieces = new LinkedHashMap<>();
            Set<String> wanted = new LinkedHashSet<>();
            for (String hash : hashes) {
                if (shapes.containsKey(hash)) {
                    List<Piece> found = pieces(hash);
                    pieces.put(hash, found);
                    found.stream().flatMap(p -> p.element().stream()).forEach(wanted::add);
                }
            }
            Map<String, byte[]> read = elements(wanted);
            Map<String, byte[]> found = new HashMap<>();
            for (Map.Entry<String, List<Piece>> value : pieces.entrySet()) {
                ByteArrayOutputStream out = new ByteArrayOutputStream();
                for (Piece piece : value.getValue()) {
                    out.writeBytes(bytes(piece, read));
                }
                found.put(value.getKey(), out.toByteArray());
            }
            return found;
        } catch (SQLException e) {
            throw unreadable(e);
        }
    }

    /// Sizes of those of the payloads that there are, in bytes.
    public synchronized Map<String, Long> sizes(Collection<String> hashes) throws QueryException {
        try {
            forgetShapes();
            learn(hashes);
        } catch (SQLException e) {
            throw unreadable(e);
        }
        Map<String, Long> found = new HashMap<>();
        for (String hash : hashes) {
            PayloadStore.Shape shape = shapes.get(hash);
            if (shape != null) {
                found.put(hash, shape.size());
            }
        }
        return found;
    }

    /// Writes a value in pieces, so that memory does not grow with it.
    ///
    /// @return whether there is such a payload
    /// @throws QueryException if part of it is missing
    public synchronized boolean copy(String hash, OutputStream out) throws QueryException, IOException {
        try {
            forgetShapes();
            learn(List.of(hash));
            if (!shapes.containsKey(hash)) {
                return false;
            }
            List<Piece> batch = new ArrayList<>();
            long bytes = 0;
            for (Piece piece : pieces(hash)) {
                if (!batch.isEmpty() && bytes + piece.size() > BATCH_BYTES) {
                    write(batch, out);
                    batch.clear();
                    bytes = 0;
                }
                batch.add(piece);
                bytes += piece.size();
            }
            write(batch, out);
            return true;
        } catch (SQLException e) {
            throw unreadable(e);
        }
    }

    private static QueryException unreadable(SQLException e) {
        return new QueryException("payloads cannot be read: " + e.getMessage() + ". See: hyp cache check", e);
    }

    /// The elements of a value in order, found level by level.
    private List<Piece> pieces(String hash) throws SQLException, QueryException {
        List<Piece> pieces = List.of(Piece.element(hash, 0));
        boolean again = true;
        while (again) {
            again = false;
            learn(pieces.stream().flatMap(p -> p.element().stream()).toList());
            List<Piece> next = new ArrayList<>();
            for (Piece piece : pieces) {
                if (piece.element().isEmpty()) {
                    next.add(piece);
                    continue;
                }
                PayloadStore.Shape shape = shape(piece.element().get(), hash);
                if (shape.parts().isEmpty()) {
                    next.add(Piece.element(piece.element().get(), shape.size()));
                    continue;
                }
                again = true;
                for (Part part : shape.parts().get()) {
                    next.add(
                            switch (part) {
                                case Part.Literal(String text) -> Piece.literal(text);
                                case Part.Ref(String inner) -> Piece.element(inner, 0);
                            });
                }
            }
            pieces = next;
        }
        return pieces;
    }

    private PayloadStore.Shape shape(String hash, String of) throws QueryException {
        PayloadStore.Shape shape = shapes.get(hash);
        if (shape == null) {
            throw missing(hash, of);
        }
        return shape;
    }

    private static QueryException missing(String hash, String of) {
        return new QueryException(
                "the payload " + hash + ", part of " + of + ", is missing. See what else is: hyp cache check");
    }

    private void write(List<Piece> batch, OutputStream out) throws SQLException, QueryException, IOException {
        Set<String> wanted = new LinkedHashSet<>();
        batch.stream().flatMap(p -> p.element().stream()).forEach(wanted::add);
        Map<String, byte[]> read = elements(wanted);
        for (Piece piece : batch) {
            out.write(bytes(piece, read));
        }
    }

    private static byte[] bytes(Piece piece, Map<String, byte[]> read) throws QueryException {
        if (piece.element().isEmpty()) {
            return piece.literal();
        }
        byte[] bytes = read.get(piece.element().get());
        if (bytes == null) {
            throw missing(piece.element().get(), "a value");
        }
        return bytes;
    }

    private void remember(String hash, byte[] value) {
        if (value.length > CACHED_BYTES / 4 || values.put(hash, value) != null) {
            return;
        }
        cachedBytes += value.length;
        var oldest = values.entrySet().iterator();
        while (cachedBytes > CACHED_BYTES && oldest.hasNext()) {
            cachedBytes -= oldest.next().getValue().length;
            oldest.remove();
        }
    }

    /// Bytes of payloads that are stored whole.
    private Map<String, byte[]> elements(Set<String> hashes) throws SQLException {
        Map<String, byte[]> found = new HashMap<>();
        Set<String> left = new LinkedHashSet<>();
        for (String hash : hashes) {
            Optional.ofNullable(values.get(hash))
                    .ifPresentOrElse(bytes -> found.put(hash, bytes), () -> left.add(hash));
        }
        Map<String, byte[]> read = stored.elements(left);
        read.forEach(this::remember);
        found.putAll(read);
        return found;
    }

    /// Finds out what payloads are made of, as far as that is not known.
    private void learn(Collection<String> hashes) throws SQLException {
        shapes.putAll(stored.shapes(
                hashes.stream().filter(hash -> !shapes.containsKey(hash)).toList()));
    }

    private void forgetShapes() {
        if (shapes.size() > MOST_SHAPES) {
            shapes.clear();
        }
    }

    @Override
    public void close() throws SQLException {
        stored.close();
    }
}
