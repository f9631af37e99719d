package io.hypaware.maintain.purge;

import io.hypaware.dataset.Column;
import io.hypaware.dataset.ColumnType;
import io.hypaware.dataset.Dataset;
import io.hypaware.dataset.Datasets;
import io.hypaware.engine.Engine;
import io.hypaware.engine.JavaHeap;
import io.hypaware.home.Cache;
import io.hypaware.search.IndexContents;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.avro.file.DataFileStream;
import org.apache.avro.generic.GenericDatumReader;

/// Looks for texts in every byte under a folder: as it is, and unpacked.
///
/// What rows that are kept say, too, is known from reading them. A text that is found anywhere and not in them is left
/// over.
final class DiskSearch {

    /// @param needles that were looked for
    /// @param shared of them, those that kept rows say, too: they show nothing
    /// @param places where one of the others was found, such as `logs/worker.0.log (bytes)`, with how many were
    /// @param unread what could not be looked into
    record Found(
            int needles,
            int shared,
            long files,
            long bytes,
            Map<String, Integer> places,
            List<String> unread,
            long millis) {}

    private static final int PIECE = 1 << 20;
    private static final int MOST_FRAME = 32 << 20;
    private static final int DEEP = 3;
    private static final int MOST_PLACES = 100;

    private final Path root;
    private final Needles needles;
    private final BitSet shared = new BitSet();
    private final Map<String, BitSet> hits = new TreeMap<>();
    private final List<String> unread = new ArrayList<>();
    private final Unpacking unpacking = new Unpacking();
    private long files;
    private long bytes;

    DiskSearch(Path root, Needles needles) {
        this.root = root;
        this.needles = needles;
    }

    /// Reads every row that is kept.
    void readRows(DoomedRows rows) throws SQLException {
        Needles.Scan scan = needles.scan(shared::set);
        for (Dataset dataset : Datasets.all()) {
            rows(rows.engine(), dataset.columns(), "rows_" + dataset.name(), scan);
        }
    }

    private void rows(Engine engine, List<Column> columns, String from, Needles.Scan scan) throws SQLException {
        String texts = columns.stream()
                .filter(column -> column.type() != ColumnType.BINARY)
                .map(column -> Engine.identifier(column.name()) + "::VARCHAR")
                .collect(Collectors.joining(", "));
        List<String> values = new ArrayList<>(List.of("encode(concat_ws(chr(10), " + texts + "))"));
        columns.stream()
                .filter(column -> column.type() == ColumnType.BINARY)
                .forEach(column -> values.add(Engine.identifier(column.name())));
        try (Statement statement = engine.connection().createStatement();
                ResultSet row = statement.executeQuery("SELECT " + String.join(", ", values) + " FROM " + from)) {
            while (row.next()) {
                for (int i = 1; i <= values.size(); i++) {
                    byte[] value = row.getBytes(i);
                    if (value != null) {
                        look(value, value.length, scan, i == 1 ? DEEP : 0);
                    }
                }
            }
        }
    }

