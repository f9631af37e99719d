package io.hypaware.project.anthropic;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import io.hypaware.project.Json;
import io.hypaware.project.message.AnswerBody;
import java.io.CharConversionException;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Reads events out of an AWS event stream (`application/vnd.amazon.eventstream`): frames of a length,
/// headers, a payload and checksums; the payload of Bedrock's frames holds the event in base64. What is
/// torn ends the stream.
final class EventStream implements AnswerBody.EventSource {

    static final String TYPE = "application/vnd.amazon.eventstream";

    /// As AWS bounds a frame.
    private static final int MOST_FRAME_BYTES = 24 << 20;

    private static final int PRELUDE_BYTES = 12;
    private static final int CHECKSUM_BYTES = 4;

    private final DataInputStream in;

    EventStream(InputStream in) {
        this.in = new DataInputStream(in);
    }

    @Override
    public @Nullable String next() throws IOException {
        try {
            int length = in.readInt();
            int headers = in.readInt();
            in.skipNBytes(CHECKSUM_BYTES);
            int payload = length - PRELUDE_BYTES - headers - CHECKSUM_BYTES;
            if (length < PRELUDE_BYTES || length > MOST_FRAME_BYTES || headers < 0 || headers > length || payload < 0) {
                return null;
            }
            in.skipNBytes(headers);
            byte[] bytes = in.readNBytes(payload);
            in.skipNBytes(CHECKSUM_BYTES);
            return event(bytes);
        } catch (EOFException e) {
            return null;
        }
    }

    /// The event that a payload holds; what holds none, such as an exception of the service, is an error.
    private static String event(byte[] payload) throws IOException {
        JsonNode frame;
        try {
            frame = Json.MAPPER.readTree(payload);
        } catch (JsonProcessingException | CharConversionException e) {
            return "";
        }
        Optional<String> encoded = Json.textAt(frame, "bytes");
        if (encoded.isPresent()) {
            try {
                return new String(Base64.getDecoder().decode(encoded.get()), StandardCharsets.UTF_8);
            } catch (IllegalArgumentException e) {
                return "";
            }
        }
        return Json.text(Json.object().set("error", frame));
    }
}
