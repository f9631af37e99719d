package io.hypaware.legacy;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.commons.io.input.BoundedInputStream;

/// Rows that the older program had not flushed: lines of `{"version":1,"columns":[...],"rows":[...]}`. A line is
/// whole or it does not count; one that is torn hides no other.
final class Spool {

    private static final ObjectMapper JSON = new ObjectMapper(JsonFactory.builder()
            .streamReadConstraints(StreamReadConstraints.builder()
                    .maxStringLength(Integer.MAX_VALUE)
                    .build())
            .build());
    private static final String VERSION = "1";
    private static final int PIECE_BYTES = 64 * 1024;

    private final List<Path> files;

    private Spool(List<Path> files) {
        this.files = files;
    }

    /// `flush-*.jsonl` in their order, then `active.jsonl`.
    static Spool of(Path folder) throws IOException {
        try (Stream<Path> found = Files.list(folder)) {
            List<Path> flushes = found.filter(f -> {
                        String name = f.getFileName().toString();
                        return name.startsWith("flush-") && name.endsWith(".jsonl");
                    })
                    .sorted()
                    .collect(Collectors.toCollection(ArrayList::new));
            Path active = folder.resolve("active.jsonl");
            if (Files.exists(active)) {
                flushes.add(active);
            }
            return new Spool(flushes);
        }
    }

    List<Path> files() {
        return files;
    }

    /// Names and sizes: what changes when the older program goes on.
    String state() {
        return files.stream().map(f -> f.getFileName() + ":" + size(f)).collect(Collectors.joining(" "));
    }

    /// Hands over every row of one file, and a note for each line that is torn.
    static void read(Path file, Consumer<JsonNode> rows, Consumer<String> notes) throws IOException {
        try (FileChannel channel = FileChannel.open(file)) {
            long start = 0;
            int line = 1;
            int whole = 0;
            int torn = 0;
            while (start < channel.size()) {
                long end = endOfLine(channel, start);
                if (end > start) {
                    if (isWhole(channel, start, end)) {
                        readRows(file, channel, start, end, rows);
                        whole++;
                    } else {
                        // The last line may be torn by a crash; one that another follows is something else.
                        torn += end < channel.size() ? 1 : 0;
                        notes.accept("line %d of %s, from byte %d, is torn; its rows were never whole"
                                .formatted(line, file, start));
                    }
                }
                start = end + 1;
                line++;
            }
            if (whole == 0 && torn > 0) {
                throw new IOException(file + " holds no whole line but " + torn
                        + " that are torn; it was left alone. Restore it from a copy, or move it away");
            }
        }
    }

    private static long endOfLine(FileChannel channel, long start) throws IOException {
        InputStream in = new BufferedInputStream(range(channel, start, channel.size()), PIECE_BYTES);
        long at = start;
        for (int b = in.read(); b >= 0 && b != '\n'; b = in.read()) {
            at++;
        }
        return at;
    }

    private static boolean isWhole(FileChannel channel, long start, long end) throws IOException {
        try (JsonParser parser = JSON.getFactory().createParser(range(channel, start, end))) {
            if (parser.nextToken() != JsonToken.START_OBJECT) {
                return false;
            }
            parser.skipChildren();
            return parser.currentToken() == JsonToken.END_OBJECT && parser.nextToken() == null;
        } catch (com.fasterxml.jackson.core.JsonProcessingException e) {
            return false;
        }
    }

    private static void readRows(Path file, FileChannel channel, long start, long end, Consumer<JsonNode> rows)
            throws IOException {
        try (JsonParser parser = JSON.getFactory().createParser(range(channel, start, end))) {
            parser.nextToken();
            while (parser.nextToken() == JsonToken.FIELD_NAME) {
                boolean isRows = parser.currentName().equals("rows");
                boolean isVersion = parser.currentName().equals("version");
                JsonToken value = parser.nextToken();
                if (isVersion && !parser.getText().equals(VERSION)) {
                    throw new IOException(
                            file + " has lines of version " + parser.getText() + ", and this program knows " + VERSION
                                    + "; it was left alone. A newer HypAware may read it");
                }
                if (isRows && value == JsonToken.START_ARRAY) {
                    while (parser.nextToken() == JsonToken.START_OBJECT) {
                        rows.accept(JSON.readTree(parser));
                    }
                } else {
                    parser.skipChildren();
                }
            }
        }
    }

    /// A stream over part of a file; closing it leaves the channel open.
    private static InputStream range(FileChannel channel, long start, long end) throws IOException {
        channel.position(start);
        return BoundedInputStream.builder()
                .setInputStream(Channels.newInputStream(channel))
                .setMaxCount(end - start)
                .setPropagateClose(false)
                .get();
    }

    private static long size(Path file) {
        try {
            return Files.size(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