    /// Reads every file.
    Found readFiles(Cache cache, Engine engine, Set<Path> live) throws IOException, SQLException {
        long begun = System.nanoTime();
        List<Path> all;
        try (Stream<Path> found = Files.walk(root)) {
            all = found.filter(file -> Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS))
                    .toList();
        }
        for (Path file : all) {
            try {
                file(file, cache, engine, live);
            } catch (IOException | SQLException | UncheckedIOException e) {
                if (Files.exists(file)) {
                    unread.add(root.relativize(file) + ": " + e.getMessage());
                }
            }
        }
        if (unpacking.tooLarge() > 0) {
            unread.add(unpacking.tooLarge() + " packed pieces are larger than can be unpacked here");
        }
        Map<String, Integer> places = new TreeMap<>();
        hits.forEach((place, numbers) -> {
            BitSet left = (BitSet) numbers.clone();
            left.andNot(shared);
            if (!left.isEmpty() && places.size() < MOST_PLACES) {
                places.put(place, left.cardinality());
            }
        });
        return new Found(
                needles.count(),
                shared.cardinality(),
                files,
                bytes,
                places,
                List.copyOf(unread),
                (System.nanoTime() - begun) / 1_000_000);
    }

    private void file(Path file, Cache cache, Engine engine, Set<Path> live) throws IOException, SQLException {
        files++;
        String name = file.getFileName().toString();
        byte[] path = root.relativize(file).toString().getBytes(StandardCharsets.UTF_8);
        look(path, path.length, scan(file, "its name"), DEEP);
        raw(file);
        if (name.endsWith(".avro")) {
            avro(file);
        } else if (name.endsWith(".parquet") && !live.contains(file)) {
            Needles.Scan scan = scan(file, "rows");
            try (Statement statement = engine.connection().createStatement();
                    ResultSet row = statement.executeQuery("SELECT encode(COLUMNS(*)::VARCHAR) FROM read_parquet("
                            + Engine.literal(file.toString()) + ", hive_partitioning = false)")) {
                int columns = row.getMetaData().getColumnCount();
                while (row.next()) {
                    for (int i = 1; i <= columns; i++) {
                        byte[] value = row.getBytes(i);
                        if (value != null) {
                            look(value, value.length, scan, DEEP);
                        }
                    }
                }
            }
        } else if (name.startsWith("segments_") && file.startsWith(cache.search())) {
            Needles.Scan scan = scan(file, "index");
            long deleted = IndexContents.read(cache.search(), value -> look(value, value.length, scan, DEEP));
            if (deleted > 0) {
                unread.add(deleted + " documents of the search index are marked as deleted, and still there");
            }
        }
    }

    private Needles.Scan scan(Path file, String how) {
        String place = root.relativize(file) + " (" + how + ")";
        return needles.scan(
                number -> hits.computeIfAbsent(place, _ -> new BitSet()).set(number));
    }

    /// The bytes as they are, and what is packed in them.
    private void raw(Path file) throws IOException {
        Needles.Scan plain = scan(file, "bytes");
        Needles.Scan unpacked = scan(file, "unpacked");
        byte[] piece = new byte[PIECE];
        int kept = 0;
        boolean ended = false;
        try (InputStream in = Files.newInputStream(file)) {
            while (!ended) {
                int read = in.readNBytes(piece, kept, piece.length - kept);
                ended = read < piece.length - kept;
                bytes += read;
                plain.accept(piece, kept, read);
                int end = kept + read;
                int done = packed(piece, end, ended, unpacked);
                if (done == 0 && !ended) {
                    // Something packed is longer than that.
                    if (piece.length >= MOST_FRAME) {
                        unread.add(
                                root.relativize(file) + ": something packed in it is larger than can be unpacked here");
                        done = end / 2;
                    } else {
                        piece = java.util.Arrays.copyOf(piece, piece.length * 2);
                    }
                }
                System.arraycopy(piece, done, piece, 0, end - done);
                kept = end - done;
            }
        }
    }

    /// Unpacks what is whole; returns up to where that is done.
    private int packed(byte[] piece, int end, boolean isLast, Needles.Scan scan) {
        int at = 0;
        while (at + 9 < end) {
            if (piece[at] == 0x28
                    && piece[at + 1] == (byte) 0xb5
                    && piece[at + 2] == 0x2f
                    && piece[at + 3] == (byte) 0xfd) {
                int length = Unpacking.frame(piece, at, end);
                if (length > 0) {
                    unpacking.unpack(piece, at, length, (out, size) -> look(out, size, scan, 1));
                    at += length;
                    continue;
                }
                if (length < 0 && !isLast && (at > 0 || end < MOST_FRAME)) {
                    return at;
                }
            } else if (piece[at] == 0x1f && piece[at + 1] == (byte) 0x8b && piece[at + 2] == 8) {
                byte[] rest = java.util.Arrays.copyOfRange(piece, at, end);
                unpacking.each(rest, rest.length, (out, size) -> look(out, size, scan, 1));
            }
            at++;
        }
        return isLast ? end : Math.max(0, end - 9);
    }

    private void avro(Path file) throws IOException {
        Needles.Scan scan = scan(file, "blocks");
        try (DataFileStream<Object> blocks =
                new DataFileStream<>(Files.newInputStream(file), new GenericDatumReader<>())) {
            while (blocks.hasNext()) {
                ByteBuffer block = blocks.nextBlock();
                byte[] value = new byte[block.remaining()];
                block.get(value);
                look(value, value.length, scan, DEEP);
            }
        }
    }

    /// @param depth of what is unpacked by now; at [#DEEP] it is not looked for
    private void look(byte[] value, int length, Needles.Scan scan, int depth) {
        scan.accept(value, 0, length);
        scan.end();
        JavaHeap.keepSmall();
        if (depth < DEEP) {
            unpacking.each(value, length, (out, size) -> look(out, size, scan, depth + 1));
        }
    }
}
