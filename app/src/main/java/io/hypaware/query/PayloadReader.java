package io.hypaware.query;

import io.hypaware.dataset.Datasets;
import io.hypaware.dataset.Row;
import io.hypaware.engine.Engine;
import io.hypaware.home.HypHome;
import io.hypaware.journal.Journal;
import io.hypaware.lake.Lake;
import io.hypaware.lake.LakeTable;
import io.hypaware.lake.LiveFile;
import io.hypaware.lake.LocalFiles;
import io.hypaware.lake.Scan;
import io.hypaware.payload.Part;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// Reads payloads by their hash, from the journal or the lake, and puts together those that are stored in parts.
///
/// A value never changes, so no snapshot is needed: what is no longer in the journal is in the lake by now.
public final class PayloadReader implements AutoCloseable {

    private static final long ENGINE_BYTES = 96L << 20;

    /// Of values in use, and of elements on their way.
    private static final long CACHED_BYTES = 16L << 20;

    private static final int MOST_SHAPES = 20_000;
    private static final long BATCH_BYTES = 8L << 20;
    private static final String LAKE = "lake_payloads";

    private final Path cache;
    private final Optional<Journal> journal;
    private final Map<String, byte[]> values = new LinkedHashMap<>(64, 0.75f, true);
    private final Map<String, Shape> shapes = new HashMap<>();
    private long cachedBytes;
    private @Nullable Engine engine;
    private boolean inLake;

    /// A payload as far as it is known without its bytes.
    ///
    /// @param parts empty for one that is stored whole
    private record Shape(long size, Optional<List<Part>> parts) {}

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

    private PayloadReader(Path cache, Optional<Journal> journal) {
        this.cache = cache;
        this.journal = journal;
    }

    /// @param cache the cache folder, which need not exist yet
    public static PayloadReader open(Path cache) {
        return new PayloadReader(cache, Journal.openExisting(cache.resolve("journal.db")));
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
            Shape shape = shapes.get(hash);
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
                Shape shape = shape(piece.element().get(), hash);
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

    private Shape shape(String hash, String of) throws QueryException {
        Shape shape = shapes.get(hash);
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
            Optional<byte[]> near = Optional.ofNullable(values.get(hash))
                    .or(() -> journal.flatMap(j -> j.hotPayload(hash)).flatMap(PayloadReader::bytes));
            near.ifPresentOrElse(bytes -> found.put(hash, bytes), () -> left.add(hash));
        }
        for (int attempt = 0; attempt < 2 && !left.isEmpty() && openLake(attempt > 0); attempt++) {
            try (Statement statement = engine().connection().createStatement();
                    ResultSet rows = statement.executeQuery(
                            "SELECT hash, text, CASE WHEN bytes IS NOT NULL THEN to_base64(bytes) END FROM " + LAKE
                                    + " WHERE hash IN (" + list(left) + ") AND parts IS NULL")) {
                while (rows.next()) {
                    String text = rows.getString(2);
                    found.put(
                            rows.getString(1),
                            text != null
                                    ? text.getBytes(StandardCharsets.UTF_8)
                                    : java.util.Base64.getDecoder().decode(rows.getString(3)));
                }
            }
            left.removeAll(found.keySet());
        }
        found.forEach(this::remember);
        return found;
    }

    /// Finds out of payloads how large they are and what they are made of, as far as that is not known.
    private void learn(Collection<String> hashes) throws SQLException {
        Set<String> left = new LinkedHashSet<>();
        for (String hash : hashes) {
            if (shapes.containsKey(hash)) {
                continue;
            }
            Optional<Row> hot = journal.flatMap(j -> j.hotPayload(hash));
            if (hot.isPresent()) {
                shapes.put(
                        hash,
                        new Shape(
                                (Long) hot.get().value("size").orElse(0L),
                                hot.get().value("parts").map(p -> Part.ofJson(p.toString()))));
            } else {
                left.add(hash);
            }
        }
        for (int attempt = 0; attempt < 2 && !left.isEmpty() && openLake(attempt > 0); attempt++) {
            try (Statement statement = engine().connection().createStatement();
                    ResultSet rows = statement.executeQuery(
                            "SELECT hash, size, parts FROM " + LAKE + " WHERE hash IN (" + list(left) + ")")) {
                while (rows.next()) {
                    shapes.put(
                            rows.getString(1),
                            new Shape(
                                    rows.getLong(2),
                                    Optional.ofNullable(rows.getString(3)).map(Part::ofJson)));
                }
            }
            left.removeAll(shapes.keySet());
        }
    }

    private void forgetShapes() {
        if (shapes.size() > MOST_SHAPES) {
            shapes.clear();
        }
    }

    private static Optional<byte[]> bytes(Row row) {
        return row.value("text")
                .map(text -> text.toString().getBytes(StandardCharsets.UTF_8))
                .or(() -> row.value("bytes").map(byte[].class::cast));
    }

    private static String list(Collection<String> hashes) {
        return hashes.stream().map(Engine::literal).collect(Collectors.joining(", "));
    }

    private Engine engine() throws SQLException {
        if (engine == null) {
            engine = Engine.open(ENGINE_BYTES, 1, HypHome.privateFolder(cache.resolve("spill")));
        }
        return engine;
    }

    /// Makes the payloads of the lake readable; false if there are none.
    ///
    /// @param anew read the metadata again: what was in the journal a moment ago is there by now
    private boolean openLake(boolean anew) throws SQLException {
        if (inLake && !anew) {
            return true;
        }
        Optional<Lake> opened = Lake.openExisting(cache);
        if (opened.isEmpty()) {
            return false;
        }
        try (Lake lake = opened.get()) {
            Optional<LakeTable> table = lake.table(Datasets.PAYLOADS);
            List<LiveFile> files = table.map(LakeTable::files).orElse(List.of());
            if (files.isEmpty()) {
                return false;
            }
            Scan scan = new Scan(engine(), LAKE, files, new LocalFiles());
            engine().execute("CREATE OR REPLACE VIEW " + LAKE + " AS SELECT * FROM "
                    + scan.from(
                            Datasets.PAYLOADS,
                            files.stream().map(LiveFile::path).toList()));
            inLake = true;
            return true;
        }
    }

    @Override
    public void close() throws SQLException {
        journal.ifPresent(Journal::close);
        if (engine != null) {
            engine.close();
        }
    }
}
