package io.hypaware.project;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.logging.Level;
import java.util.logging.Logger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Who speaks from where, by the beginning of a body that nobody reads whole: too large, broken, or of no known kind.
public final class Beginning {

    private static final Logger LOG = Logger.getLogger(Beginning.class.getName());

    private static final int BYTES = 1 << 20;

    /// In a request's `metadata.user_id`, which may be JSON within JSON, or in a report of the agent's own.
    private static final Pattern SESSION =
            Pattern.compile("\\\\?\"session_id\\\\?\"\\s*:\\s*\\\\?\"([\\w-]{8,100})|_session_([0-9a-f-]{36})");

    /// What the headers do not say, the body may.
    public static Projector.Whence of(Exchange exchange) {
        Projector.Whence headers = Projector.Whence.of(exchange.captured());
        if (exchange.captured().requestBytes() == 0) {
            return headers;
        }
        String text = text(exchange);
        return new Projector.Whence(
                headers.session().or(() -> session(text)),
                headers.agent(),
                WorkingFolder.of(text.replace("\\n", "\n")).path().map(path -> path.split("[\"\\\\]", 2)[0]));
    }

    private static Optional<String> session(String text) {
        Matcher found = SESSION.matcher(text);
        return found.find()
                ? Optional.ofNullable(found.group(1)).or(() -> Optional.of(found.group(2)))
                : Optional.empty();
    }

    private static String text(Exchange exchange) {
        try (InputStream in = exchange.readableRequest().open()) {
            return new String(in.readNBytes(BYTES), StandardCharsets.UTF_8);
        } catch (IOException e) {
            LOG.log(Level.FINE, "a body cannot be read", e);
            return "";
        }
    }

    private Beginning() {}
}
