package io.hypaware.testing;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.zip.Deflater;

/// What one side of a WebSocket said, as the gateway records it: a message a frame, a frame a record.
/// The n-th answer comes after the n-th question.
public final class Tapes {

    private static final byte[] MASK = {1, 2, 3, 4};

    public static byte[] client(boolean compressed, String... messages) throws IOException {
        return tape(1_000, true, compressed, messages);
    }

    public static byte[] provider(boolean compressed, String... messages) throws IOException {
        return tape(1_005, false, compressed, messages);
    }

    /// The records that a tape is.
    public static List<byte[]> records(byte[] tape) throws IOException {
        List<byte[]> records = new ArrayList<>();
        DataInputStream in = new DataInputStream(new ByteArrayInputStream(tape));
        while (in.available() > 0) {
            ByteArrayOutputStream record = new ByteArrayOutputStream();
            DataOutputStream out = new DataOutputStream(record);
            out.writeLong(in.readLong());
            int length = in.readInt();
            out.writeInt(length);
            out.write(in.readNBytes(length));
            records.add(record.toByteArray());
        }
        return records;
    }

    public static byte[] joined(List<byte[]> records) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        records.forEach(out::writeBytes);
        return out.toByteArray();
    }

    private static byte[] tape(long micros, boolean masked, boolean compressed, String... messages) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        DataOutputStream out = new DataOutputStream(bytes);
        Deflater deflater = new Deflater(Deflater.DEFAULT_COMPRESSION, true);
        long at = micros;
        for (String message : messages) {
            byte[] text = message.getBytes(StandardCharsets.UTF_8);
            byte[] frame = frame(compressed ? packed(deflater, text) : text, masked, compressed);
            out.writeLong(at);
            at += 10;
            out.writeInt(frame.length);
            out.write(frame);
        }
        deflater.end();
        return bytes.toByteArray();
    }

    /// With the end that every message has left away (RFC 7692, 7.2.1).
    private static byte[] packed(Deflater deflater, byte[] text) {
        deflater.setInput(text);
        byte[] room = new byte[text.length + 1_024];
        int length = deflater.deflate(room, 0, room.length, Deflater.SYNC_FLUSH);
        return length < 4 ? new byte[] {0} : Arrays.copyOf(room, length - 4);
    }

    /// A text message as one frame, as it stands on the wire.
    public static byte[] message(String text, boolean masked) throws IOException {
        return frame(text.getBytes(StandardCharsets.UTF_8), masked, false);
    }

    private static byte[] frame(byte[] payload, boolean masked, boolean compressed) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        DataOutputStream out = new DataOutputStream(bytes);
        out.write(0x81 | (compressed ? 0x40 : 0));
        int mask = masked ? 0x80 : 0;
        if (payload.length < 126) {
            out.write(mask | payload.length);
        } else if (payload.length < 65_536) {
            out.write(mask | 126);
            out.writeShort(payload.length);
        } else {
            out.write(mask | 127);
            out.writeLong(payload.length);
        }
        if (masked) {
            out.write(MASK);
        }
        for (int i = 0; i < payload.length; i++) {
            out.write(masked ? payload[i] ^ MASK[i & 3] : payload[i]);
        }
        return bytes.toByteArray();
    }

    private Tapes() {}
}
