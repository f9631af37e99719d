package io.hypaware.maintain;

import io.hypaware.dataset.Column;
import io.hypaware.dataset.ColumnType;
import io.hypaware.dataset.Row;
import io.hypaware.journal.CapturedExchange;
import io.hypaware.project.Body;
import io.hypaware.project.Exchange;
import io.hypaware.secret.BodyRedaction;
import io.hypaware.secret.Redactor;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.Reader;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.apache.commons.io.input.ReaderInputStream;
import org.apache.commons.io.output.NullWriter;

/// What is recorded as it is stored where the user wants no secret stored. Of an exchange, rows and bodies are both
/// made
/// of what is left. A
/// body without a secret stays as it was sent, byte for byte; another one is in the clear, without its
/// `content-encoding`.
final class StoredRedaction {

    private static final String CODING = "content-encoding";

    private final Redactor redactor;

    StoredRedaction(Redactor redactor) {
        this.redactor = redactor;
    }

    boolean isOn() {
        return redactor.isOn();
    }

    Exchange of(Exchange exchange) throws IOException {
        if (!isOn()) {
            return exchange;
        }
        CapturedExchange captured = exchange.captured().withErrorAs(redactor::text);
        Optional<Body> request = redacted(exchange.readableRequest(), false);
        Optional<Body> response = redacted(exchange.readableResponse(), true);
        if (request.isPresent()) {
            captured = captured.withoutRequestHeader(CODING);
        }
        if (response.isPresent()) {
            captured = captured.withoutResponseHeader(CODING);
        }
        return new Exchange(captured, request.orElse(exchange.request()), response.orElse(exchange.response()));
    }

    /// A row of telemetry, whose texts are what was sent.
    Row of(Row row) {
        Row stored = row;
        if (isOn()) {
            for (Column column : row.dataset().columns()) {
                boolean isText = column.type() == ColumnType.STRING || column.type() == ColumnType.JSON;
                if (isText && row.value(column.name()).orElse("") instanceof String text && !text.isEmpty()) {
                    String left = BodyRedaction.of(redactor, text);
                    stored = left.equals(text) ? stored : stored.with(column.name(), left);
                }
            }
        }
        return stored;
    }

    /// The body without its secrets; nothing if it has none.
    private Optional<Body> redacted(Body body, boolean mayBeStreamed) throws IOException {
        // What is no text keeps its bytes around what is left out.
        Charset charset = isUtf8(body) ? StandardCharsets.UTF_8 : StandardCharsets.ISO_8859_1;
        BodyRedaction redaction =
                new BodyRedaction(redactor, () -> new InputStreamReader(body.open(), charset), mayBeStreamed);
        if (!redaction.isNeeded()) {
            return Optional.empty();
        }
        return Optional.of(new Body(() -> bytes(redaction.open(), charset)));
    }

    private static InputStream bytes(Reader text, Charset charset) throws IOException {
        return ReaderInputStream.builder().setReader(text).setCharset(charset).get();
    }

    private static boolean isUtf8(Body body) throws IOException {
        Optional<byte[]> held = body.bytes();
        try (InputStream in = held.isPresent() ? new ByteArrayInputStream(held.get()) : body.open();
                Reader text = new InputStreamReader(in, StandardCharsets.UTF_8.newDecoder())) {
            text.transferTo(NullWriter.INSTANCE);
            return true;
        } catch (CharacterCodingException e) {
            return false;
        }
    }
}
