package io.hypaware.project.websocket;

import io.hypaware.journal.Direction;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.Optional;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;

/// Reads the messages of one side out of its frames. What is torn at the end is left out; what is against the protocol
/// ends the reading, and is said in [#problem()].
final class MessageReader implements AutoCloseable {

    /// As much as the gateway records of a body; what a message unpacks to has no end otherwise.
    private static final int MOST_MESSAGE_BYTES = 64 << 20;

    /// What deflate may refer back to.
    private static final int WINDOW_BYTES = 32 * 1024;

    /// Ends each message that is compressed, and is not sent (RFC 7692, 7.2.1).
    private static final byte[] TAIL = {0, 0, (byte) 0xff, (byte) 0xff};

    private static final String TOO_LONG = "a message is longer than " + MOST_MESSAGE_BYTES + " bytes";

    private static final int CONTINUATION = 0;
    private static final int TEXT = 1;
    private static final int BINARY = 2;
    private static final int CLOSE = 8;

    private final Direction from;
    private final TapeStream tape;
    private final Inflater inflater = new Inflater(true);
    private byte[] window;
    private boolean freshInflater = true;
    private Optional<String> problem = Optional.empty();
    private Optional<String> note = Optional.empty();

    /// @param window what was unpacked last before the recording began, empty at the beginning of a connection
    MessageReader(Direction from, InputStream records, byte[] window) {
        this.from = from;
        this.tape = new TapeStream(records);
        this.window = window;
    }

    /// What was unpacked last, for the recording that follows.
    byte[] window() {
        return window.clone();
    }

    /// Why not all of it could be read.
    Optional<String> problem() {
        return problem.or(() -> note);
    }

    /// False if the bytes are not all there.
    private boolean skip(long length) throws IOException {
        try {
            tape.skipNBytes(length);
            return true;
        } catch (EOFException e) {
            return false;
        }
    }

    /// The next message, or nothing at the end.
    Optional<Message> next() throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        long began = 0;
        int opcode = -1;
        boolean compressed = false;
        while (problem.isEmpty()) {
            int first = tape.read();
            int second = tape.read();
            if (second < 0) {
                return Optional.empty();
            }
            long frameMicros = tape.micros();
            long length = length(second & 0x7f);
            byte[] mask = (second & 0x80) == 0 ? new byte[0] : tape.readNBytes(4);
            int code = first & 0x0f;
            if (length < 0 || length > MOST_MESSAGE_BYTES - bytes.size()) {
                if (length < 0 || !skip(length)) {
                    return Optional.empty();
                }
                note = Optional.of(TOO_LONG);
                if (compressed || (first & 0x40) != 0) {
                    // What follows may refer back to it.
                    problem = note;
                    return Optional.empty();
                }
                // Its place is kept, so that what was said in answer to it is.
                bytes.reset();
                opcode = code == CONTINUATION ? opcode : code;
                began = frameMicros;
                if ((first & 0x80) != 0) {
                    return message(Math.max(opcode, TEXT), began, bytes.toByteArray());
                }
                continue;
            }
            byte[] payload = tape.readNBytes((int) length);
            if (payload.length < length) {
                return Optional.empty();
            }
            unmask(payload, mask);
            if (code == CLOSE) {
                return Optional.of(new Message(from, frameMicros, tape.micros(), Message.Kind.CLOSE, payload));
            }
            if (code > CLOSE) {
                continue;
            }
            if ((code == CONTINUATION) != (opcode >= 0)) {
                problem = Optional.of("frames do not make messages");
                return Optional.empty();
            }
            if (code != CONTINUATION) {
                opcode = code;
                began = frameMicros;
                compressed = (first & 0x40) != 0;
            }
            bytes.writeBytes(payload);
            if ((first & 0x80) != 0) {
                return message(opcode, began, compressed ? unpacked(bytes.toByteArray()) : bytes.toByteArray());
            }
        }
        return Optional.empty();
    }

    private Optional<Message> message(int opcode, long began, byte[] bytes) {
        if (problem.isPresent()) {
            return Optional.empty();
        }
        if (opcode != TEXT && opcode != BINARY) {
            problem = Optional.of("a frame is of the unknown kind " + opcode);
            return Optional.empty();
        }
        Message.Kind kind = opcode == TEXT ? Message.Kind.TEXT : Message.Kind.BINARY;
        return Optional.of(new Message(from, began, tape.micros(), kind, bytes));
    }

    private long length(int said) throws IOException {
        int more = said == 126 ? 2 : said == 127 ? 8 : 0;
        long length = more == 0 ? said : 0;
        for (int i = 0; i < more; i++) {
            length = length << 8 | (tape.read() & 0xff);
        }
        return length;
    }

    private static void unmask(byte[] payload, byte[] mask) {
        for (int i = 0; mask.length == 4 && i < payload.length; i++) {
            payload[i] ^= mask[i & 3];
        }
    }

    private byte[] unpacked(byte[] packed) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        byte[] piece = new byte[1 << 14];
        boolean tooLong = false;
        try {
            if (freshInflater && window.length > 0) {
                inflater.setDictionary(window);
            }
            freshInflater = false;
            for (byte[] input : new byte[][] {packed, TAIL}) {
                inflater.setInput(input);
                while (true) {
                    int count = inflater.inflate(piece);
                    out.write(piece, 0, count);
                    if (out.size() > MOST_MESSAGE_BYTES) {
                        // Gone on with for what follows, which may refer back to its end.
                        note = Optional.of(TOO_LONG);
                        tooLong = true;
                        remember(out.toByteArray());
                        out.reset();
                    }
                    if (inflater.finished()) {
                        // A sender may end its stream with each message.
                        inflater.reset();
                    }
                    if (count == 0) {
                        break;
                    }
                }
            }
        } catch (DataFormatException | IllegalArgumentException e) {
            problem = Optional.of("a message cannot be unpacked: " + e.getMessage());
            return new byte[0];
        }
        byte[] unpacked = out.toByteArray();
        remember(unpacked);
        return tooLong ? new byte[0] : unpacked;
    }

    private void remember(byte[] unpacked) {
        if (unpacked.length >= WINDOW_BYTES) {
            window = Arrays.copyOfRange(unpacked, unpacked.length - WINDOW_BYTES, unpacked.length);
            return;
        }
        int kept = Math.min(window.length, WINDOW_BYTES - unpacked.length);
        byte[] joined = Arrays.copyOfRange(window, window.length - kept, window.length + unpacked.length);
        System.arraycopy(unpacked, 0, joined, kept, unpacked.length);
        window = joined;
    }

    @Override
    public void close() throws IOException {
        inflater.end();
        tape.close();
    }
}
