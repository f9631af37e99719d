package io.hypaware.project.websocket;

import java.io.ByteArrayOutputStream;
import java.util.Base64;
import java.util.List;

/// Messages as the lines of one text: those of text as they are, others in base64.
final class Lines {

    static byte[] of(List<Message> messages) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        for (Message message : messages) {
            byte[] line = switch (message.kind()) {
                case TEXT -> inOneLine(message.bytes());
                case BINARY -> Base64.getEncoder().encode(message.bytes());
                case CLOSE -> new byte[0];
            };
            if (line.length > 0) {
                out.writeBytes(line);
                out.write('\n');
            }
        }
        return out.toByteArray();
    }

    /// JSON may be broken into lines between its values.
    private static byte[] inOneLine(byte[] text) {
        byte[] line = text.clone();
        for (int i = 0; i < line.length; i++) {
            if (line[i] == '\n' || line[i] == '\r') {
                line[i] = ' ';
            }
        }
        return line;
    }

    private Lines() {}
}
