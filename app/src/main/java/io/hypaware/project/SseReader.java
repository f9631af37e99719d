package io.hypaware.project;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/// Reads server-sent events: the data of each, in order (WHATWG HTML, 9.2.6). Unlike there, an event that the
/// stream's end cuts off is given, too: some senders leave out the last empty line, and whether its data is
/// whole, the data says.
public final class SseReader {

    private final BufferedReader in;
    private boolean first = true;

    public SseReader(InputStream in) {
        this.in = new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8));
    }

    /// The data of the next event, or null at the end.
    public @Nullable String next() throws IOException {
        StringBuilder data = new StringBuilder();
        boolean any = false;
        for (String line = in.readLine(); line != null; line = in.readLine()) {
            if (first) {
                first = false;
                line = line.startsWith("\uFEFF") ? line.substring(1) : line;
            }
            if (line.isEmpty()) {
                if (any) {
                    return data.toString();
                }
            } else if (line.startsWith("data:")) {
                data.append(any ? "\n" : "").append(line, line.startsWith("data: ") ? 6 : 5, line.length());
                any = true;
            }
        }
        return any ? data.toString() : null;
    }
}
