package io.hypaware.project.websocket;

import io.hypaware.journal.Direction;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/// What a recording that goes on leaves to the one that follows it: calls that are not answered, and what came of the
/// first one's answer.
record Pending(List<Message> asked, List<Message> answer) {

    static final Pending NOTHING = new Pending(List.of(), List.of());

    static Pending read(byte[] bytes) throws IOException {
        if (bytes.length == 0) {
            return NOTHING;
        }
        DataInputStream in = new DataInputStream(new ByteArrayInputStream(bytes));
        return new Pending(messages(in, Direction.REQUEST), messages(in, Direction.RESPONSE));
    }

    private static List<Message> messages(DataInputStream in, Direction from) throws IOException {
        int count = in.readInt();
        List<Message> messages = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            long micros = in.readLong();
            long endMicros = in.readLong();
            Message.Kind kind = Message.Kind.valueOf(in.readUTF());
            messages.add(new Message(from, micros, endMicros, kind, in.readNBytes(in.readInt())));
        }
        return messages;
    }

    byte[] toBytes() {
        if (asked.isEmpty()) {
            return new byte[0];
        }
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try {
            DataOutputStream out = new DataOutputStream(bytes);
            write(out, asked);
            write(out, answer);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }

    private static void write(DataOutputStream out, Collection<Message> messages) throws IOException {
        out.writeInt(messages.size());
        for (Message message : messages) {
            out.writeLong(message.micros());
            out.writeLong(message.endMicros());
            out.writeUTF(message.kind().name());
            out.writeInt(message.bytes().length);
            out.write(message.bytes());
        }
    }
}
