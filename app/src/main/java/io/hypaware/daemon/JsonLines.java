package io.hypaware.daemon;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.logging.Formatter;
import java.util.logging.LogRecord;

/// A log as JSON, a line each: time, level, who says it, what, and what was thrown.
final class JsonLines extends Formatter {

    private static final ObjectMapper JSON = new ObjectMapper();

    /// A fault within a fault may have no end.
    private static final int MOST_THROWN = 16_000;

    @Override
    public String format(LogRecord record) {
        ObjectNode line = JSON.createObjectNode()
                .put("at", record.getInstant().toString())
                .put("level", record.getLevel().getName())
                .put("logger", record.getLoggerName())
                .put("message", formatMessage(record));
        if (record.getThrown() != null) {
            StringWriter thrown = new StringWriter();
            record.getThrown().printStackTrace(new PrintWriter(thrown, true));
            String text = thrown.toString();
            line.put("thrown", text.substring(0, Math.min(text.length(), MOST_THROWN)));
        }
        return line + "\n";
    }
}
