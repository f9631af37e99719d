package io.hypaware.maintain.purge;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;
import org.apache.avro.file.DataFileStream;
import org.apache.avro.generic.GenericDatumReader;
import org.apache.lucene.document.Document;
import org.apache.lucene.index.DirectoryReader;
import org.apache.lucene.index.LeafReaderContext;
import org.apache.lucene.index.Terms;
import org.apache.lucene.index.TermsEnum;
import org.apache.lucene.store.FSDirectory;
import org.apache.lucene.util.BytesRef;

/// A search through every file of a folder that shares no code with the program: raw bytes, rows of Parquet files by
/// DuckDB, blocks of Avro files, rows of SQLite databases, terms and stored fields of Lucene.
final class DiskGrep {

    private final Path root;
    private final List<String> found = new ArrayList<>();
    private List<String> texts = List.of();

    private DiskGrep(Path root) {
        this.root = root;
    }

    static DiskGrep of(Path root) {
        return new DiskGrep(root);
    }

    /// Where any of the texts stands, as `file: text`.
    List<String> find(List<String> wanted) throws Exception {
        texts = wanted;
        List<Path> files;
        try (Stream<Path> all = Files.walk(root)) {
            files = all.filter(Files::isRegularFile)
                    .filter(file -> !file.startsWith(root.resolve("tmp-of-processes")))
                    .toList();
        }
        for (Path file : files) {
            String name = file.getFileName().toString();
            look(file, "name", file.toString().getBytes(StandardCharsets.UTF_8));
            look(file, "bytes", Files.readAllBytes(file));
            if (name.endsWith(".parquet")) {
                parquet(file);
            } else if (name.endsWith(".avro")) {
                avro(file);
            } else if (name.endsWith(".gz") || name.endsWith(".gz.metadata.json")) {
                try (InputStream in = new GZIPInputStream(Files.newInputStream(file))) {
                    look(file, "unpacked", in.readAllBytes());
                }
            } else if (name.startsWith("segments_")) {
                lucene(file.getParent());
            }
        }
        return found.stream().distinct().limit(12).toList();
    }

    private void parquet(Path file) throws SQLException {
        String path = "'" + file.toString().replace("'", "''") + "'";
        try (Connection duckdb = DriverManager.getConnection("jdbc:duckdb:");
                Statement statement = duckdb.createStatement()) {
            try (ResultSet row = statement.executeQuery("SELECT * FROM read_parquet(" + path + ")")) {
                int columns = row.getMetaData().getColumnCount();
                while (row.next()) {
                    for (int i = 1; i <= columns; i++) {
                        Object value = row.getObject(i);
                        if (value instanceof java.sql.Blob blob) {
                            look(file, "row", blob.getBytes(1, (int) blob.length()));
                        } else if (value != null) {
                            look(file, "row", value.toString().getBytes(StandardCharsets.UTF_8));
                        }
                    }
                }
            }
            try (ResultSet row = statement.executeQuery(
                    "SELECT stats_min, stats_max, stats_min_value, stats_max_value FROM parquet_metadata(" + path
                            + ")")) {
                while (row.next()) {
                    for (int i = 1; i <= 4; i++) {
                        look(
                                file,
                                "statistics",
                                String.valueOf(row.getString(i)).getBytes(StandardCharsets.UTF_8));
                    }
                }
            }
        }
    }

    private void avro(Path file) throws IOException {
        try (DataFileStream<Object> blocks =
                new DataFileStream<>(Files.newInputStream(file), new GenericDatumReader<>())) {
            while (blocks.hasNext()) {
                ByteBuffer block = blocks.nextBlock();
                byte[] bytes = new byte[block.remaining()];
                block.get(bytes);
                look(file, "block", bytes);
                // Bounds are cut.
                for (String text : texts) {
                    String bound = text.substring(0, Math.min(text.length(), 16));
                    if (bound.matches("[0-9a-f-]+") && indexOf(bytes, bound.getBytes(StandardCharsets.UTF_8)) >= 0) {
                        found.add(root.relativize(file) + " bound: " + bound);
                    }
                }
            }
        }
    }

    private void lucene(Path folder) throws IOException {
        try (DirectoryReader reader = DirectoryReader.open(FSDirectory.open(folder))) {
            for (LeafReaderContext leaf : reader.leaves()) {
                for (int i = 0; i < leaf.reader().maxDoc(); i++) {
                    Document document = leaf.reader().storedFields().document(i);
                    look(folder, "stored", document.toString().getBytes(StandardCharsets.UTF_8));
                }
                for (var field : leaf.reader().getFieldInfos()) {
                    Terms terms = leaf.reader().terms(field.name);
                    if (terms != null) {
                        TermsEnum each = terms.iterator();
                        for (BytesRef term = each.next(); term != null; term = each.next()) {
                            look(folder, "term of " + field.name, BytesRef.deepCopyOf(term).bytes);
                            // A word that is the end of a text, as the index takes them apart.
                            String word = term.isValid() ? term.utf8ToString() : "";
                            for (String text : texts) {
                                String last = text.substring(text.lastIndexOf('-') + 1)
                                        .toLowerCase(Locale.ROOT);
                                if (last.length() > 20 && word.equals(last)) {
                                    found.add(folder + " word: " + word);
                                }
                            }
                        }
                    }
                }
            }
        }
    }

    private void look(Path file, String how, byte[] bytes) {
        for (String text : texts) {
            if (indexOf(bytes, text.getBytes(StandardCharsets.UTF_8)) >= 0) {
                found.add(root.relativize(file) + " " + how + ": " + text);
            }
        }
    }

    private static int indexOf(byte[] bytes, byte[] wanted) {
        outer:
        for (int i = 0; i <= bytes.length - wanted.length; i++) {
            for (int j = 0; j < wanted.length; j++) {
                if (bytes[i + j] != wanted[j]) {
                    continue outer;
                }
            }
            return i;
        }
        return -1;
    }
}
