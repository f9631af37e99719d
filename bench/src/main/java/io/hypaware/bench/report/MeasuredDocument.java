package io.hypaware.bench.report;

import io.hypaware.home.AsideFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// A document of which some blocks are written by the benches, each between a line `<!-- measured: NAME -->` and a line
/// `<!-- end -->`. All around them stays as it is, byte for byte.
public final class MeasuredDocument {

    private static final Pattern MARKER = Pattern.compile(
            "^<!-- *(?:measured: *(?<name>[a-z0-9-]+)|(?<end>end)) *-->[ \\t]*\\r?$",
            Pattern.MULTILINE | Pattern.UNIX_LINES);

    private final String text;
    private final Map<String, Span> blocks;

    /// What lies between two markers.
    private record Span(int begin, int end) {}

    private MeasuredDocument(String text, Map<String, Span> blocks) {
        this.text = text;
        this.blocks = blocks;
    }

    /// @throws BrokenDocumentException if a marker of any block is doubled, or lacks its other half
    static MeasuredDocument parse(String text) {
        Map<String, Span> blocks = new LinkedHashMap<>();
        Optional<String> open = Optional.empty();
        int begin = 0;
        Matcher marker = MARKER.matcher(text);
        while (marker.find()) {
            int line = 1
                    + (int) text.chars()
                            .limit(marker.start())
                            .filter(c -> c == '\n')
                            .count();
            if (marker.group("end") != null) {
                String name = open.orElseThrow(
                        () -> new BrokenDocumentException("line " + line + " ends a block that no line begins"));
                blocks.put(name, new Span(begin, marker.start()));
                open = Optional.empty();
                continue;
            }
            String name = marker.group("name");
            open.ifPresent(unended -> {
                throw new BrokenDocumentException(
                        "line " + line + " begins the block of " + name + " within that of " + unended);
            });
            if (blocks.containsKey(name)) {
                throw new BrokenDocumentException("line " + line + " begins the block of " + name + " a second time");
            }
            open = Optional.of(name);
            begin = Math.min(text.length(), marker.end() + 1);
        }
        open.ifPresent(unended -> {
            throw new BrokenDocumentException("the block of " + unended + " has no line <!-- end -->");
        });
        return new MeasuredDocument(text, blocks);
    }

    public static MeasuredDocument read(Path file) throws IOException {
        return parse(Files.readString(file));
    }

    /// @throws BrokenDocumentException if a section has no block
    public void require(List<String> sections) {
        for (String section : sections) {
            span(section);
        }
    }

    /// With lines that end with `\n`.
    String block(String section) {
        Span span = span(section);
        return text.substring(span.begin(), span.end()).replace("\r\n", "\n");
    }

    /// The document with another block, whose lines end as its others do.
    String with(String section, String block) {
        Span span = span(section);
        String lines = text.contains("\r\n") ? block.replace("\n", "\r\n") : block;
        return text.substring(0, span.begin()) + lines + text.substring(span.end());
    }

    /// Writes another block into a file, whole or not at all. It is read again first, as measuring takes long and
    /// somebody may have written beside.
    public static void replace(Path file, String section, BlockEdit edit) throws IOException {
        MeasuredDocument now = read(file);
        AsideFile.write(file, now.with(section, edit.instead(now.block(section))));
    }

    /// What a block becomes.
    @FunctionalInterface
    public interface BlockEdit {
        String instead(String before);
    }

    private Span span(String section) {
        Span span = blocks.get(section);
        if (span == null) {
            throw new BrokenDocumentException("there is no line <!-- measured: " + section + " -->");
        }
        return span;
    }

    /// The document cannot take what is measured.
    public static final class BrokenDocumentException extends RuntimeException {
        private static final long serialVersionUID = 1L;

        BrokenDocumentException(String message) {
            super(message);
        }
    }
}
