package io.hypaware.secret;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.Reader;
import java.io.StringReader;
import java.io.StringWriter;
import java.io.UncheckedIOException;

/// A recorded body without its secrets: JSON stays JSON, a stream of events the same events, and a secret that came in
/// pieces is in none of them. Whatever its length, it takes the same memory.
public final class BodyRedaction {

    /// Opens the body from its first character.
    @FunctionalInterface
    public interface Source {
        Reader open() throws IOException;
    }

    private final Redactor redactor;
    private final Source source;
    private final Deltas deltas;

    /// @param mayBeStreamed whether its lines may be events that have pieces of one text
    public BodyRedaction(Redactor redactor, Source source, boolean mayBeStreamed) throws IOException {
        this.redactor = redactor;
        this.source = source;
        this.deltas = new Deltas(redactor);
        if (mayBeStreamed) {
            try (Reader in = source.open()) {
                EventLines lines = new EventLines(new BufferedReader(in));
                for (String line = lines.next(); line != null; line = lines.next()) {
                    deltas.look(line);
                }
            }
            deltas.end();
        }
    }

    /// A text that is held.
    public static String of(Redactor redactor, String text) {
        StringWriter out = new StringWriter(text.length());
        try (Reader in = new RedactingReader(redactor, new StringReader(text))) {
            in.transferTo(out);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return out.toString();
    }

    /// Whether it has secrets.
    public boolean isNeeded() throws IOException {
        if (deltas.any()) {
            return true;
        }
        try (RedactingReader in = new RedactingReader(redactor, source.open())) {
            // The first one decides.
            char[] forgotten = new char[1 << 13];
            while (in.secrets() == 0) {
                if (in.read(forgotten) < 0) {
                    return false;
                }
            }
            return true;
        }
    }

    /// The body without them.
    public Reader open() throws IOException {
        Reader in = source.open();
        return new RedactingReader(redactor, deltas.any() ? new EventLines.Rewritten(in, deltas.new Rewriter()) : in);
    }
}
